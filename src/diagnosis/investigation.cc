#include "diagnosis/investigation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nbreplay/base/check.h"
#include "nbreplay/trial/notebook_trial.h"

namespace nbreplay {
namespace {

/// Trials of a stretch that ran before get at least this long per cell.
constexpr Duration kShortestCellTimeout = std::chrono::seconds(10);
constexpr int kTimeoutFactor = 3;
/// Enough to see what is the matter.
constexpr std::size_t kMostTaints = 100;
/// Changed sources whose facts are kept.
constexpr std::size_t kMostParsed = 256;

}  // namespace

Investigation::Investigation(const Notebook& notebook, std::vector<CellFacts> facts,
                             std::shared_ptr<const Environment> environment,
                             std::shared_ptr<const Project> project, const Services& services,
                             const InvestigationSettings& settings, TimePoint started)
    : notebook_(notebook),
      facts_(std::move(facts)),
      environment_(std::move(environment)),
      project_(std::move(project)),
      services_(services),
      settings_(settings),
      started_(started) {
  CHECK(facts_.size() == notebook_.cells().size(), "facts are by cell index");
}

std::string Investigation::name(std::size_t cell) const {
  const auto ordinal = notebook_.ordinal_of(cell);
  return ordinal ? fmt::format("cell {}", *ordinal) : fmt::format("cell at index {}", cell);
}

std::string Investigation::names(std::span<const std::size_t> cells) const {
  if (cells.size() == 1) return name(cells.front());
  std::vector<std::size_t> ordinals;
  for (const std::size_t cell : cells) ordinals.push_back(notebook_.ordinal_of(cell).value_or(0));
  return fmt::format("cells {}", fmt::join(ordinals, ", "));
}

CellName Investigation::cell_name(std::size_t cell) const {
  return {cell, notebook_.ordinal_of(cell).value_or(0), notebook_.cells()[cell].id};
}

Trial Investigation::trial(const ExecutionOrder& order) const {
  Trial result;
  result.executions = executions_of(notebook_, order, ErrorPolicy::kAsRecorded);
  if (!result.executions.empty()) result.executions.back().may_fail = false;
  result.environment = environment_;
  result.project = project_;
  result.variables = settings_.variables;
  result.random_seed = settings_.seed;
  result.shell = settings_.shell;
  return result;
}

Limits Investigation::trial_limits() const {
  Limits limits = settings_.limits;
  if (!limits.cell_timeout && any_cell_ran_)
    limits.cell_timeout = std::max<Duration>(kShortestCellTimeout, kTimeoutFactor * slowest_cell_);
  if (const auto end = deadline()) {
    const Duration left = std::max<Duration>(*end - services_.clock.now(), Duration::zero());
    limits.budget = limits.budget ? std::min(*limits.budget, left) : left;
  }
  return limits;
}

std::optional<TimePoint> Investigation::deadline() const {
  if (!settings_.budget) return std::nullopt;
  return started_ + std::chrono::duration_cast<TimePoint::duration>(*settings_.budget);
}

std::optional<Duration> Investigation::time_left() const {
  const auto end = deadline();
  if (!end) return std::nullopt;
  return std::max<Duration>(*end - services_.clock.now(), Duration::zero());
}

bool Investigation::stopped() const {
  return failure_.has_value() || stopped_by() != StoppedBy::kDone || !environment_change_.empty();
}

StoppedBy Investigation::stopped_by() const {
  if (services_.stop.requested())
    return services_.stop.reason() == StopRequest::Reason::kBudget ? StoppedBy::kBudget
                                                                   : StoppedBy::kInterrupt;
  const auto end = deadline();
  return end && services_.clock.now() >= *end ? StoppedBy::kBudget : StoppedBy::kDone;
}

void Investigation::distrust_forks() {
  count_dropped();
  distrusts_forks_ = true;
}

void Investigation::learn(const Trial& trial, const Outcome& outcome, Origin origin) {
  ++counts_.total;
  for (const Taint& taint : outcome.taints) {
    if (taint.position >= trial.executions.size() || taints_.size() >= kMostTaints) continue;
    CellTaint found{trial.executions[taint.position].cell, taint.hazard};
    if (std::find(taints_.begin(), taints_.end(), found) == taints_.end())
      taints_.push_back(std::move(found));
  }
  switch (origin) {
    case Origin::kFresh:
      ++counts_.fresh;
      break;
    case Origin::kBranched:
      ++counts_.branched;
      break;
    case Origin::kWarm:
      ++counts_.warm;
      break;
    case Origin::kCached:
      ++counts_.cached;
      break;
  }
  if (!outcome.environment_change.empty() && environment_change_.empty())
    environment_change_ = outcome.environment_change;
  for (const PipRequirement& requirement : outcome.requirements) {
    const bool known = std::any_of(
        requirements_.begin(), requirements_.end(),
        [&](const PipRequirement& other) { return other.command == requirement.command; });
    if (!known) requirements_.push_back(requirement);
  }
  for (const CellOutcome& cell : outcome.cells) {
    if (std::holds_alternative<NotReached>(cell.end)) continue;
    any_cell_ran_ = true;
    if (!std::holds_alternative<Interrupted>(cell.end))
      slowest_cell_ = std::max(slowest_cell_, cell.wall);
  }
}

std::vector<CellFacts> Investigation::facts_of(const std::vector<std::string>& sources) {
  std::vector<std::string> unknown;
  for (const std::string& source : sources)
    if (!parsed_.contains(source)) unknown.push_back(source);
  if (parsed_.size() + unknown.size() > kMostParsed) {
    parsed_.clear();
    unknown = sources;
  }
  if (!unknown.empty()) {
    auto found = services_.facts.facts(unknown);
    for (std::size_t i = 0; i < unknown.size(); ++i) {
      CellFacts none;
      none.problem = "its facts could not be found out";
      const bool known = found && i < found->size();
      parsed_.insert_or_assign(unknown[i], known ? std::move((*found)[i]) : std::move(none));
    }
  }
  std::vector<CellFacts> answers;
  answers.reserve(sources.size());
  for (const std::string& source : sources) answers.push_back(parsed_.at(source));
  return answers;
}

void Investigation::name_statements(const Trial& trial, Outcome& outcome) {
  for (CellOutcome& cell : outcome.cells) {
    auto* raised = std::get_if<Raised>(&cell.end);
    if (raised == nullptr || raised->crash.statement || !raised->crash.line) continue;
    if (cell.position >= trial.executions.size()) continue;
    const Execution& execution = trial.executions[cell.position];
    const bool unchanged = execution.cell < facts_.size() &&
                           notebook_.cells()[execution.cell].source == execution.source;
    std::vector<CellFacts> parsed;
    if (!unchanged) parsed = facts_of({execution.source});
    const CellFacts& facts = unchanged ? facts_[execution.cell] : parsed.front();
    std::string statement = statement_at(facts, execution.source, *raised->crash.line);
    if (!statement.empty()) raised->crash.statement = std::move(statement);
  }
}

std::vector<std::optional<Ran>> Investigation::run_all(std::vector<Trial> trials,
                                                       Freshness freshness) {
  if (distrusts_forks_) freshness = Freshness::kFresh;
  std::vector<std::optional<Ran>> answers(trials.size());
  std::vector<TrialId> ids(trials.size(), 0);
  std::size_t submitted = 0;
  std::size_t outstanding = 0;
  // Submitted only as places come free: limits and time-outs then know what was learnt before.
  const auto submit_next = [&] {
    trials[submitted].limits = trial_limits();
    ids[submitted] = services_.runner.submit(trials[submitted], freshness);
    ++submitted;
    ++outstanding;
  };
  while ((submitted < trials.size() && !stopped()) || outstanding > 0) {
    while (submitted < trials.size() && outstanding < jobs() && !stopped()) submit_next();
    if (outstanding == 0) break;
    auto answer = services_.runner.wait(deadline());
    if (!answer) failure_ = answer.error();
    if (!answer || !*answer) {  // cannot run, or out of time: what still runs is given up
      for (std::size_t i = 0; i < submitted; ++i)
        if (!answers[i]) services_.runner.cancel(ids[i]);
      break;
    }
    const auto found =
        std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(submitted), (*answer)->id);
    if (found == ids.begin() + static_cast<std::ptrdiff_t>(submitted)) continue;
    --outstanding;
    const auto index = static_cast<std::size_t>(found - ids.begin());
    const Outcome& outcome = (*answer)->outcome;
    // A run that a stop cut short says nothing, not even that it was run.
    const auto* ended = std::get_if<TimedOut>(&outcome.termination);
    if (std::holds_alternative<Killed>(outcome.termination) && services_.stop.requested()) continue;
    if (ended != nullptr && ended->limit == TimeLimit::kBudget && stopped_by() != StoppedBy::kDone)
      continue;
    name_statements(trials[index], (*answer)->outcome);
    learn(trials[index], outcome, (*answer)->origin);
    services_.observer.trial_finished(trials[index], outcome, (*answer)->origin);
    answers[index] = Ran{std::move((*answer)->outcome), (*answer)->origin};
  }
  return answers;
}

