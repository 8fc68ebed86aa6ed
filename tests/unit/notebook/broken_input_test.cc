// Every way a notebook can be broken: what is said, where, and what to do next.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "nbreplay/notebook/notebook.h"

#include "unit/notebook/notebook_texts.h"

namespace nbreplay {
namespace {

using testing::HasSubstr;

struct BrokenInput {
  std::string name;
  std::string text;
  std::string message;  ///< a part of it
  std::string cause;
  std::string hint;
};

void PrintTo(const BrokenInput& input, std::ostream* out) {
  *out << input.name;
}

std::string in_cell(std::string_view member) {
  return "{\"cells\": [{\"cell_type\": \"markdown\", \"metadata\": {}, \"source\": []},\n"
         "{\"cell_type\": \"code\", " +
         std::string(member) + "}],\n\"metadata\": {}, \"nbformat\": 4, \"nbformat_minor\": 5}";
}

std::string output(std::string_view text) {
  return in_cell("\"source\": \"\", \"outputs\": [" + std::string(text) + "]");
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

class Broken : public testing::TestWithParam<BrokenInput> {};

TEST_P(Broken, IsRefusedWithPlaceReasonAndNextStep) {
  const BrokenInput& input = GetParam();
  const auto result = parse_notebook(input.text, "bad.ipynb");
  ASSERT_FALSE(result.has_value());
  const Error& error = result.error();
  EXPECT_EQ(error.code, ErrorCode::kBadInput);
  EXPECT_THAT(error.message, HasSubstr("bad.ipynb: " + input.message));
  EXPECT_THAT(error.cause, HasSubstr(input.cause));
  EXPECT_FALSE(error.hint.empty());
  EXPECT_THAT(error.hint, HasSubstr(input.hint));
}

INSTANTIATE_TEST_SUITE_P(
    Text, Broken,
    testing::Values(
        BrokenInput{"Empty", "", "the file is empty", "JSON document", "checkpoints"},
        BrokenInput{"Blank", " \n\t ", "the file is empty", "", ""},
        BrokenInput{"PlainText", "print('hello')", "not valid JSON at line 1, column 1",
                    "expected a value, found `p`", "editor"},
        BrokenInput{"CutOffInString", "{\"cells\": [\n{\"source\": [\"abc",
                    "not valid JSON at line 2, column 17", "found the end of the file",
                    "its end is missing"},
        BrokenInput{"CutOffInList", "{\"cells\": [", "not valid JSON at line 1, column 12",
                    "expected a value, found the end of the file", "its end is missing"},
        BrokenInput{"CutOffInObject", "{\"nbformat\": 4", "not valid JSON at line 1, column 15",
                    "expected `,` or `}`, found the end", "its end is missing"},
        BrokenInput{"CutOffInNumber", "{\"nbformat\": -", "not valid JSON", "expected a digit",
                    "its end is missing"},
        BrokenInput{"TrailingComma", "{\"cells\": [1,]}", "not valid JSON at line 1, column 14",
                    "expected a value, found `]`", ""},
        BrokenInput{"MissingComma", "{\"a\": 1\n \"b\": 2}", "not valid JSON at line 2, column 2",
                    "expected `,` or `}`, found `\"`", ""},
        BrokenInput{"SingleQuotes", "{'a': 1}", "not valid JSON at line 1, column 2",
                    "expected a key or `}`, found `'`", ""},
        BrokenInput{"MissingColon", "{\"a\" 1}", "not valid JSON", "expected `:`, found `1`", ""},
        BrokenInput{"TwoDocuments", "{}{}", "not valid JSON at line 1, column 3",
                    "expected the end of the file, found `{`", ""},
        BrokenInput{"BadWord", "{\"a\": nul}", "not valid JSON", "expected `null`, found `}`", ""},
        BrokenInput{"LeadingZero", "{\"a\": 01}", "not valid JSON", "found `1`", ""},
        BrokenInput{"NoFraction", "{\"a\": 1.}", "not valid JSON", "expected a digit", ""},
        BrokenInput{"BadEscape", "{\"a\": \"\\x41\"}", "not valid JSON", "expected an escape", ""},
        BrokenInput{"BadUnicodeEscape", "{\"a\": \"\\u12g4\"}", "not valid JSON",
                    "four hexadecimal digits", ""},
        BrokenInput{"RawNewlineInString", "{\"a\": \"x\ny\"}", "not valid JSON at line 1, column 9",
                    "control character 0x0a", ""},
        BrokenInput{"Nul", std::string("{\"a\": \0}", 8), "not valid JSON", "found byte 0x00", ""},
        BrokenInput{"ColumnCountsCharacters", "{\"\xc3\xa9\xc3\xa9\": x}",
                    "not valid JSON at line 1, column 8", "found `x`", ""},
        BrokenInput{"MergeConflict", "{\n<<<<<<< HEAD\n \"cells\": []", "not valid JSON at line 2",
                    "", "merge conflicts"},
        BrokenInput{"WebPage", "\n<!DOCTYPE html><html>", "not valid JSON", "", "web page"},
        BrokenInput{"LfsPointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00",
                    "not valid JSON", "", "git lfs pull"},
        BrokenInput{"Gzip", "\x1f\x8b\x08", "not valid JSON", "found byte 0x1f", ""},
        BrokenInput{"TooDeep", "{\"cells\": " + nested(501) + "}",
                    "too large or too deep at line 1", "more than 500 levels", "clear the outputs"},
        BrokenInput{"Latin1", "{\"cells\": [],\n\"author\": \"Jos\xe9\"}",
                    "not valid UTF-8 at byte 28 (line 2, column 15)", "byte 0xe9", "iconv"},
        BrokenInput{"RawSurrogate", "{\"a\": \"\xed\xa0\x80\"}", "not valid UTF-8 at byte 7",
                    "byte 0xed", "iconv"},
        BrokenInput{"Utf16", std::string("\xff\xfe{\0}\0", 6), "not UTF-8 but UTF-16", "",
                    "iconv -f UTF-16"},
        BrokenInput{"Utf16WithoutMark", std::string("{\0}\0", 4), "not UTF-8 but UTF-16", "", ""}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Shape, Broken,
    testing::Values(
        BrokenInput{"List", "[]", "is JSON but not a notebook", "its top level is a list", "path"},
        BrokenInput{"Number", "5", "is JSON but not a notebook", "its top level is a number", ""},
        BrokenInput{"OtherJson", "{\"name\": \"x\"}", "is JSON but not a notebook",
                    "neither `nbformat` nor `cells`", ""},
        BrokenInput{"NoVersion", "{\"cells\": []}", "is JSON but not a notebook",
                    "`nbformat` is missing", ""},
        BrokenInput{"NoCells", "{\"nbformat\": 4, \"metadata\": {}}", "is JSON but not a notebook",
                    "`cells` is missing", ""},
        BrokenInput{"Version1", "{\"nbformat\": 1, \"cells\": []}", "nbformat 1 is not supported",
                    "versions 3 and 4", "nbconvert"},
        BrokenInput{"Version2", "{\"nbformat\": 2, \"worksheets\": []}",
                    "nbformat 2 is not supported", "", "nbconvert"},
        BrokenInput{"Version5", "{\"nbformat\": 5, \"cells\": []}", "nbformat 5 is not supported",
                    "", "save it as nbformat 4"},
        BrokenInput{"VersionIsText", "{\n\"nbformat\": \"4\", \"cells\": []}",
                    "not a valid notebook at nbformat (line 2)", "expected a whole number", ""},
        BrokenInput{"MinorIsText", "{\"nbformat\": 4, \"nbformat_minor\": \"x\", \"cells\": []}",
                    "not a valid notebook at nbformat_minor", "expected a whole number", ""},
        BrokenInput{"CellsIsObject", "{\"nbformat\": 4, \"cells\": {}}",
                    "not a valid notebook at cells (line 1)", "expected a list, found an object",
                    "repair"},
        BrokenInput{"MetadataIsList", "{\"nbformat\": 4, \"metadata\": [], \"cells\": []}",
                    "not a valid notebook at metadata", "expected an object, found a list", ""},
        BrokenInput{"KernelspecIsText",
                    "{\"nbformat\": 4, \"metadata\": {\"kernelspec\": \"x\"}, \"cells\": []}",
                    "not a valid notebook at metadata.kernelspec", "expected an object", ""},
        BrokenInput{"CellIsText", "{\"nbformat\": 4, \"cells\": [\"x\"]}",
                    "not a valid notebook at cells[0]", "expected a cell (an object)", ""},
        BrokenInput{"NoCellType", "{\"nbformat\": 4, \"cells\": [{\"source\": \"\"}]}",
                    "not a valid notebook at cells[0]", "`cell_type` is missing", ""},
        BrokenInput{"CellTypeIsNull", "{\"nbformat\": 4, \"cells\": [{\"cell_type\": null}]}",
                    "not a valid notebook at cells[0].cell_type", "expected a string, found null",
                    ""},
        BrokenInput{"NoSource", in_cell("\"metadata\": {}"),
                    "not a valid notebook at cells[1] (line 2)", "`source` is missing", ""},
        BrokenInput{"SourceIsNumber", in_cell("\"source\": 5"),
                    "not a valid notebook at cells[1].source (line 2)",
                    "expected a string or a list of strings, found a number", ""},
        BrokenInput{"LineIsNumber", in_cell("\"source\": [\"a\",\n5]"),
                    "not a valid notebook at cells[1].source[1] (line 3)",
                    "expected a string, found a number", ""},
        BrokenInput{"IdIsNumber", in_cell("\"source\": \"\", \"id\": 3"),
                    "not a valid notebook at cells[1].id", "expected a string", ""},
        BrokenInput{"CellMetadataIsNull", in_cell("\"source\": \"\", \"metadata\": null"),
                    "not a valid notebook at cells[1].metadata", "expected an object, found null",
                    ""},
        BrokenInput{"TagsIsText", in_cell("\"source\": \"\", \"metadata\": {\"tags\": \"x\"}"),
                    "not a valid notebook at cells[1].metadata.tags", "expected a list of strings",
                    ""},
        BrokenInput{"TagIsNumber", in_cell("\"source\": \"\", \"metadata\": {\"tags\": [1]}"),
                    "not a valid notebook at cells[1].metadata.tags[0]", "expected a string", ""},
        BrokenInput{"CountIsText", in_cell("\"source\": \"\", \"execution_count\": \"*\""),
                    "not a valid notebook at cells[1].execution_count", "whole number or null", ""},
        BrokenInput{"CountIsHuge", in_cell("\"source\": \"\", \"execution_count\": 1e400"),
                    "not a valid notebook at cells[1].execution_count", "whole number or null", ""},
        BrokenInput{"OutputsIsObject", in_cell("\"source\": \"\", \"outputs\": {}"),
                    "not a valid notebook at cells[1].outputs", "expected a list", ""},
        BrokenInput{"OutputIsText", output("{\"output_type\": \"x\"}, \"y\""),
                    "not a valid notebook at cells[1].outputs[1]", "expected an object", ""},
        BrokenInput{"OutputWithoutType", output("{}"),
                    "not a valid notebook at cells[1].outputs[0]", "`output_type` is missing", ""},
        BrokenInput{"OutputTypeIsList", output("{\"output_type\": []}"),
                    "not a valid notebook at cells[1].outputs[0].output_type", "expected a string",
                    ""},
        BrokenInput{"EnameIsNumber", output("{\"output_type\": \"error\", \"ename\": 1}"),
                    "not a valid notebook at cells[1].outputs[0].ename", "expected a string", ""},
        BrokenInput{"TracebackIsText", output("{\"output_type\": \"error\", \"traceback\": \"x\"}"),
                    "not a valid notebook at cells[1].outputs[0].traceback",
                    "expected a list of strings, found a string", ""},
        BrokenInput{"TracebackLineIsNull",
                    output("{\"output_type\": \"error\", \"traceback\": [\"x\", null]}"),
                    "not a valid notebook at cells[1].outputs[0].traceback[1]", "found null", ""},
        BrokenInput{"WorksheetsMissing", "{\"nbformat\": 3}", "not a valid notebook at",
                    "`worksheets` is missing", ""},
        BrokenInput{"InputOfVersion3IsNumber",
                    "{\"nbformat\": 3, \"worksheets\": [{\"cells\": [\n"
                    "{\"cell_type\": \"code\", \"input\": [\"a\", 7]}]}]}",
                    "not a valid notebook at worksheets[0].cells[0].input[1] (line 2)",
                    "found a number", ""}),
    [](const auto& test) { return test.param.name; });

TEST(Size, IsRefusedPastTheCapOnCells) {
  std::string cells = "[{}";
  for (int i = 0; i < 100'000; ++i) cells += ",{}";
  const auto result = parse_notebook("{\"nbformat\": 4, \"cells\": " + cells + "]}", "wide.ipynb");
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().cause, HasSubstr("100001 cells"));
}

TEST(Size, IsRefusedPastTheCapOnLines) {
  std::string lines = "\"\"";
  for (int i = 0; i < 1'000'000; ++i) lines += ",\"\"";
  const auto result = parse_notebook(in_cell("\"source\": [" + lines + "]"), "long.ipynb");
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("cells[1].source"));
  EXPECT_THAT(result.error().cause, HasSubstr("1000001 strings"));
}

TEST(Nesting, IsReadUpToTheCap) {
  const std::string text = "{\"nbformat\": 4, \"x\": " + nested(499) + ", \"cells\": []}";
  EXPECT_TRUE(parse_notebook(text, "deep.ipynb").has_value());
}

}  // namespace
}  // namespace nbreplay
