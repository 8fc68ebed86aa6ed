#include "nbreplay/trial/judgement.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>

#include "nbreplay/base/check.h"
#include "nbreplay/trial/ending.h"

namespace nbreplay {
namespace {

/// Walks a trial's executions up to the first that decides.
class Judge {
 public:
  Judge(const Trial& trial, const Outcome& outcome, const Crash& reference, Level level)
      : trial_(trial), outcome_(outcome), reference_(reference), level_(level) {
    for (std::size_t i = 0; i < trial.executions.size(); ++i) {
      if (is_target(trial.executions[i].cell)) last_target_ = i;
    }
  }

  Judgement judge() {
    if (!outcome_.environment_change.empty()) {
      return Unresolved{"the run changed its environment: " + outcome_.environment_change};
    }
    for (const CellOutcome& cell : outcome_.cells) {
      CHECK(cell.position < trial_.executions.size(), "a trial answers for its own executions");
      if (std::optional<Judgement> decided = judge_cell(cell)) return *std::move(decided);
    }
    // Whatever became of the process after its last cell, every cell has completed.
    if (outcome_.cells.size() == trial_.executions.size()) return Passes{};
    return Unresolved{describe_end(outcome_)};
  }

 private:
  [[nodiscard]] bool is_target(std::size_t cell) const {
    return !reference_.cell || cell == *reference_.cell;
  }

  std::optional<Judgement> judge_cell(const CellOutcome& cell) {
    if (std::holds_alternative<Completed>(cell.end)) {
      if (cell.position == last_target_) target_completed_ = true;
      return std::nullopt;
    }
    if (const auto* raised = std::get_if<Raised>(&cell.end)) return judge_raised(cell, *raised);
    // The run ended here, or before. Once the target has completed, that is its answer.
    if (target_completed_ && reference_.cell) return Passes{};
    if (std::holds_alternative<Interrupted>(cell.end)) return judge_interrupted(cell);
    return Unresolved{fmt::format("stopped early: {}", describe_end(outcome_))};
  }

  std::optional<Judgement> judge_raised(const CellOutcome& cell, const Raised& raised) const {
    const Execution& execution = trial_.executions[cell.position];
    if (raised.caused_by_limit) {
      return Unresolved{fmt::format("{} under nbreplay's own limit", raised.crash.type)};
    }
    const bool passed_over = execution.may_fail && cell.position != last_target_;
    if (passed_over) return std::nullopt;
    Crash crash = raised.crash;
    if (!crash.cell && execution.cell != kNoCell) crash.cell = execution.cell;
    if (is_target(execution.cell)) {
      const Agreement agreement = compare(reference_, crash, level_);
      if (agreement.same) return Same{agreement.level};
    }
    return Different{std::move(crash), cell.position, target_completed_};
  }

  [[nodiscard]] Judgement judge_interrupted(const CellOutcome& cell) const {
    const auto* signaled = std::get_if<Signaled>(&outcome_.termination);
    if (signaled != nullptr && reference_.type == kSignalType) {
      Crash crash = signal_crash(*signaled, trial_.executions[cell.position].cell);
      const Agreement agreement = compare(reference_, crash, level_);
      if (agreement.same) return Same{agreement.level};
      return Different{std::move(crash), cell.position, false};
    }
    const std::string end = describe_end(outcome_);
    return Unresolved{std::holds_alternative<Exited>(outcome_.termination)
                          ? "the notebook ended its own process: " + end
                          : end};
  }

  const Trial& trial_;
  const Outcome& outcome_;
  const Crash& reference_;
  Level level_;
  std::optional<std::size_t> last_target_;
  bool target_completed_ = false;
};

}  // namespace

Crash signal_crash(const Signaled& signaled, std::size_t cell) {
  Crash crash;
  crash.type = crash.qualified_type = kSignalType;
  const char* const name = ::sigabbrev_np(signaled.signal);
  crash.message = name != nullptr ? fmt::format("SIG{}", name) : std::to_string(signaled.signal);
  if (cell != kNoCell) crash.cell = cell;
  return crash;
}

Judgement judge(const Trial& trial, const Outcome& outcome, const Crash& reference, Level level) {
  return Judge(trial, outcome, reference, level).judge();
}

bool reached_all(const Outcome& outcome) {
  return std::ranges::none_of(outcome.cells, [](const CellOutcome& cell) {
    return std::holds_alternative<NotReached>(cell.end);
  });
}

}  // namespace nbreplay
