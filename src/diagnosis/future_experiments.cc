// Does what the crash needs stand below it? Only asked when top to bottom crashes the same way:
// then the later cell that binds what is missing, moved up, must flip.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "nbreplay/crash/missing.h"

#include "diagnosis/case.h"

namespace nbreplay {
namespace {

constexpr std::size_t kMaxCandidates = 8;
constexpr std::string_view kBelowFactor = "cells below";

bool is_code(const Investigation& investigation, std::size_t cell) {
  const Cell& code = investigation.notebook().cells()[cell];
  return has_code(code) && !code.is_skipped();
}

/// The file that the crash finds missing, without its folders: of a module, the one it would be.
std::string missing_file(const Case& investigated) {
  const Crash& crash = investigated.base.observed;
  if (const std::string module = missing_module(crash); !module.empty())
    return module.substr(module.rfind('.') + 1) + ".py";
  return Path(missing_path(crash)).filename().string();
}

bool writes(const CellFacts& facts, const std::string& file) {
  return std::any_of(facts.files.begin(), facts.files.end(), [&](const FileFact& fact) {
    return fact.write && Path(fact.path).filename() == file;
  });
}

/// Cells below the target that bind or change what it reads; those that bind the missing name
/// come first.
std::vector<std::size_t> candidates(const Case& investigated) {
  const Investigation& investigation = investigated.investigation;
  const std::string missing = undefined_name(investigated.base.observed);
  const std::string file = missing_file(investigated);
  const auto names_file = [&](std::size_t cell) {
    return !file.empty() &&
           investigation.notebook().cells()[cell].source.find(file) != std::string::npos;
  };
  std::vector<std::size_t> binding;
  std::vector<std::size_t> others;
  for (std::size_t cell = investigated.target.cell + 1;
       cell < investigation.notebook().cells().size(); ++cell) {
    if (!is_code(investigation, cell)) continue;
    if (!missing.empty() && investigation.facts()[cell].may_define(missing)) {
      binding.push_back(cell);
    } else if (names_file(cell) || investigated.concerns_target(cell)) {
      others.push_back(cell);
    }
  }
  if (!missing.empty()) others.clear();  // only a binding can mend a NameError
  binding.insert(binding.end(), others.begin(), others.end());
  if (binding.size() > kMaxCandidates) binding.resize(kMaxCandidates);
  return binding;
}

/// What `cell` itself needs from cells between the target and it, nearest definition first.
std::set<std::size_t> closure(const Case& investigated, std::size_t cell) {
  const auto& facts = investigated.investigation.facts();
  std::set<std::size_t> moved{cell};
  std::vector<std::size_t> open{cell};
  while (!open.empty()) {
    const std::size_t user = open.back();
    open.pop_back();
    for (std::size_t below = investigated.target.cell + 1; below < user; ++below) {
      if (moved.count(below) > 0 || !is_code(investigated.investigation, below)) continue;
      const auto& uses = facts[user].uses;
      if (std::any_of(uses.begin(), uses.end(),
                      [&](const NameAt& use) { return facts[below].may_define(use.name); })) {
        moved.insert(below);
        open.push_back(below);
      }
    }
  }
  return moved;
}

Change moved_up(const Case& investigated, const std::set<std::size_t>& cells) {
  const Investigation& investigation = investigated.investigation;
  ExecutionOrder order = investigation.top_to_bottom(investigated.target.cell);
  order.insert(order.end() - 1, cells.begin(), cells.end());
  const std::vector<std::size_t> list(cells.begin(), cells.end());
  return {std::string(kBelowFactor),
          fmt::format("top to bottom, with {} moved above {}", investigation.names(list),
                      investigated.target_name()),
          trial_like(investigation, investigated.base, order), list};
}

/// Whether one of the cells makes the very name or key that the crash finds missing. Of any other
/// crash it cannot be told whether the cell was meant to run before, or is another attempt.
bool makes_what_is_missing(const Case& investigated, const std::vector<std::size_t>& cells) {
  const Crash& crash = investigated.base.observed;
  const std::string name = undefined_name(crash);
  const std::string key = missing_key(crash);
  const std::string file = missing_file(investigated);
  return std::any_of(cells.begin(), cells.end(), [&](std::size_t cell) {
    const CellFacts& facts = investigated.investigation.facts()[cell];
    if (!name.empty()) return facts.may_define(name);
    if (!file.empty()) return writes(facts, file);
    const bool changes =
        std::any_of(facts.definitions.begin(), facts.definitions.end(),
                    [&](const NameAt& definition) { return facts.uses_name(definition.name); });
    return !key.empty() && (changes || !facts.mutations.empty()) &&
           std::find(facts.string_keys.begin(), facts.string_keys.end(), key) !=
               facts.string_keys.end();
  });
}

void conclude(Case& investigated, const std::vector<std::size_t>& cells) {
  const bool certain = makes_what_is_missing(investigated, cells);
  const std::string names = investigated.investigation.names(cells);
  Cause cause;
  cause.label = "NB specific";
  cause.sublabel = "need execute future cells";
  cause.verdict = certain ? Verdict::kConfirmed : Verdict::kAmbiguous;
  cause.cells = cells;
  cause.edit = OrderEdit{"move", cells};
  cause.explanation =
      certain
          ? fmt::format("What {} needs stands below it, in {}.", investigated.target_name(), names)
          : fmt::format(
                "{} run before {} makes the crash go away, but the crash does not say "
                "that what it makes was missing.",
                capitalised(names), investigated.target_name());
  const std::set<std::size_t> moved(cells.begin(), cells.end());
  investigated.conclude(std::move(cause), kBelowFactor, moved_up(investigated, moved).trial);
}

/// Of the groups of cells that flip, takes one that makes what is missing, if any does.
bool conclude_from(Case& investigated, const std::vector<std::vector<std::size_t>>& groups,
                   const std::vector<Effect>& effects) {
  const std::vector<std::size_t>* chosen = nullptr;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!effects[i].flips) continue;
    if (chosen == nullptr) chosen = &groups[i];
    if (!makes_what_is_missing(investigated, groups[i])) continue;
    chosen = &groups[i];
    break;
  }
  if (chosen == nullptr) return false;
  conclude(investigated, *chosen);
  return true;
}

}  // namespace

