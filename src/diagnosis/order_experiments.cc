// Which edit of the order decides: the smallest change of R0 towards top to bottom that flips.
//
// R0 differs from T2B by executions that T2B lacks (a repeat, a cell from below that ran early),
// executions that R0 lacks (a skipped cell), and cells in another relative order. Each is one
// OrderDifference; all of them together turn R0 into T2B.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "diagnosis/case.h"
#include "diagnosis/subset.h"

namespace nbreplay {
namespace {

constexpr std::size_t kMaxSingles = 24;

struct OrderDifference {
  enum class What { kInsert, kDelete, kMove } what = What::kInsert;
  std::size_t cell = 0;
  std::size_t position = 0;  ///< In R0; for kDelete and kMove.
  std::string kind;          ///< What the history did: "skip", "repeat", "move".
  bool alone = false;        ///< Another change makes the same of the order: never both together.
};

/// R0 with some changes applied. Inserted cells stand before the first one that the file has
/// below them, the crashed cell stays last. Without its last execution, R0 ends with the run of
/// the crashed cell before.
ExecutionOrder apply(ExecutionOrder base, const std::vector<OrderDifference>& changes) {
  const bool ends_earlier = !changes.empty() &&
                            changes.front().what == OrderDifference::What::kDelete &&
                            changes.front().position + 1 == base.size();
  if (ends_earlier) {
    const auto before = std::find(base.rbegin() + 1, base.rend(), base.back());
    return {base.begin(), before.base()};
  }
  std::vector<bool> kept(base.size(), true);
  std::vector<std::size_t> inserted;
  for (const OrderDifference& change : changes) {
    if (change.what != OrderDifference::What::kInsert) kept[change.position] = false;
    if (change.what != OrderDifference::What::kDelete) inserted.push_back(change.cell);
  }
  ExecutionOrder order;
  for (std::size_t i = 0; i + 1 < base.size(); ++i)
    if (kept[i]) order.push_back(base[i]);
  std::sort(inserted.begin(), inserted.end());
  for (const std::size_t cell : inserted) {
    const auto below =
        std::find_if(order.begin(), order.end(), [&](std::size_t other) { return other > cell; });
    order.insert(below, cell);
  }
  order.push_back(base.back());
  return order;
}

class OrderExperiments {
 public:
  explicit OrderExperiments(Case& investigated)
      : case_(investigated), base_(investigated.base.order) {}

  void run() {
    list_changes();
    if (changes_.empty()) return;
    case_.investigation.observer().stage("order experiments");
    const std::vector<std::size_t> flipping = try_singles();
    if (!flipping.empty()) {
      conclude({changes_[flipping.front()]});
      return;
    }
    if (case_.top_to_bottom != TopToBottom::kPasses || case_.investigation.stopped()) return;
    const std::vector<OrderDifference> smallest = smallest_subset();
    if (smallest.empty() && case_.investigation.stopped()) return;  // nothing was found out
    conclude(smallest);
  }

 private:
  void list_changes() {
    const ExecutionOrder wanted = case_.investigation.top_to_bottom(case_.target.cell);
    std::map<std::size_t, std::vector<std::size_t>> places;  // cell → its positions in R0
    for (std::size_t i = 0; i + 1 < base_.size(); ++i) places[base_[i]].push_back(i);
    const auto in_t2b = [&](std::size_t cell) {
      return std::find(wanted.begin(), wanted.end(), cell) != wanted.end();
    };
    for (const auto& [cell, positions] : places) {
      // The crashed cell itself comes last; any earlier run of it is a repeat.
      const std::size_t once = cell == base_.back() ? 0 : 1;
      const bool early = !in_t2b(cell);
      if (early || positions.size() > once) {
        const char* kind = early ? "move" : "repeat";
        if (once == 0) {
          changes_.push_back({OrderDifference::What::kDelete, cell, base_.size() - 1, kind, true});
        }
        for (auto it = positions.rbegin(); it != positions.rend(); ++it) {
          const bool alone = !early && once == 1 && *it == positions.front();
          changes_.push_back({OrderDifference::What::kDelete, cell, *it, kind, alone});
        }
      } else if (out_of_order(cell, positions.front())) {
        changes_.push_back({OrderDifference::What::kMove, cell, positions.front(), "move"});
      }
    }
    for (const std::size_t cell : wanted) {
      if (cell == base_.back() || places.count(cell) > 0) continue;
      const auto count = case_.investigation.notebook().cells()[cell].execution_count;
      const bool late = count && case_.target.count && *count > *case_.target.count;
      changes_.push_back({OrderDifference::What::kInsert, cell, 0, late ? "move" : "skip"});
    }
    // Cells that can reach the crash first; whatever else there is still counts.
    std::stable_partition(changes_.begin(), changes_.end(), [&](const OrderDifference& change) {
      return case_.concerns_target(change.cell);
    });
  }

  bool out_of_order(std::size_t cell, std::size_t position) const {
    for (std::size_t i = 0; i + 1 < base_.size(); ++i) {
      if (base_[i] == cell) continue;
      if ((i < position) != (base_[i] < cell)) return true;
    }
    return false;
  }

  std::string words(const OrderDifference& change) const {
    const std::string name = case_.investigation.name(change.cell);
    switch (change.what) {
      case OrderDifference::What::kInsert:
        return fmt::format("{} run in its place", name);
      case OrderDifference::What::kMove:
        return fmt::format("{} moved to its place", name);
      case OrderDifference::What::kDelete:
        return change.kind == "repeat"
                   ? fmt::format("{} run once less (execution {} left out)", name,
                                 change.position + 1)
                   : fmt::format("{} not run before {}", name, case_.target_name());
    }
    return name;
  }

