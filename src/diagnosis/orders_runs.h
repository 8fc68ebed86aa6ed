#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "nbreplay/dataflow/replay.h"
#include "nbreplay/diagnosis/orders.h"

#include "diagnosis/investigation.h"

namespace nbreplay {

/// Runs orders of a notebook, tells how they ended, and what that cost.
class OrderRuns {
 public:
  explicit OrderRuns(Investigation& investigation) : investigation_(investigation) {}

  /// Every order, none of whose cells may fail but those that are tagged so. Branched runs that
  /// ended without an answer are run again, fresh. In the order of `orders`.
  [[nodiscard]] std::vector<OrderOutcome> run(const std::vector<ExecutionOrder>& orders,
                                              Freshness freshness);
  [[nodiscard]] OrderOutcome run(const ExecutionOrder& order, Freshness freshness);

  /// An order that was watched, and what its last execution was seen to do, when it was reached.
  struct Watched {
    OrderOutcome outcome;
    std::optional<Observed> last;
  };
  [[nodiscard]] std::vector<Watched> watch(const std::vector<ExecutionOrder>& orders);

  /// Runs the order and watches; by cell, what was seen. Nothing when it did not end as `expected`:
  /// watching it then changed it, and nothing that was seen is used.
  [[nodiscard]] std::optional<std::map<std::size_t, std::vector<Observed>>> observe(
      const ExecutionOrder& order, const OrderOutcome& expected);

  [[nodiscard]] OrdersCost cost() const;
  /// Takes the last run that was answered for the base order.
  void last_was_base();
  [[nodiscard]] Investigation& investigation() const { return investigation_; }

 private:
  [[nodiscard]] Trial trial(const ExecutionOrder& order) const;
  [[nodiscard]] OrderOutcome judge(const Trial& trial, const Ran& ran) const;
  void account(const Trial& trial, const Ran& ran);

  Investigation& investigation_;
  /// An execution that a trial showed, whether it executed it itself or goes on from it.
  struct Executed {
    Duration wall{};
    bool completed = false;
    bool inherited = false;
  };
  std::map<std::size_t, std::vector<Executed>> executed_;
  std::map<std::size_t, Duration> last_walls_;  ///< Of the last run, by cell.
  std::map<std::size_t, Duration> base_walls_;
  Duration base_{};
  Duration last_{};
  /// By prefix of cells: the times that its last one took. A branched run repeats them for what it
  /// did not execute itself.
  std::map<std::vector<std::size_t>, std::set<Duration>> walls_;
};

/// Effects of every cell, by index: seen where that is possible, else by its text.
struct CellEffects {
  std::vector<Effects> measured;
  std::vector<Effects> parsed;
  std::vector<std::size_t> incomplete;  ///< Of the cells seen.
};
[[nodiscard]] CellEffects effects_of(const Investigation& investigation,
                                     const std::map<std::size_t, std::vector<Observed>>& observed);

/// Whether two runs ended in the same crash, or both passed.
[[nodiscard]] bool alike(const OrderOutcome& a, const OrderOutcome& b);

/// What the execution counts say, up to the last; nothing without counts.
[[nodiscard]] std::optional<RecordedHistory> recorded_order(const Notebook& notebook);

/// Fills the finding, whose base order is chosen.
void make_map(OrderRuns& runs, OrdersFinding& finding);
[[nodiscard]] OrderComparison compare_orders(OrderRuns& runs, ExecutionOrder passing,
                                             ExecutionOrder failing);

}  // namespace nbreplay
