#include "reduce/search.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "nbreplay/base/check.h"

namespace nbreplay::reduce {

bool Reduction::one_minimal() const {
  return std::all_of(without.begin(), without.end(), [](const std::optional<TestOutcome>& outcome) {
    return outcome && *outcome != TestOutcome::kFail;
  });
}

std::size_t Reduction::certified() const {
  return static_cast<std::size_t>(
      std::count(without.begin(), without.end(), std::optional(TestOutcome::kPass)));
}

Search::Search(std::size_t n, Oracle& oracle)
    : n_(n), oracle_(oracle), jobs_(std::max<std::size_t>(oracle.jobs(), 1)), best_(all_of(n)) {
  known_.emplace(members(best_), TestOutcome::kFail);
}

std::vector<bool> Search::members(const Subset& subset) const {
  std::vector<bool> result(n_);
  for (const std::size_t element : subset) result[element] = true;
  return result;
}

std::optional<TestOutcome> Search::known(const Subset& subset) const {
  const auto found = known_.find(members(subset));
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::optional<TestOutcome>> Search::test(std::span<const Subset> batch) {
  std::vector<Subset> unknown;
  for (const Subset& subset : batch) {
    const bool asked = std::find(unknown.begin(), unknown.end(), subset) != unknown.end();
    if (!asked && !known(subset)) unknown.push_back(subset);
  }
  for (std::size_t begin = 0; begin < unknown.size() && !stopped_; begin += jobs_) {
    const std::size_t count = std::min(jobs_, unknown.size() - begin);
    std::size_t reported = 0;
    oracle_.test(
        std::span(unknown).subspan(begin, count), [&](std::size_t index, TestOutcome outcome) {
          CHECK(index < count, "an oracle reports subsets of its batch");
          const bool first = known_.emplace(members(unknown[begin + index]), outcome).second;
          CHECK(first, "an oracle reports each subset once");
          ++reported;
        });
    queries_ += reported;
    stopped_ = reported < count;
  }
  std::vector<std::optional<TestOutcome>> outcomes;
  outcomes.reserve(batch.size());
  for (const Subset& subset : batch) outcomes.push_back(known(subset));
  return outcomes;
}

bool Search::fails(const Subset& subset) {
  return test(std::span(&subset, 1)).front() == TestOutcome::kFail;
}

void Search::adopt(Subset subset) {
  CHECK(known(subset) == TestOutcome::kFail, "only what was seen to fail is kept");
  best_ = std::move(subset);
}

Reduction Search::finish() const {
  Reduction result;
  result.kept = best_;
  result.without.resize(best_.size());
  result.complete = !stopped_;
  result.queries = queries_;
  std::vector<bool> rest = members(best_);
  // Of a long list that was hardly searched, what is known is looked through instead: each look-up
  // reads the whole membership.
  if (known_.size() < best_.size()) {
    for (const auto& [subset, outcome] : known_)
      if (const auto place = only_missing(subset, rest)) result.without[*place] = outcome;
    return result;
  }
  for (std::size_t i = 0; i < best_.size(); ++i) {
    rest[best_[i]] = false;
    if (const auto found = known_.find(rest); found != known_.end())
      result.without[i] = found->second;
    rest[best_[i]] = true;
  }
  return result;
}

/// The place in the best subset of the one element by which `subset` is smaller than it.
std::optional<std::size_t> Search::only_missing(const std::vector<bool>& subset,
                                                const std::vector<bool>& best) const {
  std::optional<std::size_t> element;
  for (std::size_t i = 0; i < n_; ++i) {
    if (subset[i] == best[i]) continue;
    if (element || subset[i]) return std::nullopt;
    element = i;
  }
  if (!element) return std::nullopt;
  const auto place = std::lower_bound(best_.begin(), best_.end(), *element);
  return static_cast<std::size_t>(place - best_.begin());
}

Subset all_of(std::size_t n) {
  Subset all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

Subset without(const Subset& subset, const Subset& removed) {
  Subset rest;
  std::set_difference(subset.begin(), subset.end(), removed.begin(), removed.end(),
                      std::back_inserter(rest));
  return rest;
}

bool contains(const Subset& subset, std::size_t element) {
  return std::binary_search(subset.begin(), subset.end(), element);
}

}  // namespace nbreplay::reduce
