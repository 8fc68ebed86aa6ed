// The lossless JSON underneath.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "notebook/json_check.h"
#include "notebook/json_edit.h"
#include "notebook/json_view.h"

namespace nbreplay::json {
namespace {

using testing::ElementsAre;

std::vector<std::string_view> texts(const std::vector<View>& views) {
  std::vector<std::string_view> result;
  for (const View view : views) result.push_back(view.text);
  return result;
}

TEST(JsonCheck, AcceptsWhatPythonAccepts) {
  for (const char* text : {"null", " true ", "-0.5e+3", "NaN", "-Infinity", "[]", "{}", "[[],{}]",
                           "\"\\ud800\"", "{\"a\":1,\"a\":2}", "1e400", "\"\x7f\""})
    EXPECT_EQ(find_fault(text), std::nullopt) << text;
}

TEST(JsonCheck, RefusesTheRest) {
  for (const char* text : {"", "-", "+1", ".5", "1.", "1e", "01", "-NaN", "tru", "[1 2]", "{1:2}",
                           "{\"a\"}", "]", "\"", "\"\t\"", "\"\\u00\"", "[1]]", "{,}", "[,1]"})
    EXPECT_NE(find_fault(text), std::nullopt) << text;
}

TEST(JsonCheck, NotesHowTheTextIsWritten) {
  Facts facts;
  ASSERT_EQ(find_fault("[\"\\u00e9\", \"\\u0041\"]", &facts), std::nullopt);
  EXPECT_TRUE(facts.non_ascii_escapes);
  EXPECT_FALSE(facts.non_ascii);
  facts = {};
  ASSERT_EQ(find_fault("[\"\xc3\xa9\", \"\\u001b\"]", &facts), std::nullopt);
  EXPECT_FALSE(facts.non_ascii_escapes);
  EXPECT_TRUE(facts.non_ascii);
}

TEST(JsonView, FindsSpansPastBracketsAndQuotesInStrings) {
  const View list = whole(R"( [1, "]\"}", {"a": "\\"} , [ [ ] ],null ] )");
  EXPECT_THAT(texts(items(list)),
              ElementsAre("1", R"("]\"}")", R"({"a": "\\"})", "[ [ ] ]", "null"));
  const View object = whole(R"({ "a" : 1 , "b\\" :[2,3],"a":-4.0})");
  EXPECT_EQ(find(object, "a")->text, "-4.0");
  EXPECT_EQ(find(object, "b\\")->text, "[2,3]");
  EXPECT_FALSE(find(object, "c").has_value());
}

TEST(JsonView, TakesOnlyIntegersForIntegers) {
  EXPECT_EQ(to_int(View{"42"}), 42);
  EXPECT_EQ(to_int(View{"-7"}), -7);
  for (const char* text : {"1.0", "1e2", "99999999999", "NaN"})
    EXPECT_EQ(to_int(View{text}), std::nullopt) << text;
}

TEST(JsonEdit, QuotesAsPythonDoes) {
  EXPECT_EQ(quote("a\"\\/\b\f\n\r\t\x01\x7f é", {}), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f é\"");
  Style ascii;
  ascii.ascii = true;
  EXPECT_EQ(quote("é\U0001f600\x7f", ascii), "\"\\u00e9\\ud83d\\ude00\\u007f\"");
  EXPECT_EQ(quote("\xff", {}), "\"\xef\xbf\xbd\"") << "never ill-formed, whatever comes";
}

TEST(JsonEdit, SplitsLinesAsPythonDoes) {
  EXPECT_THAT(split_lines("a\r\nb\rc\n\nd\xe2\x80\xa8\xe2\x80\xa7", true),
              ElementsAre("a\r\n", "b\r", "c\n", "\n", "d\xe2\x80\xa8", "\xe2\x80\xa7"));
  EXPECT_THAT(split_lines("a\r\n\n b\x1c", false), ElementsAre("a", "", " b"));
  EXPECT_THAT(split_lines("", true), ElementsAre());
}

TEST(JsonEdit, ReformatsSortedWithNumbersKept) {
  EXPECT_EQ(reformat(View{R"({"b":[1.50,{}],"a":[],"b":[1e400]})"}, {}, 0),
            "{\n \"a\": [],\n \"b\": [\n  1e400\n ]\n}");
}

TEST(JsonEdit, SetsMembersTouchingNothingElse) {
  const Style style{.broken_lines = false, .comma = ", "};
  EXPECT_EQ(set_member(View{"{ \"a\" :1,\"a\":2 }"}, "a", "3", style, 0), "{ \"a\" :1,\"a\":3 }");
  EXPECT_EQ(set_member(View{"{}"}, "k", "1", style, 0), "{\"k\": 1}");
  EXPECT_EQ(set_member(View{R"({"a": 1, "c": 3})"}, "b", "2", style, 0),
            R"({"a": 1, "b": 2, "c": 3})");
  EXPECT_EQ(set_member(View{R"({"c": 1, "a": 3})"}, "b", "2", style, 0),
            R"({"c": 1, "a": 3, "b": 2})")
      << "unsorted keys: last";
}

}  // namespace
}  // namespace nbreplay::json
