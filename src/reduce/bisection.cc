#include "nbreplay/reduce/bisection.h"

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

}  // namespace

Boundary bisect(std::size_t pass, std::size_t fail, const PointTest& test) {
  CHECK(pass < fail, "a boundary lies between two points");
  std::map<std::size_t, TestOutcome> known;
  Boundary boundary{pass, fail, false, 0};
  while (const auto point = next_point(boundary.pass, boundary.fail, known)) {
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
