#include "nbreplay/reduce/bisection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "support/property_rounds.h"

namespace nbreplay::reduce {
namespace {

using nbreplay::test::property_rounds;

/// Tests points of a line; no point twice, none outside.
class Line {
 public:
  explicit Line(std::vector<TestOutcome> points) : points_(std::move(points)) {}

  PointTest test() {
    return [this](std::size_t point) -> std::optional<TestOutcome> {
      if (tested_.size() == most_) return std::nullopt;
      EXPECT_TRUE(tested_.insert(point).second);
      return points_.at(point);
    };
  }
  void stop_after(std::size_t most) { most_ = most; }
  Boundary bisect() { return reduce::bisect(0, points_.size() - 1, test()); }

 private:
  std::vector<TestOutcome> points_;
  std::set<std::size_t> tested_;
  std::size_t most_ = static_cast<std::size_t>(-1);
};

std::vector<TestOutcome> flip_at(std::size_t size, std::size_t first_failing) {
  std::vector<TestOutcome> points(size, TestOutcome::kPass);
  for (std::size_t i = first_failing; i < size; ++i) points[i] = TestOutcome::kFail;
  return points;
}

TEST(Bisection, FindsTheFlipInLogarithmicallyManyTests) {
  for (std::size_t flip = 1; flip < 101; ++flip) {
    const Boundary boundary = Line(flip_at(101, flip)).bisect();
    EXPECT_EQ(boundary.fail, flip);
    EXPECT_TRUE(boundary.exact());
    EXPECT_TRUE(boundary.complete);
    EXPECT_LE(boundary.queries, 7U);
  }
}

TEST(Bisection, NeighboursNeedNoTest) {
  const Boundary boundary = Line(flip_at(2, 1)).bisect();
  EXPECT_TRUE(boundary.exact());
  EXPECT_EQ(boundary.queries, 0U);
}

TEST(Bisection, StepsAroundUnresolvedPoints) {
  std::vector<TestOutcome> points = flip_at(40, 30);
  for (std::size_t i = 15; i < 25; ++i) points[i] = TestOutcome::kUnresolved;
  const Boundary boundary = Line(points).bisect();
  EXPECT_EQ(boundary.fail, 30U);
  EXPECT_TRUE(boundary.exact());
}

TEST(Bisection, LeavesAnIntervalWhenTheFlipIsHidden) {
  std::vector<TestOutcome> points = flip_at(40, 20);
  for (std::size_t i = 18; i < 23; ++i) points[i] = TestOutcome::kUnresolved;
  const Boundary boundary = Line(points).bisect();
  EXPECT_EQ(boundary.pass, 17U);
  EXPECT_EQ(boundary.fail, 23U);
  EXPECT_FALSE(boundary.exact());
  EXPECT_TRUE(boundary.complete);
}

TEST(Bisection, KeepsTheNarrowestIntervalWhenStopped) {
  Line line(flip_at(101, 40));
  line.stop_after(2);
  const Boundary boundary = line.bisect();
  EXPECT_FALSE(boundary.complete);
  EXPECT_EQ(boundary.queries, 2U);
  EXPECT_EQ(boundary.pass, 25U);
  EXPECT_EQ(boundary.fail, 50U);
}

TEST(Bisection, FindsSomeBoundaryOnAnyLine) {
  std::mt19937 random(7);
  for (unsigned round = 0; round < property_rounds(2000); ++round) {
    std::vector<TestOutcome> points(2 + random() % 30);
    for (TestOutcome& point : points) point = static_cast<TestOutcome>(random() % 3);
    points.front() = TestOutcome::kPass;
    points.back() = TestOutcome::kFail;
    const Boundary boundary = Line(points).bisect();
    ASSERT_TRUE(boundary.complete);
    ASSERT_LT(boundary.pass, boundary.fail);
    EXPECT_EQ(points[boundary.pass], TestOutcome::kPass);
    EXPECT_EQ(points[boundary.fail], TestOutcome::kFail);
    for (std::size_t i = boundary.pass + 1; i < boundary.fail; ++i)
      EXPECT_EQ(points[i], TestOutcome::kUnresolved);
  }
}

}  // namespace
}  // namespace nbreplay::reduce
