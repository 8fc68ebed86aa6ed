#include "diagnosis/case.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "nbreplay/dataflow/slice.h"

namespace nbreplay {
namespace {

/// The first group of `pattern` in the crash's message, when its type is one of `types`.
std::string captured(const Crash& crash, std::initializer_list<std::string_view> types,
                     const char* pattern) {
  if (!crash.message || crash.message->size() > 4096) return {};
  if (std::find(types.begin(), types.end(), crash.type) == types.end()) return {};
  std::smatch match;
  if (!std::regex_search(*crash.message, match, std::regex(pattern))) return {};
  return match[1].str();
}

bool binds_any(const CellFacts& facts, const std::vector<NameAt>& names) {
  return std::any_of(names.begin(), names.end(), [&](const NameAt& name) {
    const auto mutates =
        std::any_of(facts.mutations.begin(), facts.mutations.end(),
                    [&](const NameAt& mutated) { return mutated.name == name.name; });
    return mutates || facts.may_define(name.name);
  });
}

}  // namespace

bool Case::concerns_target(std::size_t cell) const {
  const CellFacts& facts = investigation.facts()[cell];
  if (facts.opaque) return true;
  // Everything that may reach the target when the notebook runs in the order of the file.
  const std::size_t last = std::max(cell, target.cell);
  ExecutionOrder order = investigation.top_to_bottom(last);
  order.erase(std::remove(order.begin(), order.end(), target.cell), order.end());
  order.push_back(target.cell);
  const Slice reach = slice(order, investigation.facts(), order.size() - 1);
  const bool reaches = std::any_of(reach.full.begin(), reach.full.end(),
                                   [&](std::size_t position) { return order[position] == cell; });
  return reaches || binds_any(facts, investigation.facts()[target.cell].uses) ||
         binds_any(facts, investigation.facts()[target.cell].deferred_uses);
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

std::vector<bool> try_changes(Case& investigated, std::vector<Change> changes) {
  std::vector<Trial> trials;
  for (const Change& change : changes) trials.push_back(change.trial);
  const auto answers = investigated.investigation.run_all(trials, Freshness::kFresh);
  std::vector<bool> flipped(changes.size(), false);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!answers[i]) continue;
    const Outcome& outcome = answers[i]->outcome;
    const Judgement judgement =
        judge(changes[i].trial, outcome, investigated.base.observed, Level::kA);
    Experiment experiment;
    experiment.factor = std::move(changes[i].factor);
    experiment.change = std::move(changes[i].words);
    experiment.outcome = describe_failure(investigated.investigation, judgement);
    experiment.flips = flips(judgement, investigated.base.observed);
    experiment.fresh_runs = answers[i]->origin == Origin::kFresh ? 1 : 0;
    experiment.wall = outcome.wall;
    experiment.cells = std::move(changes[i].cells);
    flipped[i] = experiment.flips;
    investigated.experiments.push_back(std::move(experiment));
  }
  return flipped;
}

std::string undefined_name(const Crash& crash) {
  return captured(crash, {"NameError"}, "name '([^']+)' is not defined");
}

std::string missing_module(const Crash& crash) {
  return captured(crash, {"ModuleNotFoundError", "ImportError"}, "No module named '?([\\w.]+)'?");
}

std::string missing_path(const Crash& crash) {
  const std::string path =
      captured(crash, {"FileNotFoundError", "OSError", "IOError", "NotADirectoryError"},
               "No such file or directory: '([^']+)'");
  if (!path.empty()) return path;
  // numpy.load and numpy.loadtxt raise with a text of their own.
  return captured(crash, {"FileNotFoundError", "OSError"}, "^(\\S+) not found\\.");
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
  if (undefined_name(crash).empty()) {
    for (const char* sublabel : {"undefined variable", "undefined function", "did not import"})
      refute("implementation error", sublabel, "the crash is no NameError: every name was bound");
    investigated.evidence.emplace_back("every name bound");
  }
  const bool no_module = missing_module(crash).empty();
  const bool no_file = missing_path(crash).empty();
  if (no_module) refute("environment setting", "module not installed", "no module was missing");
  if (no_file) refute("environment setting", "file/path not found or exist", "no file was missing");
  if (no_module && no_file) {
    refute("environment setting", "change of environment", "no module or path was missing");
    investigated.evidence.emplace_back("no file or module missing");
  }
}

}  // namespace nbreplay
