#include "diagnosis/orders_runs.h"

#include <algorithm>

#include "nbreplay/base/units.h"
#include "nbreplay/crash/signature.h"
#include "nbreplay/trial/ending.h"
#include "nbreplay/trial/judgement.h"

namespace nbreplay {
namespace {

std::vector<bool> may_fail_of(const Trial& trial) {
  std::vector<bool> may_fail;
  for (const Execution& execution : trial.executions) may_fail.push_back(execution.may_fail);
  return may_fail;
}

}  // namespace

Trial OrderRuns::trial(const ExecutionOrder& order) const {
  Trial trial = investigation_.trial(order);
  trial.executions = executions_of(investigation_.notebook(), order, ErrorPolicy::kStop);
  return trial;
}

OrderOutcome OrderRuns::judge(const Trial& trial, const Ran& ran) const {
  OrderOutcome result;
  result.origin = ran.origin;
  const Outcome& outcome = ran.outcome;
  const auto unresolved = [&](std::string why) {
    result.end = OrderEnd::kUnresolved;
    result.why = std::move(why);
    return result;
  };
  if (!outcome.environment_change.empty())
    return unresolved("the run changed its environment: " + outcome.environment_change);
  const CellOutcome* failure = outcome.first_failure(may_fail_of(trial));
  if (failure == nullptr) {
    if (outcome.cells.size() < trial.executions.size() || !reached_all(outcome))
      return unresolved(describe_end(outcome));
    result.end = OrderEnd::kPasses;
    return result;
  }
  if (const auto* raised = std::get_if<Raised>(&failure->end)) {
    if (raised->caused_by_limit)
      return unresolved(raised->crash.type + " under nbreplay's own limit");
    result.crash = raised->crash;
    if (!result.crash->cell) result.crash->cell = failure->cell;
  } else if (const auto* signaled = std::get_if<Signaled>(&outcome.termination)) {
    result.crash = signal_crash(*signaled, failure->cell);
  } else {
    return unresolved(describe_end(outcome));
  }
  result.end = OrderEnd::kCrashes;
  result.position = failure->position;
  result.cell = failure->cell;
  return result;
}

void OrderRuns::account(const Trial& trial, const Ran& ran) {
  last_ = Duration{};
  last_walls_.clear();
  std::vector<std::size_t> prefix = {trial.observe ? std::size_t{1} : std::size_t{0}};
  for (const CellOutcome& cell : ran.outcome.cells) {
    if (std::holds_alternative<NotReached>(cell.end)) break;
    prefix.push_back(cell.cell);
    const bool inherited =
        (ran.origin == Origin::kBranched && walls_[prefix].contains(cell.wall)) ||
        ran.origin == Origin::kCached;
    walls_[prefix].insert(cell.wall);
    executed_[cell.cell].push_back(
        {cell.wall, std::holds_alternative<Completed>(cell.end), inherited});
    last_ += cell.wall;
    last_walls_[cell.cell] = std::max(last_walls_[cell.cell], cell.wall);
  }
}

void OrderRuns::last_was_base() {
  base_ = last_;
  base_walls_ = last_walls_;
}

OrdersCost OrderRuns::cost() const {
  OrdersCost cost;
  cost.base = base_;
  Duration executed{};
  Duration all{};
  for (const auto& [cell, executions] : executed_) {
    const auto base = base_walls_.find(cell);
    for (const Executed& execution : executions) {
      Duration wall = execution.wall;
      // What fails at once takes less than it did in the base order; what completes does the same.
      if (base != base_walls_.end())
        wall = execution.completed ? base->second : std::min(wall, base->second);
      all += wall;
      if (execution.inherited) continue;
      executed += wall;
      cost.executed += execution.wall;
    }
  }
  if (base_ <= Duration::zero()) return cost;
  cost.base_runs = seconds(executed) / seconds(base_);
  cost.base_runs_from_top = seconds(all) / seconds(base_);
  return cost;
}

std::vector<OrderOutcome> OrderRuns::run(const std::vector<ExecutionOrder>& orders,
                                         Freshness freshness) {
  std::vector<Trial> trials;
  for (const ExecutionOrder& order : orders) trials.push_back(trial(order));
  const auto answers = investigation_.run_all(trials, freshness);
  std::vector<OrderOutcome> outcomes(orders.size());
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (!answers[i]) continue;
    account(trials[i], *answers[i]);
    outcomes[i] = judge(trials[i], *answers[i]);
    if (outcomes[i].end != OrderEnd::kUnresolved || answers[i]->origin == Origin::kFresh) continue;
    const auto again = investigation_.run(trials[i], Freshness::kFresh);
    if (!again) continue;
    account(trials[i], *again);
    outcomes[i] = judge(trials[i], *again);
  }
  return outcomes;
}

OrderOutcome OrderRuns::run(const ExecutionOrder& order, Freshness freshness) {
  return run(std::vector<ExecutionOrder>{order}, freshness).front();
}

std::vector<OrderRuns::Watched> OrderRuns::watch(const std::vector<ExecutionOrder>& orders) {
  std::vector<Trial> trials;
  for (const ExecutionOrder& order : orders) {
    trials.push_back(trial(order));
    trials.back().observe = true;
  }
  const auto answers = investigation_.run_all(trials, Freshness::kAny);
  std::vector<Watched> watched(orders.size());
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (!answers[i]) continue;
    account(trials[i], *answers[i]);
    watched[i].outcome = judge(trials[i], *answers[i]);
    const auto& cells = answers[i]->outcome.cells;
    if (cells.size() == orders[i].size()) watched[i].last = cells.back().observed;
  }
  return watched;
}

std::optional<std::map<std::size_t, std::vector<Observed>>> OrderRuns::observe(
    const ExecutionOrder& order, const OrderOutcome& expected) {
  Trial watched = trial(order);
  watched.observe = true;
  const auto ran = investigation_.run(watched, Freshness::kAny);
  if (!ran) return std::nullopt;
  account(watched, *ran);
  if (!alike(judge(watched, *ran), expected)) return std::nullopt;
  std::map<std::size_t, std::vector<Observed>> seen;
  for (const CellOutcome& cell : ran->outcome.cells)
    if (cell.observed) seen[cell.cell].push_back(*cell.observed);
  return seen;
}

CellEffects effects_of(const Investigation& investigation,
                       const std::map<std::size_t, std::vector<Observed>>& observed) {
  CellEffects effects;
  const std::vector<CellFacts>& facts = investigation.facts();
  for (std::size_t cell = 0; cell < facts.size(); ++cell) {
    effects.parsed.push_back(parsed_effects(facts[cell]));
    const auto seen = observed.find(cell);
    if (seen == observed.end() || seen->second.empty()) {
      effects.measured.push_back(effects.parsed.back());
      continue;
    }
    std::optional<Effects> all;
    for (const Observed& one : seen->second) {
      Effects measured =
          measured_effects(facts[cell], {one.reads, one.writes, one.changes, one.complete});
      all = all ? both(*all, measured) : std::move(measured);
    }
    if (!all->exact) effects.incomplete.push_back(cell);
    effects.measured.push_back(*std::move(all));
  }
  return effects;
}

bool alike(const OrderOutcome& a, const OrderOutcome& b) {
  if (a.end != b.end) return false;
  if (!a.crashes()) return a.end == OrderEnd::kPasses;
  return a.cell == b.cell && compare(*a.crash, *b.crash, Level::kA).same;
}

}  // namespace nbreplay
