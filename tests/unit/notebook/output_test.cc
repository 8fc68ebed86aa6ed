#include "nbreplay/notebook/output.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

TEST(Output, StreamTextIsQuoted) {
  EXPECT_EQ(stream_output("stdout", "a\"b\n"),
            R"({"name": "stdout", "output_type": "stream", "text": "a\"b\n"})");
}

TEST(Output, ResultCarriesItsCountOrNull) {
  EXPECT_EQ(
      *result_output(R"({"text/plain":"1"})", "{}", 3),
      R"({"data": {"text/plain":"1"}, "execution_count": 3, "metadata": {}, "output_type": "execute_result"})");
  EXPECT_NE(result_output("{}", "{}", std::nullopt)->find("\"execution_count\": null"),
            std::string::npos);
}

TEST(Output, TextThatIsNoObjectIsRefused) {
  EXPECT_FALSE(display_output("[1]", "{}"));
  EXPECT_FALSE(display_output("{\"a\": ", "{}"));
  EXPECT_FALSE(display_output("{}", "{} {}"));
  EXPECT_FALSE(display_output("{\"a\": \"\xff\"}", "{}"));
}

TEST(Output, ErrorKeepsOnlyItsOwnFields) {
  const auto output =
      error_output(R"({"output_type": "stream", "ename": "E", "evalue": "v", "traceback": ["l"]})");
  ASSERT_TRUE(output);
  EXPECT_EQ(*output,
            R"({"ename": "E", "evalue": "v", "output_type": "error", "traceback": ["l"]})");
}

TEST(Output, ErrorWithoutTracebackLinesIsRefused) {
  EXPECT_FALSE(error_output(R"({"ename": "E", "evalue": "v"})"));
  EXPECT_FALSE(error_output(R"({"ename": "E", "evalue": "v", "traceback": [1]})"));
  EXPECT_FALSE(error_output(R"({"ename": 1, "evalue": "v", "traceback": []})"));
}

}  // namespace
}  // namespace nbreplay
