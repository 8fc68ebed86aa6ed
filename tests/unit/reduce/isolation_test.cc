#include "nbreplay/reduce/isolation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_oracle.h"
#include "reduce/search.h"

namespace nbreplay::reduce {
namespace {

using test::FakeOracle;
using test::needs_all;
using test::Predicate;
using testing::ElementsAre;

Culprits find(const Needs& needs, const Predicate& predicate, std::span<const Subset> tries = {},
              std::size_t jobs = 1) {
  FakeOracle oracle(needs.size(), predicate, jobs);
  Culprits found = find_culprits(needs, tries, oracle);
  EXPECT_EQ(found.queries, oracle.queries());
  return found;
}

/// A predicate of which a part of all sets, ever the same, says nothing.
Predicate infeasible(Predicate predicate, double part, unsigned seed) {
  return [=, predicate = std::move(predicate)](const Subset& subset) {
    std::seed_seq sequence(subset.begin(), subset.end());
    std::mt19937 random(sequence);
    random.discard(seed % 16);
    const bool unresolved = std::uniform_real_distribution<double>(0, 1)(random) < part;
    return unresolved ? TestOutcome::kUnresolved : predicate(subset);
  };
}

/// Mean tests for each of `n` elements being the only culprit.
double mean_tests(std::size_t n, double part) {
  std::size_t tests = 0, rounds = 0;
  for (unsigned seed = 0; seed < 8; ++seed) {
    for (std::size_t culprit = 0; culprit < n; ++culprit) {
      tests += find(Needs(n), infeasible(needs_all({culprit}), part, seed)).queries;
      ++rounds;
    }
  }
  return static_cast<double>(tests) / static_cast<double>(rounds);
}

TEST(Isolation, FindsOneCulpritOfSixtyInTenTests) {
  for (std::size_t culprit = 0; culprit < 60; ++culprit) {
    const Culprits found = find(Needs(60), needs_all({culprit}));
    EXPECT_THAT(found.together(), ElementsAre(culprit));
    EXPECT_TRUE(found.alone && found.complete);
  }
  EXPECT_LE(mean_tests(60, 0), 10);
}

TEST(Isolation, OneSetInFiveMaySayNothing) {
  EXPECT_LE(mean_tests(60, 0.2), 11);
}

TEST(Isolation, TheLikeliestIsTriedFirst) {
  const std::vector<Subset> tries = {{41}, {3, 9, 41}};
  EXPECT_EQ(find(Needs(60), needs_all({41}), tries).queries, 1U);
  EXPECT_LE(find(Needs(60), needs_all({9}), tries).queries, 4U);
  const Culprits other = find(Needs(60), needs_all({20}), tries);
  EXPECT_THAT(other.together(), ElementsAre(20U));
}

TEST(Isolation, PartnersThatFailTogetherAreFoundOneByOne) {
  for (std::size_t first = 0; first < 12; ++first) {
    for (std::size_t second = first + 1; second < 12; ++second) {
      const Culprits found = find(Needs(12), needs_all({first, second}));
      EXPECT_THAT(found.together(), ElementsAre(first, second));
      EXPECT_EQ(found.groups.size(), 2U);
      EXPECT_TRUE(found.alone);
    }
  }
}

TEST(Isolation, OnlyClosedSetsAreTestedWhileTheyCanBe) {
  Needs needs(8);
  needs.add(2, 5);
  needs.add(5, 7);
  const Predicate predicate = [&](const Subset& subset) {
    if (needs.closed(subset) != subset) return TestOutcome::kUnresolved;
    return contains(subset, 2) ? TestOutcome::kFail : TestOutcome::kPass;
  };
  const Culprits found = find(needs, predicate);
  EXPECT_THAT(found.together(), ElementsAre(2U));
  EXPECT_TRUE(found.alone);
}

TEST(Isolation, WhatOnlyComesTogetherIsOneGroup) {
  Needs needs(6);
  needs.add(1, 4);
  needs.add(4, 1);
  const Predicate predicate = [](const Subset& subset) {
    if (contains(subset, 1) != contains(subset, 4)) return TestOutcome::kUnresolved;
    return contains(subset, 4) ? TestOutcome::kFail : TestOutcome::kPass;
  };
  const Culprits found = find(needs, predicate);
  ASSERT_EQ(found.groups.size(), 1U);
  EXPECT_THAT(found.groups.front(), ElementsAre(1U, 4U));
}

TEST(Isolation, ClosureAndInterior) {
  Needs needs(5);
  needs.add(0, 1);
  needs.add(1, 2);
  EXPECT_THAT(needs.closed({0}), ElementsAre(0U, 1U, 2U));
  EXPECT_THAT(needs.closed({2, 4}), ElementsAre(2U, 4U));
  EXPECT_THAT(needs.interior({0, 1, 3}), ElementsAre(3U));
  EXPECT_THAT(needs.interior({1, 2}), ElementsAre(1U, 2U));
}

/// Random monotone causes over random needs: what is claimed holds.
TEST(Isolation, ClaimsAreTrue) {
  std::mt19937 random(5);
  for (int round = 0; round < 600; ++round) {
    const std::size_t n = 2 + random() % 20;
    Needs needs(n);
    for (std::size_t i = 0; i < n / 3; ++i) needs.add(random() % n, random() % n);
    Subset wanted;
    for (std::size_t i = 0; i < n; ++i)
      if (random() % n < 2) wanted.push_back(i);
    if (wanted.empty()) wanted.push_back(random() % n);
    const Predicate truth = needs_all(wanted);
    const bool jumpy = random() % 2 == 0;
    const Predicate predicate =
        jumpy ? infeasible(truth, 0.3, static_cast<unsigned>(round)) : truth;
    const Culprits found = find(needs, predicate, {}, 1 + random() % 3);
    ASSERT_FALSE(found.groups.empty());
    EXPECT_TRUE(found.complete);
    EXPECT_EQ(truth(found.isolation.fail), TestOutcome::kFail);
    EXPECT_EQ(truth(found.isolation.pass), TestOutcome::kPass);
    const Subset closed = needs.closed(found.together());
    EXPECT_TRUE(!found.alone || test::holds(closed, wanted));
    if (!jumpy) {
      EXPECT_TRUE(found.alone);
      // What one of them needs comes along anyhow.
      EXPECT_TRUE(test::holds(wanted, found.together()));
    }
  }
}

TEST(Isolation, AStopKeepsTheNarrowestSides) {
  FakeOracle oracle(60, needs_all({17}));
  oracle.stop_after(3);
  const Culprits found = find_culprits(Needs(60), {}, oracle);
  EXPECT_FALSE(found.complete);
  EXPECT_TRUE(contains(found.isolation.difference(), 17));
  EXPECT_LT(found.isolation.difference().size(), 16U);
}

}  // namespace
}  // namespace nbreplay::reduce
