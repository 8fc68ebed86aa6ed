#include "nbreplay/reduce/isolation.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include "nbreplay/base/check.h"

#include "reduce/search.h"

namespace nbreplay::reduce {
namespace {

Subset united(const Subset& a, const Subset& b) {
  Subset all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

Subset common(const Subset& a, const Subset& b) {
  Subset both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

bool within(const Subset& inner, const Subset& outer) {
  return std::includes(outer.begin(), outer.end(), inner.begin(), inner.end());
}

/// Splits into `count` parts of nearly equal size.
std::vector<Subset> parts_of(const Subset& subset, std::size_t count) {
  std::vector<Subset> parts;
  for (std::size_t i = 0; i < count; ++i)
    parts.emplace_back(
        subset.begin() + static_cast<std::ptrdiff_t>(subset.size() * i / count),
        subset.begin() + static_cast<std::ptrdiff_t>(subset.size() * (i + 1) / count));
  return parts;
}

class Isolator {
 public:
  Isolator(const Needs& needs, Oracle& oracle)
      : needs_(needs), oracle_(oracle), jobs_(std::max<std::size_t>(oracle.jobs(), 1)) {
    known_.emplace(Subset{}, TestOutcome::kPass);
    known_.emplace(all_of(needs.size()), TestOutcome::kFail);
  }

  [[nodiscard]] std::size_t queries() const { return queries_; }
  [[nodiscard]] bool stopped() const { return stopped_; }

  std::optional<TestOutcome> test(const Subset& subset) { return test_all({&subset, 1}).front(); }

  /// Narrows both sides until their difference cannot be split any more.
  Isolation narrow(Subset pass, Subset fail, std::span<const Subset> tries) {
    Isolation sides{std::move(pass), std::move(fail), false};
    for (const Subset& wanted : tries) {
      if (stopped_) return sides;
      const Subset part = common(wanted, sides.difference());
      if (!part.empty()) adopt(sides, needs_.closed(united(sides.pass, part)));
    }
    std::size_t count = 2;
    while (!stopped_) {
      const Subset difference = sides.difference();
      if (difference.size() < 2) break;
      count = std::min(count, difference.size());
      if (const auto next = split(sides, parts_of(difference, count), count)) {
        count = *next;
      } else if (count < difference.size()) {
        count *= 2;
      } else {
        break;
      }
    }
    sides.complete = !stopped_;
    return sides;
  }

 private:
  enum class Side { kNone, kPass, kFail };

  std::vector<std::optional<TestOutcome>> test_all(std::span<const Subset> batch) {
    std::vector<Subset> unknown;
    for (const Subset& subset : batch)
      if (!known_.contains(subset) && std::ranges::find(unknown, subset) == unknown.end())
        unknown.push_back(subset);
    for (std::size_t begin = 0; begin < unknown.size() && !stopped_; begin += jobs_) {
      const std::size_t size = std::min(jobs_, unknown.size() - begin);
      std::size_t reported = 0;
      oracle_.test(std::span(unknown).subspan(begin, size),
                   [&](std::size_t index, TestOutcome outcome) {
                     CHECK(index < size, "an oracle reports subsets of its batch");
                     known_.emplace(unknown[begin + index], outcome);
                     ++reported;
                   });
      queries_ += reported;
      stopped_ = reported < size;
    }
    std::vector<std::optional<TestOutcome>> outcomes;
    for (const Subset& subset : batch) {
      const auto found = known_.find(subset);
      outcomes.push_back(found == known_.end() ? std::nullopt : std::optional(found->second));
    }
    return outcomes;
  }

  /// Whether `candidate` lies between the two sides; what it shows makes it one of them.
  Side adopt(Isolation& sides, const Subset& candidate) {
    if (candidate == sides.pass || candidate == sides.fail) return Side::kNone;
    if (!within(sides.pass, candidate) || !within(candidate, sides.fail)) return Side::kNone;
    const auto outcome = test(candidate);
    if (outcome == TestOutcome::kFail) {
      sides.fail = candidate;
      return Side::kFail;
    }
    if (outcome == TestOutcome::kPass) {
      sides.pass = candidate;
      return Side::kPass;
    }
    return Side::kNone;
  }

  /// Tries every part added to the passing side, and taken from the failing one. The granularity
  /// to go on with when one of them was resolved: coarse again when most of the difference went.
  std::optional<std::size_t> split(Isolation& sides, const std::vector<Subset>& parts,
                                   std::size_t count) {
    for (const Subset& part : parts) {
      const Subset added = united(sides.pass, part);
      const Subset rest = without(sides.fail, part);
      std::vector<Subset> candidates = {needs_.closed(added), needs_.interior(rest)};
      // Nothing smaller is closed: then what is not closed may still say something.
      if (part.size() == 1) candidates.insert(candidates.end(), {added, rest});
      if (jobs_ > 1) ask_ahead(sides, {candidates[0], candidates[1]});
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Side side = adopt(sides, candidates[i]);
        if (side == Side::kNone) continue;
        const bool far = (i % 2 == 0) == (side == Side::kFail);
        return far ? 2 : std::max<std::size_t>(count - 1, 2);
      }
      if (stopped_) break;
    }
    return std::nullopt;
  }

  /// Several can be tested at a time: both questions about a part at once.
  void ask_ahead(const Isolation& sides, std::vector<Subset> candidates) {
    std::erase_if(candidates, [&](const Subset& one) {
      return one == sides.pass || one == sides.fail || !within(sides.pass, one) ||
             !within(one, sides.fail);
    });
    if (!candidates.empty()) static_cast<void>(test_all(candidates));
  }

  const Needs& needs_;
  Oracle& oracle_;
  std::size_t jobs_;
  std::map<Subset, TestOutcome> known_;
  std::size_t queries_ = 0;
  bool stopped_ = false;
};

}  // namespace

void Needs::add(std::size_t element, std::size_t other) {
  CHECK(element < needs_.size() && other < needs_.size(), "elements of the set");
  auto& list = needs_[element];
  if (element != other && std::ranges::find(list, other) == list.end()) list.push_back(other);
}

Subset Needs::closed(const Subset& subset) const {
  Subset waiting = subset;
  std::vector<bool> in(needs_.size());
  for (const std::size_t element : subset) in[element] = true;
  while (!waiting.empty()) {
    const std::size_t element = waiting.back();
    waiting.pop_back();
    for (const std::size_t other : needs_[element]) {
      if (in[other]) continue;
      in[other] = true;
      waiting.push_back(other);
    }
  }
  Subset result;
  for (std::size_t i = 0; i < in.size(); ++i)
    if (in[i]) result.push_back(i);
  return result;
}

Subset Needs::interior(const Subset& subset) const {
  Subset result = subset;
  for (std::size_t before = result.size() + 1; result.size() < before;) {
    before = result.size();
    const Subset last = result;
    std::erase_if(result, [&](std::size_t element) {
      return std::ranges::any_of(needs_[element],
                                 [&](std::size_t other) { return !contains(last, other); });
    });
  }
  return result;
}

Subset Isolation::difference() const {
  return without(fail, pass);
}

Subset Culprits::together() const {
  Subset all;
  for (const Subset& group : groups) all = united(all, group);
  return all;
}

Culprits find_culprits(const Needs& needs, std::span<const Subset> tries, Oracle& oracle) {
  Culprits found;
  Isolator isolator(needs, oracle);
  Subset together;
  Subset whole = all_of(needs.size());
  while (!found.alone) {
    Isolation isolation = isolator.narrow(needs.closed(together), whole, tries);
    const Subset group = isolation.difference();
    whole = isolation.fail;
    if (found.groups.empty()) found.isolation = isolation;
    if (!isolation.complete) break;
    found.groups.push_back(group);
    together = united(together, group);
    Subset without_context = needs.closed(together);
    auto outcome = isolator.test(without_context);
    // Testing may have taught what they need.
    while (outcome == TestOutcome::kUnresolved && needs.closed(together) != without_context) {
      without_context = needs.closed(together);
      outcome = isolator.test(without_context);
    }
    found.alone = outcome == TestOutcome::kFail;
    // What says nothing without its context, or is all of it, is as small as it gets.
    if (outcome != TestOutcome::kPass) break;
  }
  found.queries = isolator.queries();
  found.complete = !isolator.stopped();
  return found;
}

}  // namespace nbreplay::reduce
