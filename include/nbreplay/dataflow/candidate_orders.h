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

/// What the execution counts of a notebook tell about the run that ended in `target`.
struct RecordedHistory {
  std::vector<std::size_t> order;  ///< Cells by their last execution count, up to the target.
  std::vector<int> gaps;           ///< Counts below the target's that no cell carries.
  bool counts_known = false;       ///< The target has a count.
  [[nodiscard]] bool complete() const { return counts_known && gaps.empty(); }
};

[[nodiscard]] RecordedHistory recorded_history(const Notebook& notebook, std::size_t target);

/// Candidate orders, likeliest first, no order twice, at most `limit`: recorded counts; top to
/// bottom to the target; the recorded order with unexplained gaps filled by repeats of cells that
/// write what the crash reads; the recorded order less cells that never ran; then a bounded
/// search (single skips, repeats and moves of cells in the target's slice).
[[nodiscard]] std::vector<CandidateOrder> candidate_orders(const Notebook& notebook,
                                                           std::span<const CellFacts> facts,
                                                           std::size_t target, const Crash& crash,
                                                           std::size_t limit);

}  // namespace nbreplay
