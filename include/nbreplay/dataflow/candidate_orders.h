#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nbreplay/crash/crash.h"
#include "nbreplay/dataflow/facts.h"
#include "nbreplay/notebook/notebook.h"

namespace nbreplay {

/// Which reasoning led to an order; the strings are those of the result document's `order_from`.
enum class OrderSource { kRecorded, kTopToBottom, kGapFilled, kSubset, kSearched };

[[nodiscard]] std::string to_string(OrderSource source);

/// An order in which the notebook may have been run when it crashed. Cell indices; the last is the
/// crashed cell. Cells that the record shows as failed are expected to fail again (`may_fail`).
struct CandidateOrder {
  std::vector<std::size_t> cells;
  OrderSource from = OrderSource::kRecorded;
  std::string why;  ///< "recorded order with its gap In[4] filled by cell 4"
};

/// Gaps listed at most: kernels that ran for weeks have thousands.
inline constexpr std::size_t kMaxGaps = 1000;

/// What the execution counts of a notebook tell about the run that ended in `target`. Only the
/// last count of a cell survives: a cell that ran again, before or after the crash, leaves a gap
/// where it ran first, and so does a cell that was deleted, emptied or had its output cleared.
struct RecordedHistory {
  std::vector<std::size_t> order;  ///< Cells by their last execution count, up to the target.
  /// Counts below the target's that no cell with code carries, ascending; the last kMaxGaps.
  std::vector<int> gaps;
  /// Counts up to the target's that several cells carry, ascending: the kernel was restarted in
  /// between, and some of these cells ran in an earlier session.
  std::vector<int> shared;
  bool counts_known = false;  ///< The target has a count.
  /// Every execution before the crash is accounted for.
  [[nodiscard]] bool complete() const { return counts_known && gaps.empty() && shared.empty(); }
};

/// Without a count of the target, `order` is every cell that has one, by count, and the target.
[[nodiscard]] RecordedHistory recorded_history(const Notebook& notebook, std::size_t target);

/// Candidate orders, likeliest first, no order twice, at most `limit`: recorded counts; top to
/// bottom to the target; the recorded order with its gaps filled, by cells that have their place
/// there, by cells that others need there, then each by a cell that writes what the crash reads;
/// subsets of top to bottom by whether cells carry counts; then a bounded search (single skips,
/// repeats and moves of cells in the target's slice). Within a kind, orders whose cells all find
/// the names they read come first. Deterministic. `facts` are by cell index.
[[nodiscard]] std::vector<CandidateOrder> candidate_orders(const Notebook& notebook,
                                                           std::span<const CellFacts> facts,
                                                           std::size_t target, const Crash& crash,
                                                           std::size_t limit);

}  // namespace nbreplay
