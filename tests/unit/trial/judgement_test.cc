#include "nbreplay/trial/judgement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <map>

#include "support/fake_runner.h"

namespace nbreplay {
namespace {

Crash key_error(std::size_t cell, const std::string& key = "'k'") {
  Crash crash;
  crash.type = "KeyError";
  crash.message = key;
  crash.cell = cell;
  return crash;
}

Trial trial_of(const std::vector<std::size_t>& order,
               const std::vector<std::size_t>& may_fail = {}) {
  Trial trial;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool allowed = std::ranges::find(may_fail, i) != may_fail.end();
    trial.executions.push_back({order[i], "", "x", allowed});
  }
  return trial;
}

/// The trial in which the executions at `crashes` raise what they are given.
Outcome crashing(const Trial& trial, const std::map<std::size_t, Crash>& crashes) {
  return test::play(trial, [&](std::size_t position) -> std::optional<Crash> {
    const auto found = crashes.find(position);
    return found == crashes.end() ? std::nullopt : std::optional(found->second);
  });
}

/// The trial whose process ends in the execution at `position`.
Outcome ending(const Trial& trial, std::size_t position, const Termination& termination) {
  Outcome outcome = crashing(trial, {});
  outcome.termination = termination;
  outcome.finished = false;
  for (CellOutcome& cell : outcome.cells) {
    if (cell.position == position) cell.end = Interrupted{};
    if (cell.position > position) cell.end = NotReached{};
  }
  return outcome;
}

template <typename T>
bool is(const Judgement& judgement) {
  return std::holds_alternative<T>(judgement);
}

TEST(Judge, FindsTheSameCrash) {
  const Trial trial = trial_of({1, 2});
  const Judgement judgement =
      judge(trial, crashing(trial, {{1, key_error(2)}}), key_error(2), Level::kA);
  ASSERT_TRUE(is<Same>(judgement));
  EXPECT_EQ(std::get<Same>(judgement).level, Level::kA) << "no traceback: S cannot be said";
}

TEST(Judge, PassesWhenEveryCellCompletes) {
  const Trial trial = trial_of({1, 2});
  EXPECT_TRUE(is<Passes>(judge(trial, crashing(trial, {}), key_error(2), Level::kA)));
}

TEST(Judge, TellsAnotherCrashInTheTargetApart) {
  const Trial trial = trial_of({1, 2});
  const Judgement judgement =
      judge(trial, crashing(trial, {{1, key_error(2, "'other'")}}), key_error(2), Level::kA);
  ASSERT_TRUE(is<Different>(judgement));
  EXPECT_EQ(std::get<Different>(judgement).position, 1U);
  EXPECT_FALSE(std::get<Different>(judgement).later);
}

TEST(Judge, TellsTheSameCrashInAnotherCellApart) {
  const Trial trial = trial_of({1, 2});
  const Judgement judgement =
      judge(trial, crashing(trial, {{0, key_error(1)}}), key_error(2), Level::kA);
  ASSERT_TRUE(is<Different>(judgement));
  EXPECT_EQ(std::get<Different>(judgement).crash.cell, 1U);
  EXPECT_FALSE(std::get<Different>(judgement).later);
}

TEST(Judge, MarksACrashAfterTheTargetCompleted) {
  const Trial trial = trial_of({1, 2, 3});
  const Judgement judgement =
      judge(trial, crashing(trial, {{2, key_error(3)}}), key_error(2), Level::kA);
  ASSERT_TRUE(is<Different>(judgement));
  EXPECT_TRUE(std::get<Different>(judgement).later);
}

TEST(Judge, PassesOverAFailureThatIsAllowed) {
  const Trial trial = trial_of({1, 2}, {0});
  EXPECT_TRUE(
      is<Passes>(judge(trial, crashing(trial, {{0, key_error(1)}}), key_error(2), Level::kA)));
}

TEST(Judge, PassesOverAnAllowedFailureOfAnEarlierExecutionOfTheTarget) {
  const Trial trial = trial_of({2, 1, 2}, {0});
  EXPECT_TRUE(
      is<Passes>(judge(trial, crashing(trial, {{0, key_error(2)}}), key_error(2), Level::kA)));
}

TEST(Judge, FindsTheCrashInAnEarlierExecutionOfTheTarget) {
  const Trial trial = trial_of({2, 1, 2});
  EXPECT_TRUE(
      is<Same>(judge(trial, crashing(trial, {{0, key_error(2)}}), key_error(2), Level::kA)));
}

TEST(Judge, JudgesTheLastExecutionOfTheTargetEvenWhenItMayFail) {
  const Trial trial = trial_of({1, 2}, {1});
  EXPECT_TRUE(
      is<Same>(judge(trial, crashing(trial, {{1, key_error(2)}}), key_error(2), Level::kA)));
}

TEST(Judge, SaysNothingOfATimeOut) {
  const Trial trial = trial_of({1, 2});
  const Judgement judgement =
      judge(trial, ending(trial, 1, TimedOut{TimeLimit::kCell}), key_error(2), Level::kA);
  ASSERT_TRUE(is<Unresolved>(judgement));
  EXPECT_EQ(std::get<Unresolved>(judgement).why, "cell time-out");
}

TEST(Judge, SaysNothingOfAFailedSetUpALimitOrAKill) {
  const Trial trial = trial_of({1, 2});
  for (const Termination& termination : {Termination(SetupFailed{"worker", "no such file"}),
                                         Termination(LimitExceeded{}), Termination(Killed{})}) {
    EXPECT_TRUE(
        is<Unresolved>(judge(trial, ending(trial, 0, termination), key_error(2), Level::kA)))
        << describe(termination);
  }
}

TEST(Judge, SaysNothingWhenTheNotebookEndsItsOwnProcess) {
  const Trial trial = trial_of({1, 2});
  const Judgement judgement = judge(trial, ending(trial, 1, Exited{0}), key_error(2), Level::kA);
  ASSERT_TRUE(is<Unresolved>(judgement));
  EXPECT_EQ(std::get<Unresolved>(judgement).why,
            "the notebook ended its own process: exited early (code 0)");
}

TEST(Judge, SaysNothingOfAnErrorUnderOurOwnLimit) {
  const Trial trial = trial_of({1, 2});
  Outcome outcome = crashing(trial, {{1, key_error(2)}});
  std::get<Raised>(outcome.cells[1].end).caused_by_limit = true;
  EXPECT_TRUE(is<Unresolved>(judge(trial, outcome, key_error(2), Level::kA)));
}

TEST(Judge, SaysNothingOfARunThatChangedItsEnvironment) {
  const Trial trial = trial_of({1, 2});
  Outcome outcome = crashing(trial, {{1, key_error(2)}});
  outcome.environment_change = "numpy 2.0.0 added";
  EXPECT_TRUE(is<Unresolved>(judge(trial, outcome, key_error(2), Level::kA)));
}

TEST(Judge, PassesWhenTheRunEndsAfterTheTargetCompleted) {
  const Trial trial = trial_of({1, 2, 3});
  EXPECT_TRUE(
      is<Passes>(judge(trial, ending(trial, 2, Signaled{SIGSEGV}), key_error(2), Level::kA)));
}

TEST(Judge, SaysNothingOfASignalWhenAnExceptionIsLookedFor) {
  const Trial trial = trial_of({1, 2});
  EXPECT_TRUE(
      is<Unresolved>(judge(trial, ending(trial, 1, Signaled{SIGSEGV}), key_error(2), Level::kA)));
}

TEST(Judge, ComparesSignalsWithASignal) {
  const Trial trial = trial_of({1, 2});
  const Crash segfault = signal_crash({SIGSEGV}, 2);
  const auto judged = [&](std::size_t position, int signal) {
    return judge(trial, ending(trial, position, Signaled{signal}), segfault, Level::kA);
  };
  EXPECT_TRUE(is<Same>(judged(1, SIGSEGV)));
  EXPECT_TRUE(is<Different>(judged(1, SIGABRT)));
  EXPECT_TRUE(is<Different>(judged(0, SIGSEGV)));
}

TEST(Judge, SaysNothingWhenCellsWereNotReached) {
  const Trial trial = trial_of({1, 2});
  Outcome outcome;
  outcome.termination = Killed{};
  EXPECT_TRUE(is<Unresolved>(judge(trial, outcome, key_error(2), Level::kA)));
}

TEST(Judge, LooksEverywhereForACrashWithoutACell) {
  const Trial trial = trial_of({1, 2});
  Crash anywhere = key_error(0);
  anywhere.cell.reset();
  EXPECT_TRUE(is<Same>(judge(trial, crashing(trial, {{0, key_error(1)}}), anywhere, Level::kA)));
}

TEST(SignalCrash, IsNamedAfterTheSignal) {
  const Crash crash = signal_crash({SIGABRT}, 3);
  EXPECT_EQ(crash.type, kSignalType);
  EXPECT_EQ(crash.message, "SIGABRT");
  EXPECT_EQ(crash.cell, 3U);
  EXPECT_FALSE(signal_crash({SIGABRT}, kNoCell).cell);
}

TEST(ReachedAll, IsAboutCellsAndNotAboutTheProcess) {
  Outcome outcome;
  outcome.termination = Signaled{SIGSEGV};
  outcome.cells.resize(2);
  outcome.cells[0].end = Completed{};
  EXPECT_FALSE(reached_all(outcome));
  outcome.cells[1].end = Raised{};
  EXPECT_TRUE(reached_all(outcome));
}

}  // namespace
}  // namespace nbreplay
