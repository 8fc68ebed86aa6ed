// The last resort of the search for an order: one edit of the likeliest. What is known of real
// notebooks gives the weights: about four in five crashes that depend on the order are a cell that
// was skipped, one in six a cell that ran twice, the rest a cell that ran too early or too late.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "dataflow/candidate_list.h"
#include "dataflow/timeline.h"

namespace nbreplay {
namespace {

using Order = std::vector<std::size_t>;

constexpr int kSkip = 6;
constexpr int kRepeat = 4;
constexpr int kEarly = 3;
constexpr int kMove = 2;

/// For how many guesses, per entry that there is room for, the obstacles are counted.
constexpr std::size_t kLookedAt = 3;

/// Executions, nearest to the crash, that are skipped, repeated or moved.
constexpr std::size_t kMostEdited = 60;

constexpr const char* kAllSkipped = "and all others that bind the name skipped";

class OrderSearch {
 public:
  OrderSearch(const OrderContext& context, const Order& base, const std::string& words)
      : context_(context), base_(base), words_(words) {
    for (const UnmetRead& read : context.unmet(base))
      usual_.insert({base[read.position], read.name});
  }

  std::vector<Guess> guesses() {
    skip_all_binders();
    // Nearest to the crash first: among equals that order stays.
    std::size_t edited = 0;
    for (std::size_t position = base_.size() - 1; position-- > 0 && edited < kMostEdited;) {
      if (context_.relevance(base_[position]) == 0) continue;
      edit(position);
      ++edited;
    }
    if (may_repeat(base_.back())) add_before_target(base_.back(), kRepeat, "run twice");
    const auto& code = context_.notebook().code_cells();
    for (auto cell = code.rbegin(); cell != code.rend(); ++cell) {
      const bool ran = std::ranges::find(base_, *cell) != base_.end();
      if (ran || !has_code(context_.notebook(), *cell) || !may_repeat(*cell)) continue;
      const bool below = *cell > context_.target();
      add_before_target(*cell, below ? kEarly : kRepeat, below ? "run before it" : "run as well");
    }
    return std::move(guesses_);
  }

 private:
  /// Whether running the cell once more can bring the crash about, by its text.
  bool may_repeat(std::size_t cell) const {
    return context_.relevance(cell) > 0 && !context_.may_bind_missing(cell);
  }

  /// A name that several cells bind is unbound only when none of them ran.
  void skip_all_binders() {
    std::set<std::size_t> binders;
    for (std::size_t i = 0; i + 1 < base_.size(); ++i)
      if (context_.may_bind_missing(base_[i])) binders.insert(base_[i]);
    if (binders.size() > 1) skip(binders);
  }

  void edit(std::size_t position) {
    const std::size_t cell = base_[position];
    skip({cell});
    if (!may_repeat(cell)) return;
    Order again = base_;
    again.insert(again.begin() + static_cast<std::ptrdiff_t>(position), cell);
    add(std::move(again), kRepeat, cell, "run twice in a row");
    add_before_target(cell, kRepeat, "run again just before it");
    if (position + 2 >= base_.size()) return;
    Order moved = base_;
    moved.erase(moved.begin() + static_cast<std::ptrdiff_t>(position));
    moved.insert(moved.end() - 1, cell);
    add(std::move(moved), kMove, cell, "moved to just before it");
  }

  /// Without the cells; and, where others need them, without these as well.
  void skip(const std::set<std::size_t>& cells) {
    Order left;
    for (std::size_t i = 0; i < base_.size(); ++i)
      if (i + 1 == base_.size() || !cells.contains(base_[i])) left.push_back(base_[i]);
    Order closed = left;
    while (drop_those_in_need(closed)) {
    }
    add(left, kSkip, *cells.begin(), cells.size() == 1 ? "skipped" : kAllSkipped);
    if (closed != left) {
      add(std::move(closed), kSkip, *cells.begin(), "skipped, and the cells that need it");
    }
  }

  /// Drops executions that read what nothing binds, unless they did so in the base, too.
  bool drop_those_in_need(Order& order) const {
    std::set<std::size_t> positions;
    for (const UnmetRead& read : context_.unmet(order)) {
      const bool last = read.position + 1 == order.size();
      if (!last && !usual_.contains({order[read.position], read.name}))
        positions.insert(read.position);
    }
    for (auto position = positions.rbegin(); position != positions.rend(); ++position)
      order.erase(order.begin() + static_cast<std::ptrdiff_t>(*position));
    return !positions.empty();
  }

  void add_before_target(std::size_t cell, int likelihood, const char* what) {
    Order order = base_;
    order.insert(order.end() - 1, cell);
    add(std::move(order), likelihood, cell, what);
  }

  void add(Order order, int likelihood, std::size_t cell, const char* what) {
    // Only a deletion, or not running what binds the name, makes it go missing.
    const bool idle = !context_.missing().empty() && context_.relevance(cell) < 2;
    guesses_.push_back({std::move(order),
                        fmt::format("{} with cell {} {}", words_,
                                    context_.notebook().ordinal_of(cell).value_or(0), what),
                        likelihood + 2 * context_.relevance(cell) - (idle ? kSkip : 0), 0});
  }

  const OrderContext& context_;
  const Order& base_;
  const std::string& words_;
  std::set<std::pair<std::size_t, std::string>> usual_;  // cell and name: unmet in the base, too
  std::vector<Guess> guesses_;
};

}  // namespace

void add_guesses(CandidateList& list, const OrderContext& context, std::vector<Guess> guesses,
                 OrderSource from, std::size_t most) {
  if (list.full() || list.size() >= most) return;
  const auto likelier = [](const Guess& a, const Guess& b) { return a.likelihood > b.likelihood; };
  std::ranges::stable_sort(guesses, likelier);
  const std::size_t looked_at = std::min(guesses.size(), kLookedAt * (most - list.size()));
  guesses.resize(looked_at);
  for (Guess& guess : guesses) guess.obstacles = context.obstacles(guess.order);
  std::ranges::stable_sort(guesses, {}, &Guess::obstacles);
  for (Guess& guess : guesses) {
    if (list.size() >= most) return;
    list.add(std::move(guess.order), from, std::move(guess.why));
  }
}

void search_orders(CandidateList& list, const OrderContext& context,
                   const std::vector<std::size_t>& base, const std::string& base_words,
                   std::size_t most) {
  if (list.full() || list.size() >= most) return;
  add_guesses(list, context, OrderSearch(context, base, base_words).guesses(),
              OrderSource::kSearched, most);
}

}  // namespace nbreplay
