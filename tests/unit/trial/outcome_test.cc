#include "nbreplay/trial/outcome.h"

#include <gtest/gtest.h>

#include <csignal>

namespace nbreplay {
namespace {

CellOutcome at(std::size_t position, CellEnd end) {
  CellOutcome cell;
  cell.position = position;
  cell.end = std::move(end);
  return cell;
}

TEST(Describe, NamesEveryEnd) {
  EXPECT_EQ(describe(Exited{3}), "exited with 3");
  EXPECT_EQ(describe(Signaled{SIGSEGV}), "died by SIGSEGV");
  EXPECT_EQ(describe(Signaled{1000}), "died by signal 1000");
  EXPECT_EQ(describe(TimedOut{TimeLimit::kCell}), "cell time-out");
  EXPECT_EQ(describe(TimedOut{TimeLimit::kBudget}), "time budget used up");
  EXPECT_EQ(describe(LimitExceeded{Resource::kMemory, "8.2 GiB used of 8 GiB"}),
            "memory limit: 8.2 GiB used of 8 GiB");
  EXPECT_EQ(describe(LimitExceeded{Resource::kDisk, ""}), "disk limit");
  EXPECT_EQ(describe(LimitExceeded{Resource::kOutput, ""}), "output limit");
  EXPECT_EQ(describe(LimitExceeded{Resource::kProcesses, ""}), "process limit");
  EXPECT_EQ(describe(Killed{}), "cancelled");
  EXPECT_EQ(describe(SetupFailed{"worker", "no libpython"}),
            "set-up failed at worker: no libpython");
}

TEST(FirstFailure, PassesOverWhatMayFail) {
  Outcome outcome;
  outcome.cells = {at(0, Raised{}), at(1, Completed{}), at(2, Raised{}), at(3, NotReached{})};
  const CellOutcome* failure = outcome.first_failure({true, false, false, false});
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->position, 2U);
  EXPECT_EQ(outcome.first_failure({true, true, true, true}), nullptr);
  EXPECT_EQ(outcome.first_failure({})->position, 0U);
}

TEST(FirstFailure, IsWhereTheProcessEnded) {
  Outcome outcome;
  outcome.cells = {at(0, Completed{}), at(1, Interrupted{}), at(2, NotReached{})};
  ASSERT_NE(outcome.first_failure({true, true, true}), nullptr);
  EXPECT_EQ(outcome.first_failure({true, true, true})->position, 1U);
}

TEST(FirstFailure, IsNothingWhenAllIsWell) {
  Outcome outcome;
  outcome.cells = {at(0, Completed{}), at(1, Completed{})};
  EXPECT_EQ(outcome.first_failure({false, false}), nullptr);
}

}  // namespace
}  // namespace nbreplay
