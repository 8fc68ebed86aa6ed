#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "nbreplay/reduce/bisection.h"
#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce {

/// Two points of a line, either of which may come first, between which the outcome changes.
struct LineBoundary {
  std::size_t pass = 0;
  std::size_t fail = 0;
  bool complete = false;  ///< Every point strictly between them was tested: not stopped.
  /// Of the points next to them on the other sides: `pass` and `fail` again where the outcome
  /// changes once only; nothing at an end of the line, or when not tested.
  std::optional<TestOutcome> beside_pass;
  std::optional<TestOutcome> beside_fail;

  [[nodiscard]] bool exact() const { return pass < fail ? fail - pass == 1 : pass - fail == 1; }
};

/// Looks for changes of outcome on a line of points, such as the releases of a package. Nothing is
/// assumed of the line: it may change its outcome many times, and what is found is one place where
/// it does. No point is tested twice.
///
/// From one known point, `outward` and `check_neighbours` together test at most 2·⌈log₂ size⌉ + 3
/// points, the known one counted, when all are resolved.
class LineSearch {
 public:
  LineSearch(std::size_t size, PointTest test, SoonTested soon = {});

  /// What is known without a test.
  void know(std::size_t point, TestOutcome outcome) { known_.insert_or_assign(point, outcome); }
  [[nodiscard]] const std::map<std::size_t, TestOutcome>& known() const { return known_; }
  [[nodiscard]] std::size_t queries() const { return queries_; }
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Tests a point, or says what is known of it; nothing when a stop prevents it.
  std::optional<TestOutcome> test(std::size_t point);

  enum class Direction { kDown, kUp };
  /// Steps away from `start`, which is known to pass or to fail, by 1, 2, 4, … and at last to the
  /// end of the line, until the outcome is the other one; then bisects. Where few points are
  /// `preferred` (by index; may be empty), it steps along these and the end only. Nothing: no
  /// point that was tested has the other outcome.
  std::optional<LineBoundary> outward(std::size_t start, Direction direction,
                                      const std::vector<bool>& preferred = {});
  /// Bisects between two known points.
  LineBoundary between(std::size_t pass, std::size_t fail);
  /// Tests the points on the other sides of the boundary.
  void check_neighbours(LineBoundary& boundary);

 private:
  std::size_t size_;
  PointTest test_;
  SoonTested soon_;
  std::map<std::size_t, TestOutcome> known_;
  std::size_t queries_ = 0;
  bool stopped_ = false;
};

}  // namespace nbreplay::reduce
