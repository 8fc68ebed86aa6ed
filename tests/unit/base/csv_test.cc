#include "nbreplay/base/csv.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

using Fields = std::vector<std::string>;

TEST(ParseCsv, TakesQuotesCommasAndLineEndsInsideFields) {
  const auto records = parse_csv("a,b\r\n\"x, \"\"y\"\"\nz\",2\n\nlast");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].fields, (Fields{"a", "b"}));
  EXPECT_EQ(records[1].fields, (Fields{"x, \"y\"\nz", "2"}));
  EXPECT_EQ(records[1].line, 2U);
  EXPECT_EQ(records[2].fields, (Fields{"last"}));
  EXPECT_EQ(records[2].line, 5U) << "lines inside quotes and blank ones count";
}

TEST(ParseCsv, DropsAByteOrderMark) {
  EXPECT_EQ(parse_csv("\xef\xbb\xbfnotebook\n").front().fields, Fields{"notebook"});
}

TEST(ParseCsv, NamesAnOpenQuoteAsTheProblemOfItsRecord) {
  const auto records = parse_csv("a\n\"open, and\nnever closed\n");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_TRUE(records[0].problem.empty());
  EXPECT_FALSE(records[1].problem.empty());
}

TEST(CsvLine, ComesBackAsItWas) {
  const Fields fields{"plain", "", "a,b", "say \"hi\"", "two\nlines", " spaces "};
  const auto records = parse_csv(csv_line(fields));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].fields, fields);
}

}  // namespace
}  // namespace nbreplay
