#include "nbreplay/regression/test_result.h"

#include <fmt/format.h>

#include "nbreplay/base/utf8.h"
#include "nbreplay/trial/ending.h"
#include "nbreplay/trial/judgement.h"

namespace nbreplay {
namespace {

std::string first_line(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \n\t");
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  return escape_control(strip_ansi(text.substr(0, text.find('\n'))));
}

}  // namespace

std::string_view to_string(TestStatus status) {
  switch (status) {
    case TestStatus::kPassed:
      return "passed";
    case TestStatus::kFailed:
      return "failed";
    case TestStatus::kError:
      return "error";
    case TestStatus::kSkipped:
      return "skipped";
  }
  return "error";
}

std::string plain_traceback(const Crash& crash) {
  std::string text;
  for (const Frame& frame : crash.frames) {
    const std::string place = frame.in_notebook ? "notebook" : frame.file;
    text += fmt::format("  {}:{} in {}\n", escape_control(place), frame.line,
                        escape_control(frame.function));
    if (!frame.text.empty()) text += fmt::format("    {}\n", escape_control(frame.text));
  }
  text += fmt::format("{}: {}", escape_control(crash.type),
                      escape_control(strip_ansi(crash.message.value_or(""))));
  return text;
}

TestResult judge_test(const Notebook& notebook, const Trial& trial, const Outcome& outcome) {
  TestResult result;
  result.notebook = notebook.path();
  result.sha256 = notebook.sha256();
  result.code_cells = notebook.code_cells().size();
  result.environment = trial.environment;
  result.limits = trial.limits;
  result.seed = trial.random_seed;
  result.trials = 1;
  result.wall = outcome.wall;
  const auto* late = std::get_if<TimedOut>(&outcome.termination);
  result.ended_by_budget = late != nullptr && late->limit == TimeLimit::kBudget;
  result.interrupted = std::holds_alternative<Killed>(outcome.termination);
  std::vector<bool> may_fail;
  for (const Execution& execution : trial.executions) may_fail.push_back(execution.may_fail);
  for (const CellOutcome& cell : outcome.cells)
    if (!std::holds_alternative<NotReached>(cell.end)) ++result.cells_run;
  if (const auto* setup = std::get_if<SetupFailed>(&outcome.termination)) {
    result.status = TestStatus::kError;
    result.summary = fmt::format("{}: {}", setup->stage, first_line(setup->message));
    return result;
  }
  if (!outcome.environment_change.empty()) {  // what failed, if anything, failed in another one
    result.status = TestStatus::kError;
    result.summary = "the run changed its environment: " + outcome.environment_change;
    return result;
  }
  const CellOutcome* failure = outcome.first_failure(may_fail);
  if (failure == nullptr) {
    const bool all = reached_all(outcome);
    result.status = all ? TestStatus::kPassed : TestStatus::kFailed;
    if (!all) result.summary = "stopped before its last cell: " + describe_end(outcome);
    return result;
  }
  result.status = TestStatus::kFailed;
  if (failure->cell != kNoCell) {
    result.failed_cell = failure->cell;
    result.failed_ordinal = notebook.ordinal_of(failure->cell);
  }
  if (const auto* raised = std::get_if<Raised>(&failure->end)) {
    result.summary =
        fmt::format("{}: {}", raised->crash.type, first_line(raised->crash.message.value_or("")));
    result.observed = raised->crash;
    result.traceback = plain_traceback(raised->crash);
  } else {
    result.summary = describe_end(outcome);
    result.traceback = escape_control(outcome.python_stack);
  }
  return result;
}

TestTotals totals(const std::vector<TestResult>& results) {
  TestTotals sum;
  for (const TestResult& result : results) {
    switch (result.status) {
      case TestStatus::kPassed:
        ++sum.passed;
        break;
      case TestStatus::kFailed:
        ++sum.failed;
        break;
      case TestStatus::kError:
        ++sum.errors;
        break;
      case TestStatus::kSkipped:
        ++sum.skipped;
        break;
    }
  }
  return sum;
}

}  // namespace nbreplay
