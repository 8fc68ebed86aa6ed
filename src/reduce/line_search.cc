#include "nbreplay/reduce/line_search.h"

#include <algorithm>
#include <array>

#include "nbreplay/base/check.h"

namespace nbreplay::reduce {
namespace {

/// Points tried before one that says nothing.
constexpr std::size_t kStepsBack = 2;

/// Points to step along from `start`, nearest first. Bisecting the stretch that is left costs
/// ⌈log₂ size⌉ at most; stepping along fewer than half of the points saves the one test by which
/// uneven steps make that stretch longer.
std::vector<std::size_t> way_from(std::size_t start, std::size_t size, bool down,
                                  const std::vector<bool>& preferred) {
  const std::size_t length = down ? start : size - 1 - start;
  std::vector<std::size_t> all, some;
  for (std::size_t distance = 1; distance <= length; ++distance) {
    const std::size_t point = down ? start - distance : start + distance;
    all.push_back(point);
    if (distance == length || (point < preferred.size() && preferred[point])) some.push_back(point);
  }
  return 2 * some.size() < size && !preferred.empty() ? some : all;
}

}  // namespace

LineSearch::LineSearch(std::size_t size, PointTest test, SoonTested soon)
    : size_(size), test_(std::move(test)), soon_(std::move(soon)) {}

std::optional<TestOutcome> LineSearch::test(std::size_t point) {
  CHECK(point < size_, "a point of the line");
  if (const auto found = known_.find(point); found != known_.end()) return found->second;
  if (stopped_) return std::nullopt;
  const auto outcome = test_(point);
  if (!outcome) {
    stopped_ = true;
    return std::nullopt;
  }
  ++queries_;
  known_.emplace(point, *outcome);
  return outcome;
}

std::optional<LineBoundary> LineSearch::outward(std::size_t start, Direction direction,
                                                const std::vector<bool>& preferred) {
  const auto at_start = known_.find(start);
  CHECK(at_start != known_.end() && at_start->second != TestOutcome::kUnresolved,
        "a search begins at a point that passes or fails");
  const TestOutcome here = at_start->second;
  const std::vector<std::size_t> way =
      way_from(start, size_, direction == Direction::kDown, preferred);
  const auto outcome_of = [&](std::size_t place) {
    const auto found = known_.find(way[place]);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
  };
  std::size_t step = 1;
  for (std::size_t tested = 0; tested < way.size(); step *= 2) {
    const std::size_t place = std::min(step, way.size()) - 1;
    if (soon_ && place + 1 < way.size()) {
      const std::array<std::size_t, 1> next{way[std::min(2 * step, way.size()) - 1]};
      soon_(next);
    }
    // What says nothing is no end of the line: a point or two before it may say something.
    const std::size_t least = std::max(tested, place < kStepsBack ? 0 : place - kStepsBack);
    std::size_t back = place;
    auto outcome = test(way[back]);
    while (outcome == TestOutcome::kUnresolved && back > least) outcome = test(way[--back]);
    if (!outcome) return std::nullopt;
    if (*outcome != TestOutcome::kUnresolved && *outcome != here) {
      std::size_t near = start;
      for (std::size_t i = 0; i < back; ++i)
        if (outcome_of(i) == here) near = way[i];
      return here == TestOutcome::kPass ? between(near, way[back]) : between(way[back], near);
    }
    tested = place + 1;
  }
  return std::nullopt;
}

LineBoundary LineSearch::between(std::size_t pass, std::size_t fail) {
  CHECK(pass != fail, "a boundary lies between two points");
  const bool mirrored = pass > fail;
  const auto point_at = [&](std::size_t place) { return mirrored ? pass - place : pass + place; };
  const PointTest at = [&](std::size_t place) { return test(point_at(place)); };
  const SoonTested soon = [&](std::span<const std::size_t> places) {
    if (!soon_) return;
    std::vector<std::size_t> points;
    for (const std::size_t place : places)
      if (!known_.contains(point_at(place))) points.push_back(point_at(place));
    if (!points.empty()) soon_(points);
  };
  const std::size_t length = mirrored ? pass - fail : fail - pass;
  const Boundary found = bisect(0, length, at, soon);
  LineBoundary boundary;
  boundary.pass = point_at(found.pass);
  boundary.fail = point_at(found.fail);
  boundary.complete = found.complete;
  return boundary;
}

void LineSearch::check_neighbours(LineBoundary& boundary) {
  const auto beside = [&](std::size_t point, std::size_t other) -> std::optional<TestOutcome> {
    const bool at_end = point < other ? point == 0 : point + 1 == size_;
    if (at_end) return std::nullopt;
    return test(point < other ? point - 1 : point + 1);
  };
  boundary.beside_pass = beside(boundary.pass, boundary.fail);
  boundary.beside_fail = beside(boundary.fail, boundary.pass);
}

}  // namespace nbreplay::reduce
