#include "nbreplay/reduce/order_flips.h"

#include <algorithm>
#include <set>

#include "nbreplay/base/check.h"
#include "nbreplay/reduce/bisection.h"
#include "nbreplay/reduce/ddmin.h"

namespace nbreplay::reduce {

OrderFlips::OrderFlips(Permutation from, Permutation to, const Conflict& conflict)
    : from_(std::move(from)), place_(from_.size(), 0) {
  CHECK(from_.size() == to.size(), "both orders hold the same elements");
  const std::size_t n = from_.size();
  for (std::size_t i = 0; i < n; ++i) place_[from_[i]] = i;
  conflict_.assign(n, std::vector<bool>(n, false));
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = 0; b < a; ++b) conflict_[a][b] = conflict_[b][a] = conflict(a, b);

  Permutation now = from_;
  points_.push_back(now);
  for (std::size_t end = n; end-- > 0;) {
    auto at = static_cast<std::size_t>(std::ranges::find(now, to[end]) - now.begin());
    CHECK(at <= end, "an order holds each element once");
    for (; at < end; ++at) {
      const Flip flip{now[at], now[at + 1]};
      std::swap(now[at], now[at + 1]);
      if (!conflict_[flip.first][flip.second]) {
        points_.back() = now;  // as good as the order before
        continue;
      }
      flips_.push_back(flip);
      points_.push_back(now);
    }
  }
  points_.front() = from_;
}

std::optional<std::size_t> OrderFlips::find(const Flip& flip) const {
  for (std::size_t i = 0; i < flips_.size(); ++i)
    if (flips_[i] == flip || flips_[i] == Flip{flip.second, flip.first}) return i;
  return std::nullopt;
}

std::vector<std::vector<bool>> OrderFlips::precedence(std::span<const std::size_t> flips) const {
  const std::size_t n = from_.size();
  std::vector<std::vector<bool>> precedes(n, std::vector<bool>(n, false));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j)
      precedes[from_[i]][from_[j]] = conflict_[from_[i]][from_[j]];
  for (const std::size_t number : flips) {
    precedes[flips_[number].first][flips_[number].second] = false;
    precedes[flips_[number].second][flips_[number].first] = true;
  }
  return precedes;
}

OrderFlips::Sorted OrderFlips::sorted(const std::vector<std::vector<bool>>& precedes) const {
  Sorted result;
  std::vector<std::size_t> left = from_;
  while (!left.empty()) {
    const auto next = std::ranges::find_if(left, [&](std::size_t element) {
      return std::ranges::none_of(left, [&](std::size_t o) { return precedes[o][element]; });
    });
    if (next == left.end()) break;
    result.order.push_back(*next);
    left.erase(next);
  }
  result.rest = std::move(left);
  return result;
}

std::vector<std::size_t> OrderFlips::closed(std::span<const std::size_t> flips) const {
  std::set<std::size_t> set(flips.begin(), flips.end());
  while (true) {
    const std::vector<std::size_t> list(set.begin(), set.end());
    const auto precedes = precedence(list);
    const Sorted attempt = sorted(precedes);
    if (attempt.rest.empty()) return list;
    // Every element of the rest has one before it there: going back from any closes a cycle.
    std::vector<std::size_t> path = {attempt.rest.front()};
    std::vector<std::size_t>::iterator start;
    while (true) {
      const auto before = std::ranges::find_if(
          attempt.rest, [&](std::size_t element) { return precedes[element][path.back()]; });
      start = std::ranges::find(path, *before);
      if (start != path.end()) break;
      path.push_back(*before);
    }
    const std::vector<std::size_t> cycle(start, path.end());
    bool grew = false;
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      const auto number = find({cycle[i], cycle[(i + 1) % cycle.size()]});
      if (number) grew = set.insert(*number).second || grew;
    }
    CHECK(grew, "all pairs flipped give an order");
  }
}

Permutation OrderFlips::flipped(std::span<const std::size_t> closed_flips) const {
  Sorted result = sorted(precedence(closed_flips));
  CHECK(result.rest.empty(), "the flips are closed");
  return std::move(result.order);
}

namespace {

class CauseSearch {
 public:
  CauseSearch(const Permutation& passing, const Permutation& failing,
              const OrderFlips::Conflict& conflict, const OrderTest& test)
      : forth_(passing, failing, conflict), back_(failing, passing, conflict), test_(test) {}

  OrderCause run() {
    if (forth_.size() == 0) {
      cause_.complete = true;
      return cause_;
    }
    const Boundary boundary = bisect(
        0, forth_.size(), [&](std::size_t point) { return tested(forth_.point(point), false); });
    cause_.pass_point = boundary.pass;
    cause_.fail_point = boundary.fail;
    if (!boundary.complete) return cause_;
    std::vector<std::size_t> between;
    for (std::size_t k = boundary.pass; k < boundary.fail; ++k) between.push_back(k);
    cause_.from_walk = true;
    confirm(between);
    if (!stopped_ && !(cause_.in_passing && cause_.in_failing)) minimise();
    cause_.complete = !stopped_;
    return cause_;
  }

 private:
  /// Tests every set of flips that ddmin asks for, closed.
  class FlipOracle final : public Oracle {
   public:
    explicit FlipOracle(CauseSearch& search) : search_(search) {}
    void test(std::span<const Subset> batch, const Report& report) override {
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto outcome =
            search_.tested(search_.forth_.flipped(search_.forth_.closed(batch[i])), false);
        if (!outcome) return;
        report(i, *outcome);
      }
    }

   private:
    CauseSearch& search_;
  };

  std::optional<TestOutcome> tested(const Permutation& order, bool deciding) {
    const auto outcome = test_(order, deciding);
    if (outcome)
      ++cause_.tests;
    else
      stopped_ = true;
    return outcome;
  }

  void confirm(std::span<const std::size_t> flips) {
    const std::vector<std::size_t> set = forth_.closed(flips);
    cause_.flips.clear();
    std::vector<std::size_t> undone;
    for (const std::size_t number : flips) {
      cause_.flips.push_back(forth_.flips()[number]);
      undone.push_back(*back_.find(forth_.flips()[number]));
    }
    for (const std::size_t number : set)
      if (std::ranges::find(flips, number) == flips.end())
        cause_.flips.push_back(forth_.flips()[number]);
    cause_.along = set.size() - flips.size();
    const auto with = tested(forth_.flipped(set), true);
    cause_.in_passing = with == TestOutcome::kFail;
    if (!with) return;
    const auto without = tested(back_.flipped(back_.closed(undone)), true);
    cause_.in_failing = without == TestOutcome::kPass;
  }

  void minimise() {
    FlipOracle oracle(*this);
    const Reduction reduction = ddmin(forth_.size(), oracle);
    if (!reduction.complete) return;
    cause_.from_walk = false;
    confirm(reduction.kept);
  }

  OrderFlips forth_;
  OrderFlips back_;
  const OrderTest& test_;
  OrderCause cause_;
  bool stopped_ = false;
};

}  // namespace

OrderCause order_cause(const Permutation& passing, const Permutation& failing,
                       const OrderFlips::Conflict& conflict, const OrderTest& test) {
  return CauseSearch(passing, failing, conflict, test).run();
}

}  // namespace nbreplay::reduce
