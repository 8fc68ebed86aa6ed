#include "diagnosis/reproduce.h"

#include <fmt/format.h>

#include <algorithm>

#include "nbreplay/crash/missing.h"
#include "nbreplay/crash/recorded.h"
#include "nbreplay/trial/ending.h"

#include "diagnosis/obstacle.h"

namespace nbreplay {
namespace {

constexpr std::size_t kMaxPlaceholders = 16;
/// A crash that is seen in some runs only gets this many, so that its rate means something.
constexpr std::size_t kFlakyRuns = 5;
constexpr std::size_t kAbsentRuns = 3;
constexpr std::size_t kAbsentRunsRandom = 5;

/// The result of trying one candidate order.
struct Tried {
  std::size_t candidate = 0;
  Trial trial;
  Ran ran;
  Judgement judgement;  ///< Against the record, at level B.
};

/// The crash that a trial showed in the target: an exception, or a death by signal.
std::optional<Crash> crash_in(const Outcome& outcome, std::size_t cell) {
  const CellOutcome* last = last_execution_of(outcome, cell);
  if (last == nullptr) return std::nullopt;
  if (const auto* raised = std::get_if<Raised>(&last->end); raised != nullptr)
    return raised->caused_by_limit ? std::nullopt : std::optional(raised->crash);
  const auto* signaled = std::get_if<Signaled>(&outcome.termination);
  if (signaled != nullptr && std::holds_alternative<Interrupted>(last->end))
    return signal_crash(*signaled, cell);
  return std::nullopt;
}

std::vector<CandidateOrder> candidates_of(const Investigation& investigation,
                                          const Target& target) {
  const InvestigationSettings& settings = investigation.settings();
  if (settings.order) {
    // What comes after the crashed cell has no part in its crash.
    ExecutionOrder order = *settings.order;
    while (!order.empty() && order.back() != target.cell) order.pop_back();
    if (order.empty()) return {};
    const bool plain = order == investigation.top_to_bottom(target.cell);
    return {{std::move(order), OrderSource::kSearched,
             plain ? "top to bottom" : "the order asked for"}};
  }
  if (!target.recorded) {
    return {{investigation.top_to_bottom(target.cell), OrderSource::kTopToBottom, "top to bottom"}};
  }
  return candidate_orders(investigation.notebook(), investigation.facts(), target.cell,
                          *target.recorded, settings.max_candidates);
}

class Reproducer {
 public:
  Reproducer(Investigation& investigation, const Target& target)
      : investigation_(investigation),
        target_(target),
        candidates_(candidates_of(investigation, target)) {}

  Reproduction run() {
    investigation_.observer().stage("reproduce");
    std::optional<Tried> same = search();
    while (!same && add_placeholder()) same = search();
    // An order that only forked processes crash in is dropped, and the search goes on without them.
    while (same && !holds_fresh(*same)) {
      investigation_.distrust_forks();
      same = search();
    }
    Reproduction result;
    result.stubs = placeholders_;
    if (same) {
      confirm(result, *same);
    } else {
      explain_absence(result);
    }
    return result;
  }

 private:
  /// Whether a fresh process crashes as a forked one did; one that says nothing denies nothing.
  bool holds_fresh(Tried& same) {
    if (same.ran.origin == Origin::kFresh) return true;
    auto fresh = investigation_.run(same.trial, Freshness::kFresh);
    if (!fresh) return true;
    Judgement judgement = judge_candidate(same.trial, fresh->outcome);
    if (std::holds_alternative<Unresolved>(judgement)) return true;
    if (!std::holds_alternative<Same>(judgement)) return false;
    same.ran = std::move(*fresh);
    same.judgement = std::move(judgement);
    return true;
  }

  Trial trial_of(std::size_t candidate) const {
    Trial trial = investigation_.trial(candidates_[candidate].cells);
    trial.placeholder_modules = placeholders_;
    return trial;
  }

