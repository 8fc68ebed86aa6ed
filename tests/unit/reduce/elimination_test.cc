#include "nbreplay/reduce/elimination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/reduce/fake_oracle.h"

namespace nbreplay::reduce::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(BackwardElimination, TriesLastToFirstAndKeepsWhatIsNeeded) {
  FakeOracle oracle(4, needs_all({1}));
  const Reduction reduction = backward_elimination(4, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(1));
  EXPECT_THAT(oracle.asked(),
              ElementsAre(Subset{0, 1, 2}, Subset{0, 1}, Subset{0}, Subset{1}, Subset{}));
  EXPECT_EQ(reduction.queries, 5U);
  EXPECT_EQ(reduction.certified(), 1U);
}

TEST(BackwardElimination, OfNothingIsNothing) {
  FakeOracle oracle(0, needs_all({}));
  const Reduction reduction = backward_elimination(0, oracle);
  EXPECT_THAT(reduction.kept, IsEmpty());
  EXPECT_TRUE(reduction.complete);
  EXPECT_TRUE(reduction.one_minimal());
  EXPECT_EQ(reduction.queries, 0U);
}

TEST(BackwardElimination, AsksEachRemovalOnceWhenAllIsNeeded) {
  FakeOracle oracle(
      20, needs_all({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}));
  const Reduction reduction = backward_elimination(20, oracle);
  EXPECT_EQ(reduction.kept.size(), 20U);
  EXPECT_EQ(reduction.certified(), 20U);
  EXPECT_EQ(reduction.queries, 20U);
}

TEST(BackwardElimination, GoesOnUntilNoRemovalFailsWhenTheOracleIsNotMonotone) {
  // 3 may go only once 0 has gone: the second pass finds that.
  const auto predicate = [](const Subset& subset) {
    const bool zero = holds(subset, {0});
    return holds(subset, {3}) || !zero ? TestOutcome::kFail : TestOutcome::kPass;
  };
  FakeOracle oracle(4, predicate);
  EXPECT_THAT(backward_elimination(4, oracle).kept, IsEmpty());
}

TEST(BackwardElimination, RemovesSeveralInOneRoundWithSeveralJobs) {
  FakeOracle oracle(8, needs_all({0}), 4);
  const Reduction reduction = backward_elimination(8, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(0));
  // Four singles and all four together, three times at most, and the last certification.
  EXPECT_LE(reduction.queries, 12U);
}

TEST(BackwardElimination, AnUnresolvedRemovalIsKeptAndNotCertified) {
  const auto predicate = [](const Subset& subset) {
    return holds(subset, {1}) ? TestOutcome::kFail : TestOutcome::kUnresolved;
  };
  FakeOracle oracle(3, predicate);
  const Reduction reduction = backward_elimination(3, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(1));
  EXPECT_TRUE(reduction.one_minimal());
  EXPECT_EQ(reduction.certified(), 0U);
}

TEST(BackwardElimination, KeepsTheBestWhenStopped) {
  FakeOracle oracle(6, needs_all({2}));
  oracle.stop_after(2);
  const Reduction reduction = backward_elimination(6, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(0, 1, 2, 3));
  EXPECT_FALSE(reduction.complete);
  EXPECT_FALSE(reduction.one_minimal());
  EXPECT_EQ(reduction.queries, 2U);
}

}  // namespace
}  // namespace nbreplay::reduce::test
