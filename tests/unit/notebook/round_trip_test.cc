// What comes back from a notebook that is read and written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/notebook/notebook_texts.h"

namespace nbreplay {
namespace {

using testing::HasSubstr;

TEST(RoundTrip, GivesBackTheBytesOfUneditedNotebooks) {
  const std::string odd =
      "\n{\"nbformat\" :4,\r\n\t\"cells\":[ {\"source\":\"\",\"cell_type\":\"code\",\"zz\":"
      "[NaN, -Infinity,1e400,12345678901234567890123, 1.0E+2,-0,\"\\ud800\\/\"] ,\"a\":1,\"a\":2}"
      " ] ,\"nbformat_minor\":2,\"metadata\":{}}  \n\n";
  for (const std::string& text : {std::string(test::kWrittenByNbformat), odd, test::compact(""),
                                  test::compact(test::code("[]", "a", "1"))})
    EXPECT_EQ(test::parsed(text).to_json(), text);
}

/// Sets what is there already: everything is written anew, and must come out the same.
Notebook rewritten(std::string_view text) {
  Notebook nb = test::parsed(text);
  for (std::size_t i = 0; i < nb.cells().size(); ++i) {
    const std::string source = nb.cells()[i].source;
    nb.set_source(i, source);
    if (nb.cells()[i].type != CellType::kCode) continue;
    std::vector<OutputJson> outputs;
    for (const std::string_view output : nb.outputs(i)) outputs.emplace_back(output);
    EXPECT_TRUE(nb.set_execution(i, nb.cells()[i].execution_count, outputs).has_value());
  }
  return nb;
}

TEST(RoundTrip, WritesEditedPartsAsNbformatDoes) {
  EXPECT_EQ(rewritten(test::kWrittenByNbformat).to_json(), test::kWrittenByNbformat);
}

TEST(RoundTrip, KeepsOddValuesBesideEdits) {
  const std::string cells =
      R"({"cell_type": "code", "metadata": {"n": NaN, "m": 1e400, "k": 1, "k": 2}, )"
      R"("source": "old", "x": "\ud800", "outputs": []})";
  Notebook nb = test::parsed(test::compact(cells));
  nb.set_source(0, "new");
  const std::string text = nb.to_json();
  EXPECT_THAT(text, HasSubstr(R"({"n": NaN, "m": 1e400, "k": 1, "k": 2})"));
  EXPECT_THAT(text, HasSubstr(R"("x": "\ud800")"));
  EXPECT_THAT(text, HasSubstr(R"("source": "new")")) << "a string stays a string";
}

TEST(RoundTrip, WritesWithTheFilesOwnIndentation) {
  const std::string two_spaces =
      "{\r\n  \"cells\": [\r\n    {\r\n      \"cell_type\": \"raw\",\r\n      \"metadata\": {},\r\n"
      "      \"source\": [\r\n        \"a\"\r\n      ]\r\n    }\r\n  ],\r\n  \"metadata\": {},\r\n"
      "  \"nbformat\": 4,\r\n  \"nbformat_minor\": 4\r\n}";
  EXPECT_EQ(rewritten(two_spaces).to_json(), two_spaces);
}

TEST(RoundTrip, WritesOnOneLineWhatCameOnOneLine) {
  const std::string tight =
      R"({"cells":[{"cell_type":"raw","metadata":{},"source":["a\n","b"]}],"metadata":{},)"
      R"("nbformat":4,"nbformat_minor":4})";
  EXPECT_EQ(rewritten(tight).to_json(), tight);
}

TEST(RoundTrip, EscapesInFilesThatAreAllAscii) {
  const std::string cells =
      R"({"cell_type": "raw", "metadata": {}, "source": ["caf\u00e9 \ud83d\ude00 \u007f"]})";
  EXPECT_EQ(rewritten(test::compact(cells)).to_json(), test::compact(cells));
}

TEST(RoundTrip, KeepsLoneSurrogatesInEditedText) {
  const std::string cells =
      "{\"cell_type\": \"raw\", \"metadata\": {}, \"source\": "
      "[\"\xc3\xa9 \\ud800 x \\udfff\"]}";
  EXPECT_EQ(rewritten(test::compact(cells)).to_json(), test::compact(cells));
}

TEST(RoundTrip, SplitsLinesWherePythonDoes) {
  const std::string cells =
      R"({"cell_type": "raw", "metadata": {}, "source": ["a\r\n", "b\r", "c\u000b", "d\f", )"
      "\"e\\u001c\", \"f\xc2\x85\", \"g\xe2\x80\xa8\", \"h\\n\", \"\\n\", \"\xe2\x80\xa7i\"]}";
  EXPECT_EQ(rewritten(test::compact(cells)).to_json(), test::compact(cells));
}

}  // namespace
}  // namespace nbreplay
