#include "cli/logged_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nbreplay/base/units.h"
#include "nbreplay/trial/ending.h"

namespace nbreplay::cli {
namespace {

std::string order_words(const Trial& trial) {
  std::vector<std::string> cells;
  for (const Execution& execution : trial.executions)
    cells.push_back(execution.cell == kNoCell ? "-" : std::to_string(execution.cell));
  return fmt::format("{}", fmt::join(cells, ","));
}

std::string end_words(const Outcome& outcome) {
  std::string text = describe_end(outcome);
  for (const CellOutcome& cell : outcome.cells)
    if (const auto* raised = std::get_if<Raised>(&cell.end))
      text += fmt::format("; execution {} (cell {}) raised {}", cell.position,
                          cell.cell == kNoCell ? "-" : std::to_string(cell.cell),
                          crash_summary(raised->crash));
  return text;
}

}  // namespace

TrialId LoggedRunner::submit(Trial trial, Freshness freshness, TrialEvents events) {
  std::string words;
  if (log_.keeps_details())
    words = fmt::format(
        "cells {}{}, hash seed {}{}", order_words(trial),
        freshness == Freshness::kFresh ? ", must be fresh" : "", trial.hash_seed,
        trial.placeholder_modules.empty()
            ? std::string()
            : fmt::format(", placeholders for {}", fmt::join(trial.placeholder_modules, ", ")));
  const TrialId id = inner_.submit(std::move(trial), freshness, std::move(events));
  if (!words.empty()) log_.detail(fmt::format("trial {}: {}", id, words));
  return id;
}

Result<std::optional<Answer>> LoggedRunner::wait(std::optional<TimePoint> deadline) {
  auto answer = inner_.wait(deadline);
  if (!log_.keeps_details()) return answer;
  if (!answer)
    log_.detail(fmt::format("no trial can be run: {}", answer.error().message));
  else if (*answer)
    log_.detail(fmt::format("trial {}: {} after {} ({})", (*answer)->id,
                            end_words((*answer)->outcome), format_duration((*answer)->outcome.wall),
                            to_string((*answer)->origin)));
  if (answer && *answer)
    for (const Taint& taint : (*answer)->outcome.taints)
      log_.detail(fmt::format("trial {}: no snapshot after execution {}: {}", (*answer)->id,
                              taint.position, taint.hazard));
  return answer;
}

void LoggedRunner::cancel(TrialId id) {
  log_.detail(fmt::format("trial {}: cancelled", id));
  inner_.cancel(id);
}

}  // namespace nbreplay::cli
