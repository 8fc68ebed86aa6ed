#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce {

/// A change of outcome between two points of a line: `pass` passes, `fail` fails, and every point
/// strictly between them that was tested is unresolved.
struct Boundary {
  std::size_t pass = 0;
  std::size_t fail = 0;
  bool complete = false;  ///< Every point strictly between them was tested: not stopped.
  std::size_t queries = 0;

  [[nodiscard]] bool exact() const { return fail - pass == 1; }
};

/// Tests one point; nothing when a stop prevented it.
using PointTest = std::function<std::optional<TestOutcome>(std::size_t point)>;

/// Told before a point is tested: these may be asked for next, whatever it shows. Only a hint.
using SoonTested = std::function<void(std::span<const std::size_t> points)>;

/// Bisects the points from `pass`, known to pass, to `fail`, known to fail (pass < fail). It finds
/// a boundary whether or not there is only one, in ⌈log₂(fail − pass)⌉ tests when all are resolved;
/// an unresolved point is stepped around, nearest first.
[[nodiscard]] Boundary bisect(std::size_t pass, std::size_t fail, const PointTest& test,
                              const SoonTested& soon = {});

}  // namespace nbreplay::reduce