void try_future_cells(Case& investigated) {
  Investigation& investigation = investigated.investigation;
  if (investigated.cause || investigation.stopped()) return;
  if (investigated.top_to_bottom != TopToBottom::kSame) return;
  const std::vector<std::size_t> below = candidates(investigated);
  if (!below.empty()) investigation.observer().stage("cells below");
  std::vector<Change> singles;
  for (const std::size_t cell : below) singles.push_back(moved_up(investigated, {cell}));
  std::vector<std::vector<std::size_t>> each;
  for (const std::size_t cell : below) each.push_back({cell});
  if (conclude_from(investigated, each, try_changes(investigated, std::move(singles)))) return;
  // A cell from below may need others from below.
  std::vector<std::vector<std::size_t>> groups;
  std::vector<Change> closures;
  for (const std::size_t cell : below) {
    const std::set<std::size_t> cells = closure(investigated, cell);
    if (cells.size() < 2) continue;
    groups.emplace_back(cells.begin(), cells.end());
    closures.push_back(moved_up(investigated, cells));
  }
  if (conclude_from(investigated, groups, try_changes(investigated, std::move(closures)))) return;
  if (investigation.stopped() || investigated.unresolved.contains(kBelowFactor)) return;
  // A cell may write a file whose name it puts together: by its text that cannot be told.
  const bool any_below = investigation.notebook().code_cells().back() > investigated.target.cell;
  if (below.empty() && any_below && !missing_file(investigated).empty()) return;
  const std::string why = below.empty() ? "no cell below binds or changes what the crash reads"
                                        : "no cell from below, moved up, changes anything";
  investigated.decide("NB specific", "need execute future cells", Verdict::kRefuted, why);
}

}  // namespace nbreplay
