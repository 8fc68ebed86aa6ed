#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce {

/// What elements need: a set is closed when it holds, with each element, all that one needs.
/// Sets that are not closed are likely to be unresolved.
class Needs {
 public:
  /// Nobody needs anything.
  explicit Needs(std::size_t n) : needs_(n) {}

  /// From now on `element` needs `other`.
  void add(std::size_t element, std::size_t other);
  [[nodiscard]] std::size_t size() const { return needs_.size(); }
  /// The least closed set around `subset`.
  [[nodiscard]] Subset closed(const Subset& subset) const;
  /// The largest closed set within `subset`.
  [[nodiscard]] Subset interior(const Subset& subset) const;

 private:
  std::vector<std::vector<std::size_t>> needs_;
};

/// Two sets of changes that differ in what decides.
struct Isolation {
  Subset pass;            ///< Seen to pass, or the empty set, of which that is assumed.
  Subset fail;            ///< Seen to fail, or the whole set; holds all of `pass`.
  bool complete = false;  ///< Not stopped: the difference could not be made smaller.
  /// In `fail` and not in `pass`.
  [[nodiscard]] Subset difference() const;
};

/// Which changes make the failure.
struct Culprits {
  Isolation isolation;  ///< Where the first of them was found.
  /// In the order in which they were found, each in the context of those behind it.
  std::vector<Subset> groups;
  bool alone = false;  ///< Seen to fail without any other change but those that they need.
  bool complete = false;
  std::size_t queries = 0;

  /// All of `groups`.
  [[nodiscard]] Subset together() const;
};

/// dd, isolation of failure-inducing changes (Zeller and Hildebrandt, TSE 2002), over closed sets:
/// the passing set grows and the failing one shrinks until their difference cannot be split. Of
/// changes that only fail together it finds one, in the context of the others; the search is then
/// repeated for its partners. `tries` are tested first, in their order: likely to fail, and small.
///
/// The whole set is known to fail and the empty one to pass; neither is tested. `needs` may learn
/// while the oracle tests.
[[nodiscard]] Culprits find_culprits(const Needs& needs, std::span<const Subset> tries,
                                     Oracle& oracle);

}  // namespace nbreplay::reduce
