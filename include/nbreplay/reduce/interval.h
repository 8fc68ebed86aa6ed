#pragma once

#include <cstddef>
#include <vector>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce {

/// Where a dependence analysis expects the smallest failing subset: no smaller than `thin`, no
/// larger than `full`. It may be wrong in both directions; that costs queries, never truth.
struct Interval {
  Subset thin;  ///< A subset of `full`.
  Subset full;
  /// Per element of the whole set: the elements that it needs itself. May be empty altogether.
  std::vector<Subset> needs;
};

/// Interval and certify. The thin subset, when it fails, bounds the result from above; else the
/// full one does, and what it has beyond the thin one is removed last to first, each together with
/// what only it needed; when neither fails, nothing is removed on trust. Then backward elimination
/// certifies: each survivor is removed alone, last to first, until no removal fails. The result
/// is 1-minimal for any oracle and any interval unless stopped.
[[nodiscard]] Reduction interval_and_certify(std::size_t n, const Interval& interval,
                                             Oracle& oracle);

}  // namespace nbreplay::reduce
