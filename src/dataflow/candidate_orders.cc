#include "nbreplay/dataflow/candidate_orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "dataflow/candidate_list.h"
#include "dataflow/order_context.h"
#include "dataflow/timeline.h"

namespace nbreplay {
namespace {

using Order = std::vector<std::size_t>;

constexpr std::size_t kMostRepairs = 40;
constexpr std::size_t kMostGuesses = 4000;
constexpr int kMostRunsAgain = 4;

class CandidateSearch {
 public:
  CandidateSearch(const Notebook& notebook, std::span<const CellFacts> facts, std::size_t target,
                  const Crash& crash, std::size_t limit)
      : notebook_(notebook),
        target_(target),
        context_(notebook, facts, target, crash),
        history_(recorded_history(notebook, target)),
        list_(limit),
        limit_(limit) {}

  std::vector<CandidateOrder> run() {
    Order base = context_.top_to_bottom();
    std::string base_words = "top to bottom";
    if (history_.counts_known) {
      list_.add(history_.order, OrderSource::kRecorded, "recorded order");
      list_.add(base, OrderSource::kTopToBottom, base_words);
      const Timeline timeline = fill_gaps();
      base = timeline.order();
      base_words = timeline.words(notebook_);
    } else {
      list_.add(base, OrderSource::kTopToBottom, base_words);
    }
    add_subsets();
    // What is left goes to the search around the likeliest order first.
    const std::size_t half = list_.size() + (limit_ - list_.size()) * 2 / 3;
    search_orders(list_, context_, base, base_words, half);
    search_orders(list_, context_, context_.top_to_bottom(), "top to bottom", limit_);
    search_orders(list_, context_, base, base_words, limit_);
    return list_.take();
  }

 private:
  /// Adds the orders with filled gaps; returns the timeline that has the fewest obstacles.
  Timeline fill_gaps() {
    const Timeline recorded = recorded_timeline(notebook_, target_);
    const Timeline in_place = with_cells_in_place(notebook_, recorded);
    const Timeline repaired = with_needs_met(recorded);
    const Timeline both = with_needs_met(in_place);
    std::vector<Timeline> timelines = {in_place, both, repaired, recorded};
    std::ranges::stable_sort(timelines, {}, [&](const Timeline& timeline) {
      return context_.obstacles(timeline.order());
    });
    for (const Timeline& timeline : timelines) add(timeline);

    std::vector<Guess> guesses;
    fill_singly(recorded, guesses);
    for (const Timeline& timeline : timelines) fill_singly(timeline, guesses);
    // Other kinds of order deserve their turn, too.
    add_guesses(list_, context_, std::move(guesses), OrderSource::kGapFilled, (limit_ + 1) / 2);
    return timelines.front();
  }

  void add(const Timeline& timeline) {
    list_.add(timeline.order(), OrderSource::kGapFilled, timeline.words(notebook_));
  }

  /// Puts cells that bind what others read in vain into gaps before these.
  Timeline with_needs_met(Timeline timeline) const {
    for (std::size_t step = 0; step < kMostRepairs && timeline.has_room(); ++step) {
      bool progress = false;
      for (const UnmetRead& read : context_.unmet(timeline.order())) {
        const std::size_t user = timeline.order()[read.position];
        const auto binder = context_.binder_of(read.name, user);
        if (!binder || context_.may_bind_missing(*binder)) continue;
        const auto gap = gap_for(timeline, *binder, read.position);
        if (!gap) continue;
        timeline.gaps[*gap].fills.push_back(*binder);
        progress = true;
        break;
      }
      if (!progress) break;
    }
    return timeline;
  }

  /// The gap before `position` in which `cell` has its place, else the latest with room.
  std::optional<std::size_t> gap_for(const Timeline& timeline, std::size_t cell,
                                     std::size_t position) const {
    std::optional<std::size_t> latest;
    for (std::size_t i = 0; i < timeline.cells.size(); ++i) {
      const Timeline::Gap& gap = timeline.gaps[i];
      const std::size_t end = timeline.position_of_gap(i) + gap.fills.size();
      if (end > position) break;
      const bool already = std::ranges::find(gap.fills, cell) != gap.fills.end();
      if (!gap.has_room() || already) continue;
      if (belongs_in_gap(notebook_, timeline, i, cell)) return i;
      latest = i;
    }
    return latest;
  }

