#include "diagnosis/subset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace nbreplay {
namespace {

using ::testing::ElementsAre;

TEST(SmallestSubset, LeavesOutWhatDoesNotMatter) {
  const auto both = [](const std::vector<std::size_t>& chosen) {
    return std::count(chosen.begin(), chosen.end(), 1) == 1 &&
           std::count(chosen.begin(), chosen.end(), 4) == 1;
  };
  EXPECT_THAT(smallest_subset_that(6, both), ElementsAre(1, 4));
}

TEST(SmallestSubset, IsMinimalWhenMoreIsNotAlwaysBetter) {
  const auto odd = [](const std::vector<std::size_t>& chosen) { return chosen.size() % 2 == 1; };
  EXPECT_EQ(smallest_subset_that(5, odd).size(), 5U);  // no single one can go
  const auto any = [](const std::vector<std::size_t>&) { return true; };
  EXPECT_TRUE(smallest_subset_that(5, any).empty());
}

}  // namespace
}  // namespace nbreplay
