#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce::test {

using Predicate = std::function<TestOutcome(const Subset&)>;

inline bool holds(const Subset& subset, const Subset& wanted) {
  return std::includes(subset.begin(), subset.end(), wanted.begin(), wanted.end());
}

/// Fails when all of `wanted` is there.
inline Predicate needs_all(Subset wanted) {
  return [wanted = std::move(wanted)](const Subset& subset) {
    return holds(subset, wanted) ? TestOutcome::kFail : TestOutcome::kPass;
  };
}

/// Asks a predicate; checks what every search promises of its questions: well-formed subsets,
/// batches no larger than `jobs`, none twice. Answers in order, or shuffled; may stop.
class FakeOracle final : public Oracle {
 public:
  explicit FakeOracle(std::size_t n, Predicate predicate, std::size_t jobs = 1)
      : n_(n), predicate_(std::move(predicate)), jobs_(jobs) {}

  void shuffle_answers(unsigned seed) { shuffle_.emplace(seed); }
  void stop_after(std::size_t queries) { stop_after_ = queries; }

  void test(std::span<const Subset> batch, const Report& report) override {
    EXPECT_FALSE(stopped_) << "asked again after a stop";
    EXPECT_FALSE(batch.empty());
    EXPECT_LE(batch.size(), jobs_);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < batch.size(); ++i) order.push_back(i);
    if (shuffle_) std::shuffle(order.begin(), order.end(), *shuffle_);
    for (const std::size_t i : order) {
      stopped_ = stopped_ || queries_ == stop_after_;
      if (stopped_) continue;
      check(batch[i]);
      ++queries_;
      report(i, predicate_(batch[i]));
    }
  }

  [[nodiscard]] std::size_t jobs() const override { return jobs_; }
  [[nodiscard]] std::size_t queries() const { return queries_; }
  [[nodiscard]] const std::vector<Subset>& asked() const { return in_order_; }

 private:
  void check(const Subset& subset) {
    EXPECT_TRUE(std::is_sorted(subset.begin(), subset.end()));
    EXPECT_EQ(std::adjacent_find(subset.begin(), subset.end()), subset.end());
    EXPECT_TRUE(subset.empty() || subset.back() < n_);
    EXPECT_LT(subset.size(), n_) << "the whole set is known to fail";
    EXPECT_TRUE(asked_.insert(subset).second) << "asked twice";
    in_order_.push_back(subset);
  }

  std::size_t n_;
  Predicate predicate_;
  std::size_t jobs_;
  std::optional<std::mt19937> shuffle_;
  std::size_t stop_after_ = std::numeric_limits<std::size_t>::max();
  bool stopped_ = false;
  std::size_t queries_ = 0;
  std::set<Subset> asked_;
  std::vector<Subset> in_order_;
};

/// What a result claims is true of the predicate, whichever algorithm found it.
inline void expect_honest(const Reduction& reduction, std::size_t n, const Predicate& predicate,
                          const std::string& what) {
  SCOPED_TRACE(what);
  const bool whole = reduction.kept.size() == n;
  EXPECT_TRUE(whole || predicate(reduction.kept) == TestOutcome::kFail);
  ASSERT_EQ(reduction.without.size(), reduction.kept.size());
  std::size_t certified = 0;
  bool none_fails = true;
  for (std::size_t i = 0; i < reduction.kept.size(); ++i) {
    Subset rest = reduction.kept;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    const TestOutcome truth = predicate(rest);
    EXPECT_EQ(reduction.without[i].value_or(truth), truth);
    if (reduction.without[i] == TestOutcome::kPass) ++certified;
    none_fails = none_fails && truth != TestOutcome::kFail;
  }
  EXPECT_EQ(reduction.certified(), certified);
  EXPECT_TRUE(!reduction.complete || reduction.one_minimal());
  EXPECT_TRUE(!reduction.one_minimal() || none_fails);
}

}  // namespace nbreplay::reduce::test
