#include "nbreplay/reduce/bisection.h"

#include <array>
#include <map>

#include "nbreplay/base/check.h"

namespace nbreplay::reduce {
namespace {

/// The untested point strictly between the two that is nearest to their middle.
std::optional<std::size_t> next_point(std::size_t pass, std::size_t fail,
                                      const std::map<std::size_t, TestOutcome>& known) {
  const std::size_t middle = pass + (fail - pass) / 2;
  for (std::size_t step = 0; step < fail - pass; ++step) {
    if (middle + step < fail && middle + step > pass && !known.contains(middle + step))
      return middle + step;
    if (middle > pass + step && !known.contains(middle - step)) return middle - step;
  }
  return std::nullopt;
}

void announce(const SoonTested& soon, const Boundary& boundary, std::size_t point) {
  if (!soon) return;
  std::array<std::size_t, 2> next{};
  std::size_t count = 0;
  if (point - boundary.pass > 1) next.at(count++) = boundary.pass + (point - boundary.pass) / 2;
  if (boundary.fail - point > 1) next.at(count++) = point + (boundary.fail - point) / 2;
  if (count > 0) soon(std::span(next).first(count));
}

}  // namespace

Boundary bisect(std::size_t pass, std::size_t fail, const PointTest& test, const SoonTested& soon) {
  CHECK(pass < fail, "a boundary lies between two points");
  std::map<std::size_t, TestOutcome> known;
  Boundary boundary{pass, fail, false, 0};
  while (const auto point = next_point(boundary.pass, boundary.fail, known)) {
    announce(soon, boundary, *point);
    const auto outcome = test(*point);
    if (!outcome) return boundary;
    ++boundary.queries;
    known.emplace(*point, *outcome);
    if (*outcome == TestOutcome::kPass) boundary.pass = *point;
    if (*outcome == TestOutcome::kFail) boundary.fail = *point;
  }
  boundary.complete = true;
  return boundary;
}

}  // namespace nbreplay::reduce