  /// Tries candidates a machine-load at a time and returns the likeliest that crashes as recorded.
  std::optional<Tried> search() {
    tried_.clear();
    obstacle_ = Obstacle(target_.cell);
    const std::size_t width = std::max<std::size_t>(1, investigation_.jobs());
    std::size_t next = 0;
    while (next < candidates_.size() && !investigation_.stopped()) {
      // The first candidate is right most often: others at the same time would only slow it down.
      const std::size_t end = next == 0 ? 1 : std::min(next + width, candidates_.size());
      if (auto same = try_range(next, end)) return same;
      if (!placeholder_wanted().empty()) break;
      next = end;
    }
    return std::nullopt;
  }

  std::optional<Tried> try_range(std::size_t begin, std::size_t end) {
    std::vector<Trial> trials;
    std::vector<std::size_t> wanted;
    for (std::size_t i = begin; i < end; ++i)
      if (!obstacle_.stands_before(candidates_[i].cells)) wanted.push_back(i);
    for (const std::size_t i : wanted) trials.push_back(trial_of(i));
    // The first run counts as a confirmation, or against one: it must be fresh anyhow.
    const Freshness freshness = begin == 0 ? Freshness::kFresh : Freshness::kAny;
    auto answers = investigation_.run_all(trials, freshness);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) continue;
      Judgement judgement = judge_candidate(trials[i], answers[i]->outcome);
      obstacle_.note(candidates_[wanted[i]].cells, judgement);
      tried_.push_back({wanted[i], trials[i], std::move(*answers[i]), std::move(judgement)});
      if (std::holds_alternative<Same>(tried_.back().judgement)) return tried_.back();
    }
    return std::nullopt;
  }

  Judgement judge_candidate(const Trial& trial, const Outcome& outcome) const {
    if (target_.recorded) return judge(trial, outcome, *target_.recorded, Level::kB);
    const auto crash = crash_in(outcome, target_.cell);
    if (crash) return Same{Level::kS};
    Crash anything;
    anything.cell = target_.cell;
    return judge(trial, outcome, anything, Level::kD);
  }

  /// Which names are bound when decides a NameError and nothing else does: then, and only then,
  /// modules that are missing may be replaced by placeholders without hiding the crash.
  std::string placeholder_wanted() const {
    if (!target_.recorded || target_.recorded->type != "NameError" || tried_.empty()) return {};
    const auto* different = std::get_if<Different>(&tried_.front().judgement);
    if (different == nullptr || different->crash.cell == target_.cell) return {};
    const std::string module = missing_module(different->crash);
    const bool known =
        std::find(placeholders_.begin(), placeholders_.end(), module) != placeholders_.end();
    return known || placeholders_.size() >= kMaxPlaceholders ? std::string() : module;
  }

  bool add_placeholder() {
    const std::string module = placeholder_wanted();
    if (module.empty() || investigation_.stopped()) return false;
    placeholders_.push_back(module);
    return true;
  }

  void confirm(Reproduction& result, const Tried& same) {
    const CandidateOrder& candidate = candidates_[same.candidate];
    result.order = candidate.cells;
    result.order_from = candidate.from;
    result.order_why = candidate.why;
    result.observed = crash_in(same.ran.outcome, target_.cell);
    for (const CellOutcome& cell : same.ran.outcome.cells) {
      const auto* raised = std::get_if<Raised>(&cell.end);
      if (raised != nullptr && cell.position + 1 < candidate.cells.size())
        result.earlier_failures.push_back({cell.position, raised->crash});
    }
    if (target_.recorded) result.level = std::get<Same>(same.judgement).level;

    investigation_.observer().stage("confirm");
    if (same.ran.origin == Origin::kFresh) count_run(result, same.trial.hash_seed, true);
    std::size_t wanted = investigation_.settings().confirmations;
    std::uint32_t seed = 1;
    std::string unresolved;
    // A run that met a limit says nothing: it is not counted, and tried again only so often.
    while (result.fresh_runs < wanted && seed <= 2 * wanted && !investigation_.stopped()) {
      std::vector<Trial> trials;
      for (std::size_t i = result.fresh_runs; i < wanted; ++i) {
        trials.push_back(same.trial);
        trials.back().hash_seed = seed++;
      }
      const auto answers = investigation_.run_all(trials, Freshness::kFresh);
      for (std::size_t i = 0; i < answers.size(); ++i) {
        if (!answers[i]) continue;
        const Judgement judgement =
            judge(trials[i], answers[i]->outcome, *result.observed, Level::kA);
        if (const auto* nothing = std::get_if<Unresolved>(&judgement)) {
          unresolved = nothing->why;
        } else {
          count_run(result, trials[i].hash_seed, std::holds_alternative<Same>(judgement));
        }
      }
      if (result.matching < result.fresh_runs) wanted = std::max(wanted, kFlakyRuns);
    }
    decide_confirmed(result, unresolved);
  }

