#include "nbreplay/trial/ending.h"

#include <gtest/gtest.h>

#include <csignal>

namespace nbreplay {
namespace {

Outcome outcome_of(Termination termination, CellEnd last) {
  Outcome outcome;
  outcome.cells.resize(2);
  outcome.cells[0].end = Completed{};
  outcome.cells[1].end = std::move(last);
  outcome.termination = std::move(termination);
  return outcome;
}

TEST(Ending, OfAProcessThatLeavesWithinACellIsEarly) {
  EXPECT_EQ(describe_end(outcome_of(Exited{0}, Interrupted{})), "exited early (code 0)");
  EXPECT_EQ(describe_end(outcome_of(Exited{3}, Interrupted{})), "exited early (code 3)");
}

TEST(Ending, AfterACellIsNotEarly) {
  EXPECT_EQ(describe_end(outcome_of(Exited{0}, NotReached{})), "exited with 0");
  EXPECT_EQ(describe_end(outcome_of(Exited{0}, Completed{})), "exited with 0");
}

TEST(Ending, ByAViolationIsCalledSo) {
  Outcome outcome = outcome_of(Killed{}, Interrupted{});
  EXPECT_EQ(describe_end(outcome), "cancelled");
  outcome.notes = {"a note of the notebook's", std::string(kViolationNote) + "an unknown type"};
  EXPECT_EQ(describe_end(outcome), "protocol violation");
}

TEST(Ending, WithoutItsLauncherIsCalledSo) {
  Outcome outcome = outcome_of(Killed{}, Interrupted{});
  outcome.notes = {std::string(kLauncherLostNote) + ": processes of the run may be left"};
  EXPECT_EQ(describe_end(outcome), "its launcher was killed");
}

TEST(Ending, IsWhatTheKernelSaysWhateverANoteClaims) {
  Outcome outcome = outcome_of(Signaled{SIGSEGV}, Interrupted{});
  outcome.notes = {std::string(kViolationNote) + "forged"};
  EXPECT_EQ(describe_end(outcome), "died by SIGSEGV");
}

}  // namespace
}  // namespace nbreplay
