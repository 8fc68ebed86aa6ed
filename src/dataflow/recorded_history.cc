#include <algorithm>

#include "nbreplay/base/check.h"
#include "nbreplay/dataflow/candidate_orders.h"

#include "dataflow/timeline.h"

namespace nbreplay {

bool has_code(const Notebook& notebook, std::size_t cell) {
  const Cell& code = notebook.cells()[cell];
  return code.type == CellType::kCode &&
         code.source.find_first_not_of(" \t\r\n\f") != std::string::npos;
}

std::optional<int> count_of(const Notebook& notebook, std::size_t cell) {
  const std::optional<int> count = notebook.cells()[cell].execution_count;
  return count && *count > 0 ? count : std::nullopt;
}

RecordedHistory recorded_history(const Notebook& notebook, std::size_t target) {
  CHECK(target < notebook.cells().size(), "the target is a cell of the notebook");
  RecordedHistory history;
  const std::optional<int> last = count_of(notebook, target);
  history.counts_known = last.has_value();
  for (const std::size_t cell : notebook.code_cells()) {
    const std::optional<int> count = count_of(notebook, cell);
    // An emptied cell no longer shows what ran under its count: that stays a gap.
    if (cell == target || !count || !has_code(notebook, cell)) continue;
    // Of two cells with the target's own count one is of another session; only a cell above the
    // crash can have come before it.
    const bool before = !last || *count < *last || (*count == *last && cell < target);
    if (*count == last) history.shared.push_back(*count);
    if (before) history.order.push_back(cell);
  }
  std::ranges::stable_sort(history.order, {},
                           [&](std::size_t cell) { return *count_of(notebook, cell); });
  for (std::size_t i = 1; i < history.order.size(); ++i) {
    const int count = *count_of(notebook, history.order[i]);
    if (count == *count_of(notebook, history.order[i - 1])) history.shared.push_back(count);
  }
  std::sort(history.shared.begin(), history.shared.end());
  history.shared.erase(std::unique(history.shared.begin(), history.shared.end()),
                       history.shared.end());

  int next = last.value_or(1);
  for (auto cell = history.order.rbegin(); last; ++cell) {
    const int below = cell == history.order.rend() ? 0 : *count_of(notebook, *cell);
    while (--next > below && history.gaps.size() < kMaxGaps) history.gaps.push_back(next);
    if (cell == history.order.rend()) break;
    next = below;
  }
  std::ranges::reverse(history.gaps);
  history.order.push_back(target);
  return history;
}

}  // namespace nbreplay
