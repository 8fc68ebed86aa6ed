#include "nbreplay/dataflow/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nbreplay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Effects effects(std::set<std::string> reads, std::set<std::string> writes,
                std::set<std::string> changes = {}) {
  return {std::move(reads), std::move(writes), std::move(changes), false, true};
}

Replay replay(std::vector<Effects> cells) {
  std::vector<std::size_t> base(cells.size());
  for (std::size_t i = 0; i < base.size(); ++i) base[i] = i;
  std::vector<Effects> parsed(cells.size());
  return {std::move(base), std::move(cells), std::move(parsed)};
}

TEST(Effects, ConflictWhereOneTouchesWhatTheOtherUses) {
  EXPECT_TRUE(conflict(effects({}, {"a"}), effects({"a"}, {})));
  EXPECT_TRUE(conflict(effects({"a"}, {}), effects({}, {}, {"a"})));
  EXPECT_TRUE(conflict(effects({}, {"a"}), effects({}, {"a"})));
  EXPECT_FALSE(conflict(effects({"a"}, {"b"}), effects({"a"}, {"c"})));
  Effects opaque;
  opaque.reads_anything = true;
  EXPECT_TRUE(conflict(opaque, effects({}, {"a"})));
  EXPECT_FALSE(conflict(opaque, effects({"a"}, {})));
}

TEST(Effects, WhatWasSeenReplacesTheTextOnlyWhenNothingCanHaveGoneUnseen) {
  CellFacts facts;
  facts.uses = {{"a", 1}};
  facts.mutations = {{"b", 1}};
  facts.files = {{"f.csv", "open", true, 1}};
  const std::vector<std::string> reads = {"c"};
  const Effects seen = measured_effects(facts, {reads, {}, {}, true});
  EXPECT_THAT(seen.reads, ElementsAre("c"));
  EXPECT_THAT(seen.changes, IsEmpty());
  EXPECT_EQ(seen.writes.size(), 1U);  // the file
  const Effects partly = measured_effects(facts, {reads, {}, {}, false});
  EXPECT_THAT(partly.reads, ElementsAre("a", "c"));
  EXPECT_THAT(partly.changes, ElementsAre("b"));
}

TEST(Replay, SkippingACellAffectsWhatReadsItTransitively) {
  const Replay cells = replay({effects({}, {"a"}), effects({"a"}, {"b"}), effects({}, {"c"}),
                               effects({"b"}, {"d"}), effects({"c"}, {})});
  const Replay::Plan plan = cells.plan({1, 2, 3, 4});
  EXPECT_THAT(plan.order, ElementsAre(1, 3));
  EXPECT_EQ(plan.shared, 0U);
}

TEST(Replay, RunsAgainWhatAffectedCellsNeedBesides) {
  const Replay cells = replay(
      {effects({}, {"a"}), effects({}, {"b"}), effects({"a", "b"}, {"c"}), effects({"b"}, {})});
  EXPECT_THAT(cells.plan({1, 2, 3}).order, ElementsAre(1, 2));
}

TEST(Replay, ACellThatNobodyReadsAffectsNothing) {
  const Replay cells = replay({effects({}, {"a"}), effects({}, {"b"})});
  EXPECT_THAT(cells.plan({1}).order, IsEmpty());
}

TEST(Replay, ACellThatIsOverwrittenAffectsNothingBehind) {
  const Replay cells =
      replay({effects({}, {"a"}), effects({"a"}, {}), effects({}, {"a"}), effects({"a"}, {})});
  EXPECT_THAT(cells.plan({1, 2, 3}).order, ElementsAre(1));
}

TEST(Replay, RepeatingACellThatReadsNothingOfItsOwnAffectsNothing) {
  const Replay cells = replay({effects({}, {"a"}), effects({"a"}, {"b"}), effects({"b"}, {})});
  EXPECT_THAT(cells.plan({0, 1, 1, 2}).affected, IsEmpty());
}

TEST(Replay, RepeatingACellThatChangesItsInputAffectsItAndWhatFollows) {
  const Replay cells = replay(
      {effects({}, {"a"}), effects({"a"}, {}, {"a"}), effects({}, {"b"}), effects({"a"}, {})});
  const Replay::Plan plan = cells.plan({0, 1, 1, 2, 3});
  EXPECT_THAT(plan.affected, ElementsAre(2, 4));
  EXPECT_THAT(plan.order, ElementsAre(0, 1, 1, 3));
  EXPECT_EQ(plan.shared, 2U);
}

TEST(Replay, ASwapWithoutConflictAffectsNothing) {
  const Replay cells = replay({effects({}, {"a"}), effects({}, {"b"}), effects({"a", "b"}, {})});
  EXPECT_THAT(cells.plan({1, 0, 2}).affected, IsEmpty());
}

TEST(Replay, AnAffectedCellMayWriteWhateverItsTextAllows) {
  std::vector<Effects> measured = {effects({}, {"a"}), effects({"a"}, {}), effects({"b"}, {})};
  std::vector<Effects> parsed(3);
  parsed[1].writes = {"b"};
  const Replay cells({0, 1, 2}, measured, parsed);
  EXPECT_THAT(cells.plan({1, 2}).order, ElementsAre(1, 2));
}

TEST(Replay, ConsistentOrdersKeepConflictingPairs) {
  const Replay cells = replay(
      {effects({}, {"a"}), effects({}, {"b"}), effects({"a"}, {"c"}), effects({"b", "c"}, {})});
  const auto orders = cells.consistent_orders();
  ASSERT_FALSE(orders.empty());
  for (const auto& order : orders) {
    EXPECT_THAT(cells.plan(order).affected, IsEmpty());
    EXPECT_THAT(order, testing::UnorderedElementsAre(0, 1, 2, 3));
    EXPECT_THAT(order, testing::Not(ElementsAre(0, 1, 2, 3)));
  }
}

}  // namespace
}  // namespace nbreplay
