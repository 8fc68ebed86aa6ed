#include "nbreplay/reduce/line_search.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <set>

#include "support/property_rounds.h"

namespace nbreplay::reduce {
namespace {

using nbreplay::test::property_rounds;

using Points = std::vector<TestOutcome>;
constexpr auto kDown = LineSearch::Direction::kDown;
constexpr auto kUp = LineSearch::Direction::kUp;

/// ⌈log₂ n⌉
std::size_t log_of(std::size_t n) {
  return n <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(n - 1));
}

/// A search that tests no point twice.
struct Searched {
  explicit Searched(Points points)
      : line(std::move(points)), search(line.size(), [this](std::size_t point) {
          EXPECT_TRUE(tested.insert(point).second) << "tested twice: " << point;
          return std::optional(line.at(point));
        }) {}
  Searched(const Searched&) = delete;

  std::optional<LineBoundary> from(std::size_t start, LineSearch::Direction direction,
                                   const std::vector<bool>& preferred = {}) {
    search.know(start, line.at(start));
    auto found = search.outward(start, direction, preferred);
    if (found) search.check_neighbours(*found);
    return found;
  }

  Points line;
  std::set<std::size_t> tested;
  LineSearch search;
};

Points flips_at(std::size_t size, std::size_t first_failing) {
  Points points(size, TestOutcome::kPass);
  for (std::size_t i = first_failing; i < size; ++i) points[i] = TestOutcome::kFail;
  return points;
}

/// The newest patch release of every minor release, where minors have `patches` each.
std::vector<bool> every(std::size_t size, std::size_t patches) {
  std::vector<bool> preferred(size);
  for (std::size_t i = patches - 1; i < size; i += patches) preferred[i] = true;
  return preferred;
}

TEST(LineSearch, FindsTheFirstBadReleaseFromTheNewest) {
  for (std::size_t size = 2; size <= 130; ++size) {
    for (std::size_t flip = 1; flip < size; ++flip) {
      for (const std::size_t patches : {std::size_t{1}, std::size_t{4}}) {
        Searched searched(flips_at(size, flip));
        const auto found = searched.from(size - 1, kDown, every(size, patches));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->fail, flip);
        EXPECT_EQ(found->pass, flip - 1);
        EXPECT_TRUE(found->exact() && found->complete);
        // The start is a release that was tried, too.
        EXPECT_LE(searched.tested.size() + 1, 2 * log_of(size) + 3) << size << " " << flip;
      }
    }
  }
}

TEST(LineSearch, FindsTheFirstBadReleaseFromOneThatPasses) {
  for (std::size_t flip = 1; flip < 40; ++flip) {
    Searched searched(flips_at(40, flip));
    const auto found = searched.from(0, kUp);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pass, flip - 1);
    EXPECT_EQ(found->fail, flip);
  }
}

TEST(LineSearch, UnevenPreferencesKeepTheBound) {
  std::mt19937 random(3);
  for (unsigned round = 0; round < property_rounds(2000); ++round) {
    const std::size_t size = 2 + random() % 150;
    const std::size_t flip = 1 + random() % (size - 1);
    const std::size_t start = flip + random() % (size - flip);
    std::vector<bool> preferred(size);
    for (std::size_t i = 0; i < size; ++i) preferred[i] = random() % (1 + random() % 8) == 0;
    Searched searched(flips_at(size, flip));
    const auto found = searched.from(start, kDown, preferred);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->fail, flip);
    EXPECT_LE(searched.tested.size() + 1, 2 * log_of(size) + 3);
  }
}

TEST(LineSearch, WhatWorksAgainIsAnotherBoundary) {
  // Fails from 20 to 29 only: from within, the older boundary; from the newest, the younger one.
  Points points(40, TestOutcome::kPass);
  for (std::size_t i = 20; i < 30; ++i) points[i] = TestOutcome::kFail;
  Searched within(points);
  const auto older = within.from(29, kDown);
  ASSERT_TRUE(older);
  EXPECT_EQ(older->pass, 19U);
  EXPECT_EQ(older->fail, 20U);
  Searched upward(points);
  const auto younger = upward.from(29, kUp);
  ASSERT_TRUE(younger);
  EXPECT_EQ(younger->fail, 29U);
  EXPECT_EQ(younger->pass, 30U);
}

