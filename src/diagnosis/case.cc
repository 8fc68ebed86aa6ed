#include "diagnosis/case.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "nbreplay/dataflow/slice.h"

namespace nbreplay {
namespace {

/// Whether the crash is of the type or of one derived from it, as far as that is known.
bool is_a(const Crash& crash, std::string_view type) {
  if (crash.type == type) return true;
  return std::find(crash.base_types.begin(), crash.base_types.end(), type) !=
         crash.base_types.end();
}

bool binds_any(const CellFacts& facts, const std::vector<NameAt>& names) {
  return std::any_of(names.begin(), names.end(), [&](const NameAt& name) {
    const auto mutates =
        std::any_of(facts.mutations.begin(), facts.mutations.end(),
                    [&](const NameAt& mutated) { return mutated.name == name.name; });
    return mutates || facts.may_define(name.name);
  });
}

/// Whether a cell of R0 has an `except` that a NameError would end in, by its text.
bool may_catch_name_errors(const Case& investigated) {
  static const std::regex handler(
      R"(\bexcept\*?[ \t]*:|\bexcept\b[^:\n]*\b(Exception|BaseException|NameError)\b|\bsuppress\b)");
  const auto& cells = investigated.investigation.notebook().cells();
  return std::any_of(
      investigated.base.order.begin(), investigated.base.order.end(), [&](std::size_t cell) {
        const std::string& source = cells[cell].source;
        // Long lines: the library's matcher recurses with their length.
        std::size_t begin = 0;
        while (begin < source.size()) {
          const std::size_t end = std::min(source.find('\n', begin), source.size());
          const std::string line = source.substr(begin, std::min<std::size_t>(end - begin, 500));
          if (std::regex_search(line, handler)) return true;
          begin = end + 1;
        }
        return false;
      });
}

}  // namespace

bool Case::concerns_target(std::size_t cell) const {
  const auto& facts = investigation.facts();
  if (facts[cell].opaque) return true;
  if (!reaching) {
    reaching.emplace();
    // From above as the file stands, and from anywhere: definitions below hide those above.
    const auto add = [&](ExecutionOrder order) {
      std::erase(order, target.cell);
      order.push_back(target.cell);
      const Slice reach = slice(order, facts, order.size() - 1);
      for (const std::size_t position : reach.full) reaching->insert(order[position]);
    };
    add(investigation.top_to_bottom(target.cell));
    add(investigation.top_to_bottom(investigation.notebook().code_cells().back()));
  }
  return reaching->contains(cell) || binds_any(facts[cell], facts[target.cell].uses) ||
         binds_any(facts[cell], facts[target.cell].deferred_uses);
}

std::string Case::unaccounted() const {
  if (!history.counts_known) return "the notebook has no execution counts";
  const auto listed = [](const std::vector<int>& counts) {
    constexpr std::size_t kMost = 6;
    std::string text;
    for (std::size_t i = 0; i < std::min(counts.size(), kMost); ++i)
      text += fmt::format("{}In[{}]", i == 0 ? "" : ", ", counts[i]);
    if (counts.size() > kMost) text += fmt::format(" and {} more", counts.size() - kMost);
    return text;
  };
  if (!history.gaps.empty())
    return fmt::format("{} left no trace in the notebook", listed(history.gaps));
  if (!history.shared.empty())
    return fmt::format("several cells carry {}, from more than one session",
                       listed(history.shared));
  return {};
}

void Case::conclude(Cause concluded, std::string_view factor) {
  const bool rivals = std::any_of(unresolved.begin(), unresolved.end(),
                                  [&](const std::string& other) { return other != factor; });
  if (rivals && concluded.verdict == Verdict::kConfirmed) {
    concluded.verdict = Verdict::kAmbiguous;
    concluded.explanation += " But other experiments came to no end.";
  }
  decide(concluded.label, concluded.sublabel, concluded.verdict, concluded.explanation);
  if (!cause) cause = std::move(concluded);
}

std::string Case::against_the_record() const {
  if (!target.recorded || !history.counts_known || !history.shared.empty()) return {};
  std::size_t next = 0;
  for (const std::size_t cell : base.order)
    if (next < history.order.size() && cell == history.order[next]) ++next;
  if (next < history.order.size())
    return fmt::format("But by the counts {} did run before the crash, in another order.",
                       investigation.name(history.order[next]));
  const std::size_t unexplained = base.order.size() - history.order.size();
  if (history.gaps.size() < kMaxGaps && unexplained > history.gaps.size())
    return "But the counts leave no room for as many executions before the crash.";
  return {};
}

void Case::conclude(Cause concluded, std::string_view factor, const Trial& flipping) {
  if (const std::string contradiction = against_the_record();
      concluded.verdict == Verdict::kConfirmed && !contradiction.empty()) {
    concluded.verdict = Verdict::kAmbiguous;
    concluded.explanation += " " + contradiction;
  }
  std::vector<std::size_t> cells;
  for (const Execution& execution : flipping.executions)
    if (execution.cell != kNoCell) cells.push_back(execution.cell);
  const bool random =
      investigation.uses_randomness(cells) || investigation.uses_randomness(base.order);
  if (concluded.verdict == Verdict::kConfirmed && random &&
      !(holds_again(*this, trial_like(investigation, base, base.order), false) &&
        holds_again(*this, flipping, true))) {
    concluded.verdict = Verdict::kAmbiguous;
    concluded.explanation +=
        investigation.stopped()
            ? " But the notebook draws random numbers, and the command was stopped before it was "
              "run again."
            : " But the notebook draws random numbers, and not every run ends alike.";
  }
  conclude(std::move(concluded), factor);
}

void Case::decide(std::string_view label, std::string_view sublabel, Verdict verdict,
                  std::string why) {
  labels.push_back({std::string(label), std::string(sublabel), verdict, std::move(why)});
}

bool flips(const Judgement& judgement, const Crash& crash) {
  if (std::holds_alternative<Passes>(judgement)) return true;
  const auto* different = std::get_if<Different>(&judgement);
  if (different == nullptr) return false;
  if (different->later) return true;
  return different->crash.cell == crash.cell && different->crash.line && crash.line &&
         *different->crash.line > *crash.line;
}

std::vector<Effect> try_changes(Case& investigated, std::vector<Change> changes) {
  std::vector<Trial> trials;
  for (const Change& change : changes) trials.push_back(change.trial);
  const auto answers = investigated.investigation.run_all(trials, Freshness::kFresh);
  std::vector<Effect> effects(changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!answers[i]) continue;
    const Outcome& outcome = answers[i]->outcome;
    const Judgement judgement =
        judge(changes[i].trial, outcome, investigated.base.observed, Level::kA);
    Effect& effect = effects[i];
    effect.ran = true;
    const auto* different = std::get_if<Different>(&judgement);
    effect.flips = flips(judgement, investigated.base.observed) ||
                   (different != nullptr && changes[i].shows_it_gone &&
                    changes[i].shows_it_gone(different->crash));
    effect.same = std::holds_alternative<Same>(judgement);
    effect.resolved = !std::holds_alternative<Unresolved>(judgement);
    if (!effect.resolved) investigated.unresolved.insert(changes[i].factor);
    Experiment experiment;
    experiment.factor = std::move(changes[i].factor);
    experiment.change = std::move(changes[i].words);
    experiment.outcome = describe_failure(investigated.investigation, judgement);
    experiment.flips = effect.flips;
    experiment.fresh_runs = answers[i]->origin == Origin::kFresh ? 1 : 0;
    experiment.wall = outcome.wall;
    experiment.cells = std::move(changes[i].cells);
    investigated.experiments.push_back(std::move(experiment));
  }
  return effects;
}

