// Does what the crash needs stand below it? Only asked when top to bottom crashes the same way:
// then the later cell that binds what is missing, moved up, must flip.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "diagnosis/case.h"

namespace nbreplay {
namespace {

constexpr std::size_t kMaxCandidates = 8;

bool is_code(const Investigation& investigation, std::size_t cell) {
  const Cell& code = investigation.notebook().cells()[cell];
  return has_code(code) && !code.is_skipped();
}

/// Cells below the target that bind or change what it reads; those that bind the missing name
/// come first.
std::vector<std::size_t> candidates(const Case& investigated) {
  const Investigation& investigation = investigated.investigation;
  const std::string missing = undefined_name(investigated.base.observed);
  std::vector<std::size_t> binding;
  std::vector<std::size_t> others;
  for (std::size_t cell = investigated.target.cell + 1;
       cell < investigation.notebook().cells().size(); ++cell) {
    if (!is_code(investigation, cell)) continue;
    if (!missing.empty() && investigation.facts()[cell].may_define(missing)) {
      binding.push_back(cell);
    } else if (investigated.concerns_target(cell)) {
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
  return {"move",
          fmt::format("top to bottom, with {} moved above {}", investigation.names(list),
                      investigated.target_name()),
          trial_like(investigation, investigated.base, order), list};
}

void conclude(Case& investigated, const std::vector<std::size_t>& cells) {
  Cause cause;
  cause.label = "NB specific";
  cause.sublabel = "need execute future cells";
  cause.verdict = Verdict::kConfirmed;
  cause.cells = cells;
  cause.edit = OrderEdit{"move", cells};
  cause.explanation =
      fmt::format("What {} needs stands below it, in {}.", investigated.target_name(),
                  investigated.investigation.names(cells));
  investigated.decide(cause.label, cause.sublabel, cause.verdict, cause.explanation);
  investigated.cause = std::move(cause);
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
  const std::vector<bool> flipped = try_changes(investigated, std::move(singles));
  for (std::size_t i = 0; i < below.size(); ++i) {
    if (!flipped[i]) continue;
    conclude(investigated, {below[i]});
    return;
  }
  // A cell from below may need others from below.
  std::vector<std::vector<std::size_t>> groups;
  std::vector<Change> closures;
  for (const std::size_t cell : below) {
    const std::set<std::size_t> cells = closure(investigated, cell);
    if (cells.size() < 2) continue;
    groups.emplace_back(cells.begin(), cells.end());
    closures.push_back(moved_up(investigated, cells));
  }
  const std::vector<bool> together = try_changes(investigated, std::move(closures));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!together[i]) continue;
    conclude(investigated, groups[i]);
    return;
  }
  if (investigation.stopped()) return;
  const std::string why = below.empty() ? "no cell below binds or changes what the crash reads"
                                        : "no cell from below, moved up, changes anything";
  investigated.decide("NB specific", "need execute future cells", Verdict::kRefuted, why);
}

}  // namespace nbreplay
