// Which executions the crash needs: interval and certify (reduce/interval.h) over the executions
// of R0, bounded by its thin and full slice. The last execution is under test and always stays.

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "nbreplay/base/check.h"
#include "nbreplay/crash/missing.h"
#include "nbreplay/dataflow/slice.h"
#include "nbreplay/reduce/interval.h"

#include "diagnosis/case.h"
#include "diagnosis/minimise.h"

namespace nbreplay {
namespace {

using reduce::Subset;
using reduce::TestOutcome;

/// Enough to see what else is wrong; a notebook cannot fill the result with more.
constexpr std::size_t kMostSlipped = 8;

/// Subsets of R0's executions before the last, tested by running them followed by the last.
class ExecutionOracle final : public reduce::Oracle {
 public:
  struct Tested {
    TestOutcome outcome = TestOutcome::kUnresolved;
    Origin origin = Origin::kFresh;
  };

  ExecutionOracle(Investigation& investigation, const BaseRun& base, std::vector<Crash>& slipped)
      : investigation_(investigation), base_(base), slipped_(slipped) {
    seen_.insert(signature_digest(base.observed, Level::kA));
  }

  void test(std::span<const Subset> batch, const Report& report) override {
    run_unknown(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto known = known_.find(order_of(batch[i]));
      if (known != known_.end()) report(i, known->second.outcome);
    }
  }

  std::size_t jobs() const override { return investigation_.jobs(); }

  ExecutionOrder order_of(const Subset& kept) const {
    ExecutionOrder order;
    for (const std::size_t position : kept) order.push_back(base_.order[position]);
    order.push_back(base_.order.back());
    return order;
  }

  /// Runs again, in fresh processes, what the cache said of leaving out any single one of `kept`.
  void certify_fresh(const Subset& kept) {
    std::vector<Trial> trials;
    std::vector<ExecutionOrder> orders;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      Subset rest = kept;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      const auto known = known_.find(order_of(rest));
      if (known == known_.end() || known->second.origin != Origin::kCached) continue;
      if (std::find(orders.begin(), orders.end(), known->first) != orders.end()) continue;
      orders.push_back(known->first);
      trials.push_back(trial_like(investigation_, base_, orders.back()));
    }
    if (trials.empty()) return;
    const auto answers = investigation_.run_all(trials, Freshness::kFresh);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) continue;
      ++trials_;
      const Judgement judgement = judge(trials[i], answers[i]->outcome, base_.observed, Level::kA);
      known_.insert_or_assign(orders[i], Tested{test_outcome(judgement), answers[i]->origin});
    }
  }

  /// Of the executions `kept`; they must have been tested.
  const Tested& tested(const Subset& kept) const { return known_.at(order_of(kept)); }
  std::size_t trials() const { return trials_; }

 private:
  /// Runs what has not been run before. Leaving out either of two equal executions next to each
  /// other is the same run, made once.
  void run_unknown(std::span<const Subset> batch) {
    std::vector<ExecutionOrder> orders;
    std::vector<Trial> trials;
    for (const Subset& kept : batch) {
      ExecutionOrder order = order_of(kept);
      if (known_.contains(order) || std::find(orders.begin(), orders.end(), order) != orders.end())
        continue;
      trials.push_back(trial_like(investigation_, base_, order));
      orders.push_back(std::move(order));
    }
    auto answers = investigation_.run_all(trials, Freshness::kAny);
    rerun_forced_ends(trials, answers);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) continue;
      ++trials_;
      const Judgement judgement = judge(trials[i], answers[i]->outcome, base_.observed, Level::kA);
      known_.emplace(orders[i], Tested{test_outcome(judgement), answers[i]->origin});
      if (const auto* different = std::get_if<Different>(&judgement))
        note(different->crash, orders[i]);
      if (std::holds_alternative<Same>(judgement))
        smallest_ = std::min(smallest_, orders[i].size());
    }
    investigation_.observer().size(std::min(smallest_, base_.order.size()), base_.order.size());
  }

  void rerun_forced_ends(const std::vector<Trial>& trials,
                         std::vector<std::optional<Ran>>& answers) {
    std::vector<std::size_t> which;
    std::vector<Trial> again;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i] || answers[i]->origin == Origin::kFresh) continue;
      if (!ended_by_force(answers[i]->outcome)) continue;
      which.push_back(i);
      again.push_back(trials[i]);
    }
    if (again.empty()) return;
    trials_ += again.size();
    auto fresh = investigation_.run_all(std::move(again), Freshness::kFresh);
    for (std::size_t i = 0; i < which.size(); ++i) answers[which[i]] = std::move(fresh[i]);
  }

  /// Keeps a crash that came in place of the one under test. A name that is undefined because the
  /// execution that binds it was left out is what leaving out does, not another crash.
  void note(const Crash& crash, const ExecutionOrder& order) {
    if (slipped_.size() >= kMostSlipped || misses_left_out(undefined_name(crash), order)) return;
    if (seen_.insert(signature_digest(crash, Level::kA)).second) slipped_.push_back(crash);
  }

  bool misses_left_out(const std::string& name, const ExecutionOrder& order) const {
    if (name.empty()) return false;
    const std::multiset<std::size_t> all(base_.order.begin(), base_.order.end());
    const std::multiset<std::size_t> run(order.begin(), order.end());
    std::vector<std::size_t> left_out;
    std::set_difference(all.begin(), all.end(), run.begin(), run.end(),
                        std::back_inserter(left_out));
    return std::any_of(left_out.begin(), left_out.end(), [&](std::size_t cell) {
      return investigation_.facts()[cell].may_define(name);
    });
  }

  Investigation& investigation_;
  const BaseRun& base_;
  std::vector<Crash>& slipped_;
  std::set<std::string> seen_;  // digests of slipped crashes and of the one under test
  std::map<ExecutionOrder, Tested> known_;
  std::size_t smallest_ = static_cast<std::size_t>(-1);
  std::size_t trials_ = 0;
};

