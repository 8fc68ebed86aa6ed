#include "nbreplay/reduce/interval.h"

#include <algorithm>

#include "nbreplay/base/check.h"

#include "reduce/eliminate.h"

namespace nbreplay::reduce {
namespace {

/// `element` and what of `best` only it needed, directly or through others. The thin subset is
/// never removed on trust.
Subset with_exclusive_needs(const Interval& interval, const Subset& best, std::size_t element) {
  Subset removed = {element};
  const auto needed_by_rest = [&](std::size_t candidate) {
    return std::any_of(best.begin(), best.end(), [&](std::size_t other) {
      return !contains(removed, other) && contains(interval.needs[other], candidate);
    });
  };
  const auto needed_by_removed = [&](std::size_t candidate) {
    return std::any_of(removed.begin(), removed.end(), [&](std::size_t other) {
      return contains(interval.needs[other], candidate);
    });
  };
  // Elements need earlier ones, so going back once follows every chain; the reverse order of an
  // odd graph only leaves something for the certification to find.
  for (auto it = best.rbegin(); it != best.rend(); ++it) {
    if (contains(removed, *it) || contains(interval.thin, *it)) continue;
    if (needed_by_removed(*it) && !needed_by_rest(*it))
      removed.insert(std::lower_bound(removed.begin(), removed.end(), *it), *it);
  }
  return removed;
}

}  // namespace

Reduction interval_and_certify(std::size_t n, const Interval& interval, Oracle& oracle) {
  CHECK(interval.needs.empty() || interval.needs.size() == n, "needs are per element");
  CHECK(interval.full.empty() || interval.full.back() < n, "the interval lies in the set");
  CHECK(std::includes(interval.full.begin(), interval.full.end(), interval.thin.begin(),
                      interval.thin.end()),
        "the thin subset lies in the full one");
  Search search(n, oracle);
  if (search.jobs() > 1) search.test(std::vector{interval.thin, interval.full});
  if (search.fails(interval.thin)) {
    search.adopt(interval.thin);
  } else if (search.fails(interval.full)) {
    search.adopt(interval.full);
    eliminate(search, without(interval.full, interval.thin),
              [&](const Subset& best, std::size_t element) {
                return interval.needs.empty() ? Subset{element}
                                              : with_exclusive_needs(interval, best, element);
              });
  }
  const std::size_t bounding_queries = search.queries();
  eliminate_to_fixpoint(search);
  Reduction reduction = search.finish();
  reduction.bounding_queries = bounding_queries;
  return reduction;
}

}  // namespace nbreplay::reduce