  Trial trial_of(const std::vector<OrderDifference>& changes) const {
    return trial_like(case_.investigation, case_.base, apply(base_, changes));
  }

  std::vector<std::size_t> try_singles() {
    std::vector<Change> changes;
    for (std::size_t i = 0; i < changes_.size() && i < kMaxSingles; ++i) {
      if (!case_.concerns_target(changes_[i].cell) && i > 0) break;
      changes.push_back(
          {changes_[i].kind, words(changes_[i]), trial_of({changes_[i]}), {changes_[i].cell}});
    }
    const std::vector<Effect> effects = try_changes(case_, std::move(changes));
    std::vector<std::size_t> flipping;
    for (std::size_t i = 0; i < effects.size(); ++i)
      if (effects[i].flips) flipping.push_back(i);
    return flipping;
  }

  /// All changes together flip (they make T2B); leaves out what does not matter.
  std::vector<OrderDifference> smallest_subset() {
    std::erase_if(changes_, [](const OrderDifference& change) { return change.alone; });
    const auto still_flips = [&](const std::vector<std::size_t>& chosen) {
      std::vector<OrderDifference> changes;
      for (const std::size_t i : chosen) changes.push_back(changes_[i]);
      const Trial trial = trial_of(changes);
      const auto ran = case_.investigation.run(trial, Freshness::kAny);
      return ran &&
             flips(judge(trial, ran->outcome, case_.base.observed, Level::kA), case_.base.observed);
    };
    std::vector<OrderDifference> result;
    for (const std::size_t i : smallest_subset_that(changes_.size(), still_flips))
      result.push_back(changes_[i]);
    std::vector<std::size_t> cells;
    for (const OrderDifference& change : result) cells.push_back(change.cell);
    std::vector<Change> together;
    together.push_back({"order",
                        fmt::format("{} together put in order", case_.investigation.names(cells)),
                        trial_of(result), cells});
    if (!try_changes(case_, std::move(together)).front().flips) return {};
    return result;
  }

  void conclude(const std::vector<OrderDifference>& changes) {
    Cause cause;
    cause.label = "NB specific";
    cause.sublabel = "execution order";
    OrderEdit edit;
    for (const OrderDifference& change : changes) {
      cause.cells.push_back(change.cell);
      edit.cells.push_back(change.cell);
      edit.kind = edit.kind.empty() || edit.kind == change.kind ? change.kind : "move";
    }
    cause.explanation = explanation(changes);
    if (!changes.empty()) cause.edit = edit;
    const std::string doubt = changes.empty() ? "No single change explains it." : doubts(changes);
    cause.verdict = doubt.empty() ? Verdict::kConfirmed : Verdict::kAmbiguous;
    if (!changes.empty() && !doubt.empty()) cause.explanation += " " + doubt;
    case_.unresolved.clear();  // the order is the cheapest factor: it has no rival before it
    case_.conclude(std::move(cause), "order");
  }

  /// What keeps the order from being certain to be the cause; empty when nothing does.
  std::string doubts(const std::vector<OrderDifference>& changes) const {
    if (case_.top_to_bottom != TopToBottom::kPasses)
      return fmt::format("But top to bottom does not pass ({}).", case_.top_to_bottom_why);
    if (const std::string contradiction = case_.against_the_record(); !contradiction.empty())
      return contradiction;
    const ExecutionOrder wanted = case_.investigation.top_to_bottom(case_.target.cell);
    if (case_.investigation.uses_randomness(base_) || case_.investigation.uses_randomness(wanted)) {
      const Trial top_to_bottom = trial_like(case_.investigation, case_.base, wanted);
      const bool steady = holds_again(case_, trial_of({}), false) &&
                          holds_again(case_, trial_of(changes), true) &&
                          holds_again(case_, top_to_bottom, true);
      if (case_.investigation.stopped())
        return "But the notebook draws random numbers, and the command was stopped before it was "
               "run again.";
      if (!steady) return "But the notebook draws random numbers, and not every run ends alike.";
    }
    return {};
  }

  std::string explanation(const std::vector<OrderDifference>& changes) const {
    if (changes.empty()) return "Top to bottom passes, but no smaller change of the order did.";
    if (changes.size() > 1) {
      std::vector<std::size_t> cells;
      for (const OrderDifference& change : changes) cells.push_back(change.cell);
      return fmt::format(
          "{} ran out of order, or not at all; only putting all of them in order "
          "helps.",
          case_.investigation.names(cells));
    }
    const OrderDifference& change = changes.front();
    const std::string name = capitalised(case_.investigation.name(change.cell));
    if (change.kind == "skip")
      return fmt::format("{} was not run before {}.", name, case_.target_name());
    if (change.kind == "repeat") {
      const auto runs = std::count(base_.begin(), base_.end(), change.cell);
      return runs == 2 ? fmt::format("{} ran twice.", name)
                       : fmt::format("{} ran {} times.", name, runs);
    }
    if (change.what == OrderDifference::What::kInsert)
      return fmt::format("{} ran too late: after {}.", name, case_.target_name());
    if (change.what == OrderDifference::What::kDelete)
      return fmt::format("{} ran too early: it stands below {}.", name, case_.target_name());
    return fmt::format("{} ran out of its order.", name);
  }

  Case& case_;
  const ExecutionOrder& base_;
  std::vector<OrderDifference> changes_;
};

}  // namespace

void try_orders(Case& investigated) {
  if (investigated.cause || investigated.investigation.stopped()) return;
  if (investigated.top_to_bottom == TopToBottom::kSame) return;  // refuted: see rule_out
  OrderExperiments(investigated).run();
}

}  // namespace nbreplay