std::optional<Ran> Investigation::run(Trial trial, Freshness freshness) {
  std::vector<Trial> one;
  one.push_back(std::move(trial));
  return std::move(run_all(std::move(one), freshness).front());
}

bool Investigation::uses_randomness(std::span<const std::size_t> cells) const {
  const bool random = std::any_of(cells.begin(), cells.end(),
                                  [&](std::size_t cell) { return facts_[cell].random; });
  return random && !settings_.seed;
}

const CellOutcome* last_execution_of(const Outcome& outcome, std::size_t cell) {
  for (auto it = outcome.cells.rbegin(); it != outcome.cells.rend(); ++it)
    if (it->cell == cell && !std::holds_alternative<NotReached>(it->end)) return &*it;
  return nullptr;
}

std::string describe_failure(const Investigation& investigation, const Judgement& judgement) {
  if (std::holds_alternative<Same>(judgement)) return "same";
  if (std::holds_alternative<Passes>(judgement)) return "passes";
  if (const auto* unresolved = std::get_if<Unresolved>(&judgement))
    return fmt::format("unresolved: {}", unresolved->why);
  const auto& different = std::get<Different>(judgement);
  const std::string where =
      different.crash.cell && *different.crash.cell < investigation.notebook().cells().size()
          ? " in " + investigation.name(*different.crash.cell)
          : "";
  return fmt::format("different: {}{}", crash_summary(different.crash), where);
}

}  // namespace nbreplay