TEST(LineSearch, NeighboursShowASingleBadRelease) {
  Points points(9, TestOutcome::kPass);
  points[8] = points[4] = TestOutcome::kFail;
  Searched searched(points);
  searched.search.know(8, TestOutcome::kFail);
  searched.search.know(3, TestOutcome::kPass);
  LineBoundary found = searched.search.between(3, 8);
  searched.search.check_neighbours(found);
  EXPECT_EQ(found.fail, 8U);
  EXPECT_EQ(found.beside_pass, TestOutcome::kPass);
  EXPECT_FALSE(found.beside_fail);
  points[6] = TestOutcome::kFail;
  Searched flips(points);
  LineBoundary other = flips.search.between(0, 8);
  flips.search.check_neighbours(other);
  EXPECT_EQ(flips.line[other.pass], TestOutcome::kPass);
  EXPECT_EQ(flips.line[other.fail], TestOutcome::kFail);
  EXPECT_TRUE(other.exact());
}

TEST(LineSearch, BoundariesOfAnyLineAreTrue) {
  std::mt19937 random(4);
  for (unsigned round = 0; round < property_rounds(2000); ++round) {
    const std::size_t size = 2 + random() % 60;
    Points points(size);
    for (TestOutcome& outcome : points) outcome = static_cast<TestOutcome>(random() % 3);
    const std::size_t start = random() % size;
    if (points[start] == TestOutcome::kUnresolved) continue;
    Searched searched(points);
    const auto found = searched.from(start, random() % 2 == 0 ? kDown : kUp);
    if (!found) continue;
    EXPECT_EQ(points[found->pass], TestOutcome::kPass);
    EXPECT_EQ(points[found->fail], TestOutcome::kFail);
    EXPECT_TRUE(found->complete);
    const auto [low, high] = std::minmax(found->pass, found->fail);
    for (std::size_t i = low + 1; i < high; ++i) EXPECT_EQ(points[i], TestOutcome::kUnresolved);
  }
}

TEST(LineSearch, NoOtherOutcomeIsNoBoundary) {
  Searched fails(Points(30, TestOutcome::kFail));
  EXPECT_FALSE(fails.from(29, kDown));
  EXPECT_TRUE(fails.tested.contains(0)) << "the oldest is asked before giving up";
  EXPECT_LE(fails.tested.size(), 6U);
  Searched alone(Points(1, TestOutcome::kFail));
  EXPECT_FALSE(alone.from(0, kDown));
  EXPECT_FALSE(alone.from(0, kUp));
}

TEST(LineSearch, SaysWhatItMayAskNext) {
  std::set<std::size_t> announced;
  std::set<std::size_t> asked;
  LineSearch search(
      65,
      [&](std::size_t point) {
        asked.insert(point);
        return std::optional(point < 20 ? TestOutcome::kPass : TestOutcome::kFail);
      },
      [&](std::span<const std::size_t> points) { announced.insert(points.begin(), points.end()); });
  search.know(64, TestOutcome::kFail);
  ASSERT_TRUE(search.outward(64, kDown));
  std::size_t surprises = 0;
  for (const std::size_t point : asked) surprises += announced.contains(point) ? 0 : 1;
  EXPECT_LE(surprises, 2U) << "the first step, and the first of the bisection";
}

TEST(LineSearch, AStopLeavesTheWidestKnownBoundary) {
  std::size_t left = 3;
  LineSearch search(64, [&](std::size_t point) -> std::optional<TestOutcome> {
    if (left-- == 0) return std::nullopt;
    return point < 20 ? TestOutcome::kPass : TestOutcome::kFail;
  });
  search.know(0, TestOutcome::kPass);
  search.know(63, TestOutcome::kFail);
  const LineBoundary found = search.between(0, 63);
  EXPECT_FALSE(found.complete);
  EXPECT_TRUE(search.stopped());
  EXPECT_LT(found.pass, 20U);
  EXPECT_GE(found.fail, 20U);
}

}  // namespace
}  // namespace nbreplay::reduce