  static void count_run(Reproduction& result, std::uint32_t seed, bool matching) {
    ++result.fresh_runs;
    result.hash_seeds.push_back(seed);
    if (matching) ++result.matching;
  }

  void decide_confirmed(Reproduction& result, const std::string& unresolved) const {
    if (result.matching < result.fresh_runs) {
      result.verdict = ReproductionVerdict::kFlaky;
      result.why = fmt::format("the crash recurred in {} of {} fresh runs of the same order",
                               result.matching, result.fresh_runs);
    } else if (result.fresh_runs < investigation_.settings().confirmations) {
      result.verdict = ReproductionVerdict::kBlocked;
      result.why =
          fmt::format("the crash recurred, but only {} of {} confirming runs came to an end: {}",
                      result.fresh_runs, investigation_.settings().confirmations,
                      unresolved.empty() ? "the command was stopped" : unresolved);
    } else {
      result.verdict = ReproductionVerdict::kReproduced;
      result.why =
          fmt::format("{} of {} fresh runs crashed alike", result.matching, result.fresh_runs);
    }
  }

  void explain_absence(Reproduction& result) {
    if (tried_.empty()) {
      result.verdict = ReproductionVerdict::kBlocked;
      result.why = candidates_.empty() ? "the order asked for does not run the crashed cell"
                   : investigation_.environment_change().empty()
                       ? "the command was stopped before a run had ended"
                       : "the run changed its environment";
      return;
    }
    const Tried& likeliest = tried_.front();
    const CandidateOrder& candidate = candidates_[likeliest.candidate];
    result.order = candidate.cells;
    result.order_from = candidate.from;
    result.order_why = candidate.why;
    if (likeliest.ran.origin == Origin::kFresh) count_run(result, likeliest.trial.hash_seed, false);
    const auto* elsewhere = std::get_if<Different>(&likeliest.judgement);
    const std::string missing =
        elsewhere != nullptr ? missing_resource(investigation_, elsewhere->crash) : std::string();
    if (!missing.empty()) {
      result.verdict = ReproductionVerdict::kBlocked;
      result.why = missing;
    } else if (Tried* other = nearest_different(); other != nullptr && seen_fresh(*other, result)) {
      const Crash crash = std::get<Different>(other->judgement).crash;
      result.order = candidates_[other->candidate].cells;
      result.order_from = candidates_[other->candidate].from;
      result.order_why = candidates_[other->candidate].why;
      if (recurs(*other, result)) {
        result.verdict = ReproductionVerdict::kFlaky;
        result.why = fmt::format("the crash recurred in {} of {} fresh runs of the same order",
                                 result.matching, result.fresh_runs);
        return;
      }
      result.verdict = ReproductionVerdict::kDifferentCrash;
      result.observed = crash;
      const Agreement agreement = compare(*target_.recorded, crash, Level::kD);
      result.level = agreement.level;
      result.why =
          fmt::format("recorded was {}, observed is {}{}: {}", crash_summary(*target_.recorded),
                      crash_summary(crash),
                      crash.cell ? " in " + investigation_.name(*crash.cell) : "", agreement.why);
      if (obstacle_.crash() != nullptr)
        result.why +=
            fmt::format("; {} orders ended there, and the others that run {} were left out",
                        obstacle_.orders(), investigation_.name(*obstacle_.crash()->cell));
    } else if (const auto* unresolved = std::get_if<Unresolved>(&likeliest.judgement)) {
      result.verdict = ReproductionVerdict::kBlocked;
      result.why = unresolved->why;
    } else {
      decide_absent(result, likeliest);
    }
  }

