#include "nbreplay/reduce/order_flips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>

#include "support/property_rounds.h"

namespace nbreplay::reduce {
namespace {

using nbreplay::test::property_rounds;

using testing::ElementsAre;

bool always(std::size_t, std::size_t) {
  return true;
}

Permutation identity(std::size_t n) {
  Permutation order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

bool before(const Permutation& order, std::size_t a, std::size_t b) {
  return std::ranges::find(order, a) < std::ranges::find(order, b);
}

/// ⌈log₂ m⌉
std::size_t bound(std::size_t m) {
  return m <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(m - 1));
}

TEST(OrderFlips, WalkEndsInTheOtherOrderAndFlipsEachPairOnce) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    Permutation to = identity(12);
    std::ranges::shuffle(to, random);
    const OrderFlips flips(identity(12), to, always);
    std::size_t inversions = 0;
    for (std::size_t a = 0; a < 12; ++a)
      for (std::size_t b = a + 1; b < 12; ++b) inversions += before(to, b, a) ? 1 : 0;
    EXPECT_EQ(flips.size(), inversions);
    EXPECT_EQ(flips.point(0), identity(12));
    EXPECT_EQ(flips.point(flips.size()), to);
  }
}

TEST(OrderFlips, WalkRearrangesTheTailFirst) {
  const OrderFlips flips(identity(4), {1, 0, 3, 2}, always);
  EXPECT_THAT(flips.point(1), ElementsAre(0, 1, 3, 2));
}

TEST(OrderFlips, PairsWithoutConflictAreNoFlips) {
  const OrderFlips flips(identity(3), {2, 1, 0},
                         [](std::size_t a, std::size_t b) { return a + b == 2; });
  EXPECT_THAT(flips.flips(), ElementsAre(Flip{0, 2}));
}

TEST(OrderFlips, ClosureAddsWhatCannotStay) {
  // 0 and 2 cannot change places while both conflict with 1, which stands between them.
  const OrderFlips flips(identity(3), {2, 1, 0}, always);
  const std::size_t outer = *flips.find({0, 2});
  const auto closed = flips.closed(std::vector{outer});
  EXPECT_GE(closed.size(), 2U);
  EXPECT_TRUE(before(flips.flipped(closed), 2, 0));
  // Neighbours can.
  const auto alone = flips.closed(std::vector{*flips.find({0, 1})});
  EXPECT_EQ(alone.size(), 1U);
  EXPECT_THAT(flips.flipped(alone), ElementsAre(1, 0, 2));
}

TEST(OrderFlips, AFlippedOrderInvertsTheClosedSetAndNothingElse) {
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    Permutation to = identity(10);
    std::ranges::shuffle(to, random);
    std::vector<std::vector<bool>> conflict(10, std::vector<bool>(10));
    for (std::size_t a = 0; a < 10; ++a)
      for (std::size_t b = 0; b < a; ++b) conflict[a][b] = conflict[b][a] = random() % 2 == 0;
    const auto conflicting = [&](std::size_t a, std::size_t b) { return bool{conflict[a][b]}; };
    const OrderFlips flips(identity(10), to, conflicting);
    if (flips.size() == 0) continue;
    const auto closed = flips.closed(std::vector{random() % flips.size()});
    const Permutation order = flips.flipped(closed);
    for (std::size_t a = 0; a < 10; ++a) {
      for (std::size_t b = a + 1; b < 10; ++b) {
        if (!conflict[a][b]) continue;
        const auto number = flips.find({a, b});
        const bool flipped = number && std::ranges::find(closed, *number) != closed.end();
        EXPECT_EQ(before(order, b, a), flipped);
      }
    }
  }
}

TEST(OrderCause, FindsThePairInLogarithmicallyManyTests) {
  std::mt19937 random(3);
  for (unsigned round = 0; round < property_rounds(100); ++round) {
    Permutation failing = identity(40);
    std::ranges::shuffle(failing, random);
    // Neighbours in the passing order, so that one flip alone exists.
    std::size_t culprit = 0;
    do culprit = random() % 39;
    while (!before(failing, culprit + 1, culprit));
    const auto test = [&](const Permutation& order, bool) -> std::optional<TestOutcome> {
      return before(order, culprit + 1, culprit) ? TestOutcome::kFail : TestOutcome::kPass;
    };
    const OrderFlips flips(identity(40), failing, always);
    const OrderCause cause = order_cause(identity(40), failing, always, test);
    EXPECT_TRUE(cause.complete);
    EXPECT_TRUE(cause.in_passing);
    const Flip expected{culprit, culprit + 1};
    ASSERT_FALSE(cause.flips.empty());
    EXPECT_EQ(cause.flips.front(), expected);
    if (cause.from_walk && cause.in_failing) {
      EXPECT_LE(cause.tests, bound(flips.size()) + 2);
    }
  }
}

TEST(OrderCause, ConfirmsInBothOrders) {
  const Permutation failing = {1, 0, 3, 2};
  const auto pairs = [](std::size_t a, std::size_t b) { return a / 2 == b / 2; };
  std::size_t deciding = 0;
  const auto test = [&](const Permutation& order, bool fresh) -> std::optional<TestOutcome> {
    deciding += fresh ? 1 : 0;
    return before(order, 1, 0) ? TestOutcome::kFail : TestOutcome::kPass;
  };
  const OrderCause cause = order_cause(identity(4), failing, pairs, test);
  EXPECT_THAT(cause.flips, ElementsAre(Flip{0, 1}));
  EXPECT_TRUE(cause.in_passing && cause.in_failing && cause.from_walk);
  EXPECT_EQ(cause.tests, 3U);
  EXPECT_EQ(deciding, 2U);
}

TEST(OrderCause, TwoFlipsThatOnlyFailTogetherAreFoundByDdmin) {
  const Permutation failing = {1, 0, 3, 2, 5, 4, 7, 6};
  const auto pairs = [](std::size_t a, std::size_t b) { return a / 2 == b / 2; };
  const auto test = [](const Permutation& order, bool) -> std::optional<TestOutcome> {
    return before(order, 1, 0) && before(order, 5, 4) ? TestOutcome::kFail : TestOutcome::kPass;
  };
  const OrderCause cause = order_cause(identity(8), failing, pairs, test);
  EXPECT_FALSE(cause.from_walk);
  EXPECT_THAT(cause.flips, testing::UnorderedElementsAre(Flip{0, 1}, Flip{4, 5}));
  EXPECT_TRUE(cause.in_passing && cause.in_failing);
}

TEST(OrderCause, UnresolvedMidpointsLeaveAnInterval) {
  const Permutation failing = {1, 0, 3, 2, 5, 4};
  const auto pairs = [](std::size_t a, std::size_t b) { return a / 2 == b / 2; };
  const auto test = [&](const Permutation& order, bool) -> std::optional<TestOutcome> {
    const bool last = before(order, 5, 4);
    const bool middle = before(order, 3, 2);
    if (last && !middle) return TestOutcome::kUnresolved;
    return middle ? TestOutcome::kFail : TestOutcome::kPass;
  };
  const OrderCause cause = order_cause(identity(6), failing, pairs, test);
  EXPECT_EQ(cause.pass_point, 0U);
  EXPECT_EQ(cause.fail_point, 2U);
}

TEST(OrderCause, SaysWhenItWasStopped) {
  const auto test = [](const Permutation&, bool) -> std::optional<TestOutcome> { return {}; };
  EXPECT_FALSE(order_cause(identity(4), {3, 2, 1, 0}, always, test).complete);
}

}  // namespace
}  // namespace nbreplay::reduce
