#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/dataflow/candidate_orders.h"

#include "dataflow/order_context.h"

namespace nbreplay {

/// Candidates in the order of their likelihood: none twice, no more than a limit.
class CandidateList {
 public:
  explicit CandidateList(std::size_t limit) : limit_(limit) {}

  [[nodiscard]] bool full() const { return list_.size() >= limit_; }
  [[nodiscard]] std::size_t size() const { return list_.size(); }

  /// Does nothing when the list is full or has the order.
  void add(std::vector<std::size_t> order, OrderSource from, std::string why) {
    if (full() || !seen_.insert(order).second) return;
    list_.push_back({std::move(order), from, std::move(why)});
  }

  [[nodiscard]] std::vector<CandidateOrder> take() { return std::move(list_); }

 private:
  std::size_t limit_;
  std::set<std::vector<std::size_t>> seen_;
  std::vector<CandidateOrder> list_;
};

/// An idea of an order, with how likely it looks.
struct Guess {
  std::vector<std::size_t> order;
  std::string why;
  int likelihood = 0;  ///< From what is known of real notebooks.
  std::size_t obstacles = 0;
};

/// Adds guesses by their likelihood, those with fewer obstacles than others first; keeps the given
/// order among equals, and stops when the list has `most` entries. Counting obstacles takes time:
/// it is done for the likeliest only.
void add_guesses(CandidateList& list, const OrderContext& context, std::vector<Guess> guesses,
                 OrderSource from, std::size_t most);

/// Single skips, repeats and moves of cells that may reach the target, applied to `base`
/// (`base_words` in words).
void search_orders(CandidateList& list, const OrderContext& context,
                   const std::vector<std::size_t>& base, const std::string& base_words,
                   std::size_t most);

}  // namespace nbreplay