  /// The trial whose crash comes nearest to the record: the same type in the same cell if any,
  /// else what the likeliest order did.
  Tried* nearest_different() {
    if (!target_.recorded) return nullptr;
    for (Tried& tried : tried_) {
      const auto* different = std::get_if<Different>(&tried.judgement);
      if (different != nullptr && compare(*target_.recorded, different->crash, Level::kC).same)
        return &tried;
    }
    return std::holds_alternative<Different>(tried_.front().judgement) ? &tried_.front() : nullptr;
  }

  /// Whether a fresh run crashes so, too: what only the cache says is not claimed. `result` then
  /// counts the runs of that order.
  bool seen_fresh(Tried& tried, Reproduction& result) {
    if (tried.ran.origin != Origin::kFresh) {
      auto ran = investigation_.run(tried.trial, Freshness::kFresh);
      if (!ran) return false;
      Judgement judgement = judge_candidate(tried.trial, ran->outcome);
      if (!std::holds_alternative<Different>(judgement)) return false;
      tried.ran = std::move(*ran);
      tried.judgement = std::move(judgement);
    }
    if (&tried != &tried_.front()) {
      result.fresh_runs = 0;
      result.hash_seeds.clear();
      count_run(result, tried.trial.hash_seed, false);
    }
    return true;
  }

  /// Whether other runs of an order that crashed with the recorded type in the recorded cell crash
  /// as recorded: what a message quotes may follow the hash seed, or chance.
  bool recurs(const Tried& tried, Reproduction& result) {
    const Crash& crash = std::get<Different>(tried.judgement).crash;
    if (!compare(*target_.recorded, crash, Level::kC).same) return false;
    std::vector<Trial> trials;
    for (std::uint32_t seed = 1; seed < kAbsentRuns; ++seed) {
      trials.push_back(tried.trial);
      trials.back().hash_seed = seed;
    }
    count_all(result, trials);
    return result.matching > 0;
  }

  /// Runs all and counts them; says why the last one that says nothing does so.
  std::string count_all(Reproduction& result, const std::vector<Trial>& trials) {
    const auto answers = investigation_.run_all(trials, Freshness::kFresh);
    std::string unresolved;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) continue;
      const Judgement judgement = judge_candidate(trials[i], answers[i]->outcome);
      if (const auto* nothing = std::get_if<Unresolved>(&judgement)) {
        unresolved = nothing->why;
        continue;
      }
      const bool same = std::holds_alternative<Same>(judgement);
      count_run(result, trials[i].hash_seed, same);
      if (same) {
        result.observed = crash_in(answers[i]->outcome, target_.cell);
        result.level = std::get<Same>(judgement).level;
      }
    }
    return unresolved;
  }

  /// A crash may only be called absent after several runs of the likeliest order, more where the
  /// notebook draws random numbers.
  void decide_absent(Reproduction& result, const Tried& likeliest) {
    const std::size_t wanted =
        investigation_.uses_randomness(candidates_[likeliest.candidate].cells) ? kAbsentRunsRandom
                                                                               : kAbsentRuns;
    std::vector<Trial> trials;
    for (std::size_t i = result.fresh_runs; i < wanted; ++i) {
      trials.push_back(likeliest.trial);
      trials.back().hash_seed = static_cast<std::uint32_t>(i + 1);
    }
    const std::string unresolved = count_all(result, trials);
    if (result.matching > 0) {
      result.verdict = ReproductionVerdict::kFlaky;
      result.why = fmt::format("the crash recurred in {} of {} fresh runs of the likeliest order",
                               result.matching, result.fresh_runs);
    } else if (target_.seen) {
      result.verdict = ReproductionVerdict::kFlaky;
      result.why = fmt::format(
          "it was found in one fresh run, and recurred in none of {} more of the same order",
          result.fresh_runs);
    } else if (result.fresh_runs < wanted) {
      result.verdict = ReproductionVerdict::kBlocked;
      result.why = fmt::format("only {} of {} runs of the likeliest order came to an end: {}",
                               result.fresh_runs, wanted,
                               unresolved.empty() ? "the command was stopped" : unresolved);
    } else {
      result.verdict = ReproductionVerdict::kAbsent;
      result.why = fmt::format(
          "{} fresh runs of the likeliest order and one run each of {} other orders did not "
          "crash in this way",
          result.fresh_runs, tried_.size() - 1);
    }
  }

  Investigation& investigation_;
  const Target& target_;
  std::vector<CandidateOrder> candidates_;
  std::vector<Tried> tried_;
  Obstacle obstacle_{target_.cell};
  std::vector<std::string> placeholders_;
};

}  // namespace