std::optional<std::size_t> first_flip(const std::vector<Effect>& effects) {
  const auto found = std::find_if(effects.begin(), effects.end(),
                                  [](const Effect& effect) { return effect.flips; });
  if (found == effects.end()) return std::nullopt;
  return static_cast<std::size_t>(found - effects.begin());
}

bool holds_again(Case& investigated, const Trial& trial, bool expect_flip) {
  constexpr std::uint32_t kMoreRuns = 4;
  std::vector<Trial> trials;
  for (std::uint32_t seed = 1; seed <= kMoreRuns; ++seed) {
    trials.push_back(trial);
    trials.back().hash_seed = seed;
  }
  const auto answers = investigated.investigation.run_all(trials, Freshness::kFresh);
  return std::all_of(answers.begin(), answers.end(), [&](const std::optional<Ran>& ran) {
    if (!ran) return false;
    const Judgement judgement = judge(trial, ran->outcome, investigated.base.observed, Level::kA);
    return expect_flip ? flips(judgement, investigated.base.observed)
                       : std::holds_alternative<Same>(judgement);
  });
}

std::string capitalised(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

void check_top_to_bottom(Case& investigated) {
  Investigation& investigation = investigated.investigation;
  investigation.observer().stage("top to bottom");
  const ExecutionOrder order = investigation.top_to_bottom(investigated.target.cell);
  if (order == investigated.base.order) {
    investigated.top_to_bottom = TopToBottom::kSame;
    investigated.top_to_bottom_why = "the crash was reproduced in this very order";
    return;
  }
  const Trial trial = trial_like(investigation, investigated.base, order);
  const auto ran = investigation.run(trial, Freshness::kFresh);
  if (!ran) return;
  const Judgement judgement = judge(trial, ran->outcome, investigated.base.observed, Level::kA);
  investigated.top_to_bottom_why = describe_failure(investigation, judgement);
  if (std::holds_alternative<Same>(judgement)) {
    investigated.top_to_bottom = TopToBottom::kSame;
  } else if (flips(judgement, investigated.base.observed)) {
    investigated.top_to_bottom = TopToBottom::kPasses;
  } else if (std::holds_alternative<Different>(judgement)) {
    investigated.top_to_bottom = TopToBottom::kDifferent;
  } else {
    investigated.top_to_bottom = TopToBottom::kUnresolved;
    investigated.unresolved.insert("order");
  }
  Experiment experiment;
  experiment.factor = "order";
  experiment.change = "top to bottom, up to " + investigated.target_name();
  experiment.outcome = investigated.top_to_bottom_why;
  experiment.flips = investigated.top_to_bottom == TopToBottom::kPasses;
  experiment.fresh_runs = ran->origin == Origin::kFresh ? 1 : 0;
  experiment.wall = ran->outcome.wall;
  investigated.experiments.push_back(std::move(experiment));
}

void rule_out(Case& investigated) {
  const auto refute = [&](std::string_view label, std::string_view sublabel, const char* why) {
    investigated.decide(label, sublabel, Verdict::kRefuted, why);
  };
  const Crash& crash = investigated.base.observed;
  if (investigated.top_to_bottom == TopToBottom::kSame) {
    refute("NB specific", "execution order", "top to bottom crashes the same way");
    investigated.evidence.emplace_back("top to bottom: same crash");
  }
  if (investigated.reproduction.earlier_failures.empty()) {
    refute("NB specific", "previous cell error", "no cell failed before the crash");
    investigated.evidence.emplace_back("no earlier failure");
  }
  // A crash of another kind proves that names were bound; it proves nothing about files or
  // modules, which a notebook may have missed without raising: that only goes into the evidence.
  const bool about_name = is_a(crash, "NameError");
  const bool about_member = is_a(crash, "AttributeError");
  // A NameError may have been caught: by what raised this crash, or by a cell before it.
  const bool caught =
      std::any_of(crash.chain.begin(), crash.chain.end(),
                  [](const ChainLink& link) {
                    return link.type == "NameError" || link.type == "UnboundLocalError";
                  }) ||
      may_catch_name_errors(investigated);
  if (!about_name && !about_member && !caught) {
    for (const char* sublabel : {"undefined variable", "undefined function", "did not import"})
      refute("implementation error", sublabel, "the crash is no NameError: every name was bound");
  }
  if (!about_name)
    investigated.evidence.emplace_back(caught ? "the crash is no NameError" : "every name bound");
  if (!is_a(crash, "ImportError") && !is_a(crash, "OSError"))
    investigated.evidence.emplace_back(investigated.top_to_bottom == TopToBottom::kPasses
                                           ? "no file or module missing"
                                           : "the crash names no missing file or module");
}

}  // namespace nbreplay
