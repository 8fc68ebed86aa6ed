#include "nbreplay/reduce/interval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/reduce/fake_oracle.h"

namespace nbreplay::reduce::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(IntervalAndCertify, AThinSubsetThatFailsIsOnlyCertified) {
  FakeOracle oracle(100, needs_all({3, 70}));
  const Reduction reduction = interval_and_certify(100, {{3, 70}, {3, 10, 70, 80}, {}}, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(3, 70));
  EXPECT_THAT(oracle.asked(), ElementsAre(Subset{3, 70}, Subset{3}, Subset{70}));
  EXPECT_EQ(reduction.bounding_queries, 1U);
  EXPECT_EQ(reduction.certified(), 2U);
}

TEST(IntervalAndCertify, RemovesAMutationTogetherWithWhatOnlyItNeeded) {
  // 8 is not needed, and 5 and 6 serve only it; 7 is needed, and so is 2, which serves 7 and 8.
  const Interval interval{{1}, {1, 2, 5, 6, 7, 8}, {{}, {}, {}, {}, {}, {}, {5}, {2}, {2, 6}}};
  FakeOracle oracle(9, needs_all({1, 2, 7}));
  const Reduction reduction = interval_and_certify(9, interval, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(1, 2, 7));
  EXPECT_EQ(reduction.bounding_queries, 4U);
  // Thin, full, without 8 and what it needed; without 7 and 2 is the thin subset, known to pass.
  EXPECT_THAT(oracle.asked(), ElementsAre(Subset{1}, Subset{1, 2, 5, 6, 7, 8}, Subset{1, 2, 7},
                                          Subset{1, 7}, Subset{1, 2}, Subset{2, 7}));
}

TEST(IntervalAndCertify, FallsBackWhenTheFullSubsetDoesNotFail) {
  FakeOracle oracle(10, needs_all({0, 4, 9}));
  const Reduction reduction = interval_and_certify(10, {{9}, {4, 9}, {}}, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(0, 4, 9));
  EXPECT_TRUE(reduction.one_minimal());
}

TEST(IntervalAndCertify, ShrinksFurtherWhenTheThinSubsetHoldsTooMuch) {
  FakeOracle oracle(10, needs_all({4}));
  const Reduction reduction = interval_and_certify(10, {{2, 4, 6}, {2, 4, 6}, {}}, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(4));
  EXPECT_EQ(reduction.certified(), 1U);
}

TEST(IntervalAndCertify, NeedsNoQueryForBoundsThatAreTheWholeSet) {
  FakeOracle oracle(3, needs_all({0, 1, 2}));
  const Reduction reduction = interval_and_certify(3, {{0, 1, 2}, {0, 1, 2}, {}}, oracle);
  EXPECT_EQ(reduction.queries, 3U);
  EXPECT_EQ(reduction.certified(), 3U);
}

TEST(IntervalAndCertify, AnEmptyIntervalCanBeTheAnswer) {
  FakeOracle oracle(5, needs_all({}));
  const Reduction reduction = interval_and_certify(5, {}, oracle);
  EXPECT_THAT(reduction.kept, IsEmpty());
  EXPECT_EQ(reduction.queries, 1U);
  EXPECT_TRUE(reduction.one_minimal());
}

TEST(IntervalAndCertify, KeepsTheUpperBoundWhenStoppedBeforeCertifying) {
  FakeOracle oracle(100, needs_all({3, 70}));
  oracle.stop_after(2);
  const Reduction reduction = interval_and_certify(100, {{3, 70}, {3, 70}, {}}, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(3, 70));
  EXPECT_FALSE(reduction.one_minimal());
  EXPECT_EQ(reduction.certified(), 1U);
}

}  // namespace
}  // namespace nbreplay::reduce::test