/// The slices as bounds over the executions before the last.
reduce::Interval interval_of(const Investigation& investigation, const BaseRun& base) {
  const std::size_t last = base.order.size() - 1;
  std::set<std::string> unbound;
  if (const std::string name = undefined_name(base.observed); !name.empty()) unbound.insert(name);
  std::set<std::size_t> may_fail;
  for (const Execution& execution : trial_like(investigation, base, base.order).executions)
    if (execution.may_fail) may_fail.insert(execution.cell);
  Slice slices = slice(base.order, investigation.facts(), last, unbound, may_fail);
  reduce::Interval interval;
  interval.needs.resize(last);
  for (std::size_t i = 0; i < slices.full.size() && i < slices.needs.size(); ++i)
    if (slices.full[i] < last) interval.needs[slices.full[i]] = std::move(slices.needs[i]);
  std::erase(slices.thin, last);
  std::erase(slices.full, last);
  interval.thin = std::move(slices.thin);
  interval.full = std::move(slices.full);
  return interval;
}

MinimalSequence::Certified certified_removals(const reduce::Reduction& reduction,
                                              const ExecutionOracle& oracle) {
  MinimalSequence::Certified certified;
  certified.of = reduction.kept.size();
  for (std::size_t i = 0; i < reduction.kept.size(); ++i) {
    if (!reduction.without[i]) continue;
    Subset rest = reduction.kept;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    if (oracle.tested(rest).outcome != TestOutcome::kPass) continue;
    count_removal(certified, oracle.tested(rest).origin);
  }
  return certified;
}

/// Only what was seen in this call is claimed: a removal that ended by a time-out, or that only
/// the cache knows of, leaves the result partial.
Guarantee guarantee_of(const MinimalSequence::Certified& certified, std::size_t initial) {
  const std::size_t seen = certified.fresh + certified.branched;
  if (seen == certified.of) return Guarantee::kOneMinimal;
  const bool anything = certified.of < initial || seen + certified.cached > 0;
  return anything ? Guarantee::kPartial : Guarantee::kNone;
}

}  // namespace

TestOutcome test_outcome(const Judgement& judgement) {
  if (std::holds_alternative<Same>(judgement)) return TestOutcome::kFail;
  if (std::holds_alternative<Unresolved>(judgement)) return TestOutcome::kUnresolved;
  return TestOutcome::kPass;
}

void count_removal(CertifiedRemovals& certified, Origin origin) {
  switch (origin) {
    case Origin::kFresh:
      ++certified.fresh;
      break;
    case Origin::kBranched:
    case Origin::kWarm:
      ++certified.branched;
      break;
    case Origin::kCached:
      ++certified.cached;
      break;
  }
}

bool ended_by_force(const Outcome& outcome) {
  return std::holds_alternative<TimedOut>(outcome.termination) ||
         std::holds_alternative<Signaled>(outcome.termination) ||
         std::holds_alternative<LimitExceeded>(outcome.termination);
}

MinimalSequence minimise_cells(Investigation& investigation, const BaseRun& base) {
  CHECK(!base.order.empty(), "R0 ends with the crashed cell");
  investigation.observer().stage("minimise executions");
  MinimalSequence minimal;
  ExecutionOracle oracle(investigation, base, minimal.slipped);
  const std::size_t before_last = base.order.size() - 1;
  const reduce::Reduction reduction =
      reduce::interval_and_certify(before_last, interval_of(investigation, base), oracle);
  minimal.order = oracle.order_of(reduction.kept);
  for (const Execution& execution : trial_like(investigation, base, minimal.order).executions)
    minimal.may_fail.push_back(execution.may_fail);
  oracle.certify_fresh(reduction.kept);
  minimal.certified = certified_removals(reduction, oracle);
  minimal.guarantee = guarantee_of(minimal.certified, before_last);
  minimal.queries = oracle.trials();
  return minimal;
}

}  // namespace nbreplay
