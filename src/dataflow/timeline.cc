#include "dataflow/timeline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nbreplay/base/check.h"
#include "nbreplay/dataflow/candidate_orders.h"

namespace nbreplay {

std::vector<std::size_t> Timeline::order() const {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    order.insert(order.end(), gaps[i].fills.begin(), gaps[i].fills.end());
    order.push_back(cells[i]);
  }
  return order;
}

std::size_t Timeline::position_of_gap(std::size_t i) const {
  std::size_t position = i;
  for (std::size_t before = 0; before < i; ++before) position += gaps[before].fills.size();
  return position;
}

bool Timeline::has_room() const {
  return std::ranges::any_of(gaps, &Gap::has_room);
}

std::string Timeline::words(const Notebook& notebook) const {
  constexpr std::size_t kMostNamed = 6;
  std::vector<std::string> counts;
  std::vector<std::size_t> fills;
  for (const Gap& gap : gaps) {
    if (gap.fills.empty()) continue;
    counts.push_back(gap.length == 1
                         ? fmt::format("In[{}]", gap.first)
                         : fmt::format("In[{}]-In[{}]", gap.first, gap.first + gap.length - 1));
    for (const std::size_t cell : gap.fills) {
      fills.push_back(notebook.ordinal_of(cell).value_or(0));
    }
  }
  if (fills.empty()) return "recorded order";
  if (fills.size() > kMostNamed) {
    return fmt::format("recorded order with {} executions put into its gaps", fills.size());
  }
  return fmt::format("recorded order with its gap{} {} filled by cell{} {}",
                     counts.size() == 1 ? "" : "s", fmt::join(counts, ", "),
                     fills.size() == 1 ? "" : "s", fmt::join(fills, ", "));
}

Timeline recorded_timeline(const Notebook& notebook, std::size_t target) {
  CHECK(count_of(notebook, target).has_value(), "without a count there are no gaps");
  Timeline timeline;
  timeline.cells = recorded_history(notebook, target).order;
  int before = 0;
  for (const std::size_t cell : timeline.cells) {
    const int count = *count_of(notebook, cell);
    Timeline::Gap gap;
    gap.first = before + 1;
    gap.length = std::max(0, count - before - 1);
    timeline.gaps.push_back(std::move(gap));
    before = count;
  }
  return timeline;
}

bool belongs_in_gap(const Notebook& notebook, const Timeline& timeline, std::size_t i,
                    std::size_t cell) {
  const std::size_t next = timeline.cells[i];
  const bool behind_last = i == 0 || timeline.cells[i - 1] < cell;
  if (!behind_last || cell >= next || !has_code(notebook, cell)) return false;
  const std::optional<int> count = count_of(notebook, cell);
  return !count || *count > timeline.gaps[i].first;
}

Timeline with_cells_in_place(const Notebook& notebook, Timeline timeline) {
  for (std::size_t i = 0; i < timeline.cells.size(); ++i) {
    Timeline::Gap& gap = timeline.gaps[i];
    if (!gap.has_room()) continue;
    std::vector<std::size_t> ran_again;
    std::vector<std::size_t> uncounted;
    const std::size_t first = i == 0 ? 0 : timeline.cells[i - 1] + 1;
    for (std::size_t cell = first; cell < timeline.cells[i]; ++cell) {
      if (!belongs_in_gap(notebook, timeline, i, cell)) continue;
      if (std::ranges::find(gap.fills, cell) != gap.fills.end()) continue;
      (count_of(notebook, cell) ? ran_again : uncounted).push_back(cell);
    }
    // A cell whose count is from later is sure to have run; one without may never have.
    ran_again.insert(ran_again.end(), uncounted.begin(), uncounted.end());
    for (const std::size_t cell : ran_again) {
      if (gap.has_room()) gap.fills.push_back(cell);
    }
    std::ranges::sort(gap.fills);
  }
  return timeline;
}

}  // namespace nbreplay