std::optional<Crash> recorded_error(const Notebook& notebook, std::size_t cell) {
  const Cell& code = notebook.cells()[cell];
  if (code.error() == nullptr) return std::nullopt;
  const ErrorOutput output{code.error()->ename, code.error()->evalue, code.error()->traceback};
  const auto cell_of_count = [&](int count) -> std::optional<std::size_t> {
    for (const std::size_t other : notebook.code_cells())
      if (notebook.cells()[other].execution_count == count) return other;
    return std::nullopt;
  };
  return read_recorded_crash(output, {cell, code.source, cell_of_count});
}

std::vector<Target> recorded_targets(const Notebook& notebook) {
  std::vector<Target> targets;
  for (const std::size_t cell : notebook.code_cells()) {
    const Cell& code = notebook.cells()[cell];
    if (code.error() == nullptr || code.may_raise()) continue;
    Target target;
    target.cell = cell;
    target.count = code.execution_count;
    target.recorded = recorded_error(notebook, cell);
    targets.push_back(std::move(target));
  }
  return targets;
}

std::optional<Target> first_failure(Investigation& investigation, std::string& why_not) {
  const Notebook& notebook = investigation.notebook();
  const ExecutionOrder order = top_to_bottom(notebook);
  if (order.empty()) return std::nullopt;
  investigation.observer().stage("run top to bottom");
  Trial trial = investigation.trial(order);
  // No cell is under test yet: the last may fail when it is meant to.
  trial.executions.back().may_fail = notebook.cells()[order.back()].may_raise();
  const auto ran = investigation.run(trial, Freshness::kFresh);
  if (!ran) {
    why_not = "the command was stopped before the run had ended";
    return std::nullopt;
  }
  std::vector<bool> may_fail;
  for (const Execution& execution : trial.executions) may_fail.push_back(execution.may_fail);
  const CellOutcome* failure = ran->outcome.first_failure(may_fail);
  if (failure == nullptr) {
    const bool all_ran = std::none_of(
        ran->outcome.cells.begin(), ran->outcome.cells.end(),
        [](const CellOutcome& cell) { return std::holds_alternative<NotReached>(cell.end); });
    if (!all_ran || ran->outcome.cells.size() < order.size()) why_not = describe_end(ran->outcome);
    return std::nullopt;
  }
  if (!std::holds_alternative<Raised>(failure->end) &&
      !std::holds_alternative<Signaled>(ran->outcome.termination)) {
    why_not = fmt::format("{} ended the run: {}", investigation.name(failure->cell),
                          describe_end(ran->outcome));
    return std::nullopt;
  }
  Target target;
  target.cell = failure->cell;
  target.seen = true;
  return target;
}

Reproduction reproduce(Investigation& investigation, const Target& target) {
  return Reproducer(investigation, target).run();
}

BaseRun base_run(const Reproduction& reproduction) {
  return {reproduction.order, reproduction.observed.value_or(Crash{}), reproduction.stubs};
}

Trial trial_like(const Investigation& investigation, const BaseRun& base,
                 const ExecutionOrder& order) {
  Trial trial = investigation.trial(order);
  trial.placeholder_modules = base.placeholder_modules;
  return trial;
}

}  // namespace nbreplay
