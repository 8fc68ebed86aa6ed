#include "nbreplay/regression/test_result.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/small_notebook.h"

namespace nbreplay::test {
namespace {

using testing::HasSubstr;

Raised raised(const std::string& type, const std::string& message) {
  Raised end;
  end.crash.type = type;
  end.crash.message = message;
  return end;
}

/// A run of one cell after the other, which came to these ends.
struct FakeRun {
  explicit FakeRun(const std::vector<CellEnd>& ends)
      : notebook(small_notebook(std::vector<SmallCell>(ends.size(), {"x = 1"}))) {
    outcome.termination = Exited{0};
    outcome.finished = true;
    outcome.wall = std::chrono::seconds(2);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      trial.executions.push_back({i, {}, "x = 1"});
      CellOutcome cell;
      cell.position = i;
      cell.cell = i;
      cell.end = ends[i];
      outcome.cells.push_back(std::move(cell));
    }
  }
  [[nodiscard]] TestResult judged() const { return judge_test(notebook, trial, outcome); }

  Notebook notebook;
  Trial trial;
  Outcome outcome;
};

TEST(TestResult, PassesWhenNothingRaises) {
  const TestResult result = FakeRun({Completed{}, Completed{}}).judged();
  EXPECT_EQ(result.status, TestStatus::kPassed);
  EXPECT_EQ(result.cells_run, 2U);
  EXPECT_EQ(result.wall, std::chrono::seconds(2));
  EXPECT_EQ(result.summary, "");
}

TEST(TestResult, FailsWithTheFirstCellThatRaises) {
  const TestResult result =
      FakeRun({Completed{}, raised("KeyError", "'a'"), NotReached{}}).judged();
  EXPECT_EQ(result.status, TestStatus::kFailed);
  EXPECT_EQ(result.failed_ordinal, 2U);
  EXPECT_EQ(result.summary, "KeyError: 'a'");
  EXPECT_EQ(result.cells_run, 2U);
  ASSERT_TRUE(result.observed);
  EXPECT_EQ(result.observed->type, "KeyError");
}

TEST(TestResult, LetsRaiseWhatMayRaise) {
  FakeRun run({raised("KeyError", "'a'"), Completed{}});
  run.trial.executions[0].may_fail = true;
  EXPECT_EQ(run.judged().status, TestStatus::kPassed);
}

TEST(TestResult, FailsWhenTheProcessEndsBeforeTheLastCell) {
  FakeRun run({Completed{}, NotReached{}});
  run.outcome.finished = false;
  run.outcome.termination = TimedOut{TimeLimit::kBudget};
  const TestResult result = run.judged();
  EXPECT_EQ(result.status, TestStatus::kFailed);
  EXPECT_TRUE(result.ended_by_budget);
  EXPECT_NE(result.summary, "");
}

TEST(TestResult, IsAnErrorWhenTheEnvironmentChangedWhateverElseHappened) {
  for (const CellEnd& end : std::vector<CellEnd>{Completed{}, raised("ValueError", "x")}) {
    FakeRun run({end});
    run.outcome.environment_change = "numpy 1.26.4 was added";
    const TestResult result = run.judged();
    EXPECT_EQ(result.status, TestStatus::kError);
    EXPECT_THAT(result.summary, HasSubstr("numpy 1.26.4 was added"));
  }
}

TEST(TestResult, IsAnErrorWhenTheNotebookCouldNotBeStarted) {
  FakeRun run({NotReached{}});
  run.outcome.termination = SetupFailed{"IPython", "No module named 'IPython'\nand more"};
  const TestResult result = run.judged();
  EXPECT_EQ(result.status, TestStatus::kError);
  EXPECT_EQ(result.summary, "IPython: No module named 'IPython'");
}

TEST(TestTotals, CountsEachKind) {
  std::vector<TestResult> results(4);
  results[0].status = TestStatus::kPassed;
  results[1].status = TestStatus::kFailed;
  results[2].status = TestStatus::kError;
  results[3].status = TestStatus::kSkipped;
  const TestTotals sum = totals(results);
  EXPECT_EQ(sum.passed, 1U);
  EXPECT_EQ(sum.failed, 1U);
  EXPECT_EQ(sum.errors, 1U);
  EXPECT_EQ(sum.skipped, 1U);
}

}  // namespace
}  // namespace nbreplay::test