  void fill_singly(const Timeline& timeline, std::vector<Guess>& guesses) const {
    for (std::size_t i = timeline.cells.size(); i-- > 0;) {
      if (!timeline.gaps[i].has_room()) continue;
      for (auto cell = notebook_.code_cells().rbegin(); cell != notebook_.code_cells().rend();
           ++cell) {
        const int relevance = has_code(notebook_, *cell) ? context_.relevance(*cell) : 0;
        if (relevance == 0 || context_.may_bind_missing(*cell)) continue;
        if (guesses.size() >= kMostGuesses) return;
        Timeline filled = timeline;
        filled.gaps[i].fills.push_back(*cell);
        const int likelihood = 2 * relevance + place_likelihood(timeline, i, *cell);
        guesses.push_back({filled.order(), filled.words(notebook_), likelihood, 0});
        fill_up(std::move(filled), i, *cell, likelihood - 1, guesses);
      }
    }
  }

  /// The rest of a short gap filled by the same cell: it was run again and again.
  void fill_up(Timeline timeline, std::size_t i, std::size_t cell, int likelihood,
               std::vector<Guess>& guesses) const {
    Timeline::Gap& gap = timeline.gaps[i];
    const int room = gap.length - static_cast<int>(gap.fills.size());
    if (room < 1 || room > kMostRunsAgain) return;
    gap.fills.insert(gap.fills.end(), static_cast<std::size_t>(room), cell);
    guesses.push_back({timeline.order(), timeline.words(notebook_), likelihood, 0});
  }

  /// What left the gap is likeliest a cell that has its place there, or one that was run twice in
  /// a row, perhaps edited in between.
  int place_likelihood(const Timeline& timeline, std::size_t i, std::size_t cell) const {
    if (belongs_in_gap(notebook_, timeline, i, cell)) return count_of(notebook_, cell) ? 3 : 1;
    if (timeline.cells[i] == cell) return 2;
    if (i > 0 && timeline.cells[i - 1] == cell) return 2;
    return 0;
  }

  /// Orders of the file or of the counts, less the cells that did not run, or whose counts say
  /// that they ran later.
  void add_subsets() {
    const auto counted = [&](std::size_t cell) { return count_of(notebook_, cell).has_value(); };
    const auto target_count = count_of(notebook_, target_);
    const auto in_time = [&](std::size_t cell) {
      const auto count = count_of(notebook_, cell);
      return !count || !target_count || *count < *target_count;
    };
    const Order all = context_.top_to_bottom();
    if (std::ranges::none_of(all, counted)) return;
    if (!target_count) {
      list_.add(history_.order, OrderSource::kSubset,
                "all cells that carry a count, in that order");
    }
    const auto keep = [&](const auto& wanted, const char* why) {
      Order order;
      for (const std::size_t cell : all)
        if (cell == target_ || wanted(cell)) order.push_back(cell);
      list_.add(std::move(order), OrderSource::kSubset, why);
    };
    keep(counted, "top to bottom less the cells that never ran");
    keep([&](std::size_t cell) { return counted(cell) && in_time(cell); },
         "top to bottom less the cells that did not run before the crash");
    keep(in_time, "top to bottom less the cells that ran after the crash");
    if (target_count) add_uncounted(all);
  }

  /// The recorded order with the cells that carry no count each before the first that stands
  /// below it in the file.
  void add_uncounted(const Order& all) {
    Order order = history_.order;
    for (const std::size_t cell : all) {
      if (cell == target_ || count_of(notebook_, cell)) continue;
      const auto below = std::find_if(order.begin(), order.end() - 1, [&](std::size_t other) {
        return other > cell || other == target_;
      });
      order.insert(below, cell);
    }
    list_.add(std::move(order), OrderSource::kSubset,
              "recorded order with the cells that carry no count in their places");
  }

  const Notebook& notebook_;
  std::size_t target_;
  OrderContext context_;
  RecordedHistory history_;
  CandidateList list_;
  std::size_t limit_;
};

}  // namespace

std::string to_string(OrderSource source) {
  switch (source) {
    case OrderSource::kRecorded:
      return "recorded";
    case OrderSource::kTopToBottom:
      return "top-to-bottom";
    case OrderSource::kGapFilled:
      return "gap-filled";
    case OrderSource::kSubset:
      return "subset";
    case OrderSource::kSearched:
      return "searched";
  }
  return "searched";
}

std::vector<CandidateOrder> candidate_orders(const Notebook& notebook,
                                             std::span<const CellFacts> facts, std::size_t target,
                                             const Crash& crash, std::size_t limit) {
  return CandidateSearch(notebook, facts, target, crash, limit).run();
}

}  // namespace nbreplay
