#include "environment/versions.h"

#include <gtest/gtest.h>

namespace nbreplay::environment {
namespace {

TEST(Versions, NumbersCompareAsNumbers) {
  EXPECT_LT(compare_versions("3.9", "3.11"), 0);
  EXPECT_GT(compare_versions("10.0", "9.18.1"), 0);
  EXPECT_EQ(compare_versions("1.0", "1.0.0"), 0);
  EXPECT_EQ(compare_versions("2.1.0rc1", "2.1.0"), 0);
  EXPECT_EQ(compare_versions("", ""), 0);
}

TEST(Versions, HugeNumbersDoNotOverflow) {
  EXPECT_GT(compare_versions("99999999999999999999999999.1", "2"), 0);
}

TEST(Versions, MinorNeedsTwoNumbers) {
  EXPECT_EQ(minor_of("3.11.7"), "3.11");
  EXPECT_EQ(minor_of("3.13.0rc2"), "3.13");
  EXPECT_EQ(minor_of("3"), "");
  EXPECT_EQ(minor_of("python"), "");
}

TEST(Versions, RangesNeedEveryClause) {
  EXPECT_TRUE(satisfies("5.14.3", ">=5.13.0,<6"));
  EXPECT_FALSE(satisfies("4.3.3", ">=5.13.0"));
  EXPECT_FALSE(satisfies("6.0", ">=5.13.0,<6"));
  EXPECT_TRUE(satisfies("3.0.38", "(>3.0.1, !=3.0.37)"));
  EXPECT_FALSE(satisfies("3.0.37", ">3.0.1,!=3.0.37"));
  EXPECT_TRUE(satisfies("2.4.9", "~=2.4.1"));
  EXPECT_FALSE(satisfies("2.5", "~=2.4.1"));
  EXPECT_FALSE(satisfies("2.5", "==2.4.*"));
  EXPECT_TRUE(satisfies("2.4.7", "==2.4.*"));
  EXPECT_TRUE(satisfies("1", ""));
}

}  // namespace
}  // namespace nbreplay::environment
