#pragma once

// Which orders of a notebook crash: plain data, filled by map_orders, rendered by `report`.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/diagnosis/engine.h"
#include "nbreplay/diagnosis/result.h"

namespace nbreplay {

/// "passes", "crashes", "unresolved" (time-out, limit), "not-run" (a stop came first).
enum class OrderEnd { kPasses, kCrashes, kUnresolved, kNotRun };
[[nodiscard]] std::string_view to_string(OrderEnd end);

/// How a run of some order ended, and how that is known.
struct OrderOutcome {
  OrderEnd end = OrderEnd::kNotRun;
  std::optional<std::size_t> position;  ///< Of the execution that crashed, in the order run.
  std::optional<std::size_t> cell;      ///< Its cell.
  std::optional<Crash> crash;
  std::string why;               ///< Why it is unresolved.
  std::optional<Origin> origin;  ///< Unset: not run.
  bool as_base = false;          ///< It crashes as the base order does.

  [[nodiscard]] bool crashes() const { return end == OrderEnd::kCrashes; }
};

/// "skip", "repeat" (run twice in a row), "swap" (run before its nearest conflicting predecessor).
enum class OrderChange { kSkip, kRepeat, kSwap };
[[nodiscard]] std::string_view to_string(OrderChange change);

/// What one change of one execution does.
struct MapEntry {
  OrderChange change = OrderChange::kSkip;
  std::size_t position = 0;  ///< In the base order.
  std::size_t cell = 0;
  std::optional<std::size_t> before;  ///< kSwap: the predecessor; unset: there is none.
  ExecutionOrder order;               ///< What was run; empty when nothing was.
  std::size_t affected = 0;           ///< Executions that find something else than in the base.
  OrderOutcome outcome;
  bool denied = false;  ///< A snapshot's run crashed and a fresh one did not: dropped.
};

/// A whole order that was run.
struct TriedOrder {
  std::string from;  ///< "recorded", "top-to-bottom", "dataflow", "without".
  std::string why;
  ExecutionOrder order;
  OrderOutcome outcome;
};

/// Two cells whose order matters, and through what.
struct CellConflict {
  std::size_t first = 0;
  std::size_t second = 0;
  std::vector<std::string> through;
};

/// What makes the passing order fail: "insert", "delete", "move".
struct DecidingEdit {
  std::string kind;
  std::vector<std::size_t> cells;
  /// "move": (a, b) where b runs after a in the passing order, and before it in the failing one.
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  /// The last of the pairs only come along: with the others moved they cannot stay as they are.
  std::size_t along = 0;
};

/// Of two orders: why one passes and one fails.
struct OrderComparison {
  ExecutionOrder passing;
  ExecutionOrder failing;        ///< As given, with what stands behind its crash.
  OrderOutcome passing_outcome;  ///< Fresh.
  OrderOutcome failing_outcome;  ///< Fresh.
  Verdict verdict = Verdict::kUnknown;
  std::string why;
  std::optional<DecidingEdit> edit;
  TriedOrder with_edit;        ///< The passing order with this edit only.
  TriedOrder without_edit;     ///< The failing order without it.
  std::size_t pairs = 0;       ///< Conflicting pairs that the two orders have inverted.
  std::size_t tests = 0;       ///< Of orders in between, confirmations included.
  std::size_t most_tests = 0;  ///< ⌈log₂ pairs⌉ + 2, where one pair was looked for.
  /// Points of the walk between which it lies, where those in between are unresolved.
  std::optional<std::pair<std::size_t, std::size_t>> interval;
};

/// "safe", "unsafe", "unknown".
enum class RerunSafety { kSafe, kUnsafe, kUnknown };
[[nodiscard]] std::string_view to_string(RerunSafety safety);

/// What it took. Base runs count each execution at what its cell took in the base order (at most),
/// so that they tell what was executed, however busy the machine was meanwhile.
struct OrdersCost {
  Duration base{};       ///< The base order, once.
  Duration executed{};   ///< All cells that were executed, in all trials, as it was measured.
  double base_runs = 0;  ///< Of what was executed.
  double base_runs_from_top = 0;  ///< Of the same trials, had each run all of its cells.
};

struct OrdersFinding {
  NotebookFinding notebook;   ///< Its `crashes` stay empty.
  ExecutionOrder base;        ///< Up to the crash, when it crashes.
  std::string base_from;      ///< "given", "recorded", "top-to-bottom".
  OrderOutcome base_outcome;  ///< Fresh.
  bool measured = false;      ///< Conflicts were seen while the base order ran.
  /// Cells of which something may have gone unseen: their text counts, too.
  std::vector<std::size_t> incomplete;
  std::vector<CellConflict> conflicts;  ///< In the base order.
  std::vector<MapEntry> entries;        ///< By position, then skip, repeat, swap.
  std::vector<TriedOrder> orders;
  RerunSafety safety = RerunSafety::kUnknown;
  /// The first cell that is not safe, and the fresh run that showed it; when the base order itself
  /// crashes, its crash.
  std::optional<std::size_t> unsafe_cell;
  std::optional<TriedOrder> unsafe_run;
  std::optional<OrderComparison> comparison;  ///< When two orders were given; then no map is made.
  OrdersCost cost;
};

struct OrdersSettings {
  /// `order` is the base order: by default the recorded order where it is complete, else top to
  /// bottom.
  InvestigationSettings investigation;
  std::optional<std::pair<ExecutionOrder, ExecutionOrder>> compare;  ///< Passing, failing.
};

/// The order-sensitivity map of one notebook, or what decides between two of its orders
/// (docs/orders.md tells what each claim rests on).
[[nodiscard]] OrdersFinding map_orders(const Notebook& notebook,
                                       std::shared_ptr<const Environment> environment,
                                       std::shared_ptr<const Project> project,
                                       const Services& services, const OrdersSettings& settings);

}  // namespace nbreplay
