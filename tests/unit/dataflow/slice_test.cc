#include "nbreplay/dataflow/slice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/property_rounds.h"
#include "support/small_notebook.h"

namespace nbreplay {
namespace {

using nbreplay::test::property_rounds;

using Positions = std::vector<std::size_t>;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<CellFacts> facts_of(const std::vector<std::string>& sources) {
  std::vector<CellFacts> facts;
  for (const std::string& source : sources) facts.push_back(test::SmallLanguage::facts(source));
  return facts;
}

/// The slice of the last cell when all run once, in order.
Slice slice_of(const std::vector<CellFacts>& facts, const std::set<std::string>& unbound = {}) {
  Positions order(facts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  return slice(order, facts, order.size() - 1, unbound);
}

TEST(Slice, FollowsDefinitionsTransitively) {
  const Slice s = slice_of(facts_of({"a = 1", "b = 2", "c = a", "d = b", "e = c"}));
  EXPECT_THAT(s.thin, ElementsAre(0, 2, 4));
  EXPECT_THAT(s.full, ElementsAre(0, 2, 4));
  EXPECT_THAT(s.needs, ElementsAre(ElementsAre(), ElementsAre(0), ElementsAre(2)));
}

TEST(Slice, TakesTheLatestDefinitionOnly) {
  EXPECT_THAT(slice_of(facts_of({"a = 1", "a = 2", "b = a"})).full, ElementsAre(1, 2));
}

TEST(Slice, LooksBehindADefinitionThatMayNotHappen) {
  auto facts = facts_of({"a = 1", "x = 1", "b = a"});
  facts[1].possible_definitions = {{"a", 1}};
  EXPECT_THAT(slice_of(facts).thin, ElementsAre(0, 1, 2));
}

TEST(Slice, LooksBehindADefinitionInACellThatMayFail) {
  const auto facts = facts_of({"a = 1", "a = 2", "b = a"});
  const Positions order = {0, 1, 2};
  EXPECT_THAT(slice(order, facts, 2, {}, {1}).thin, ElementsAre(0, 1, 2));
}

TEST(Slice, KeepsMutationsForTheFullSlice) {
  const Slice s = slice_of(facts_of({"a = 1", "k = 1", "a[x] = k", "b = 1", "b[y] = 1", "a[x]"}));
  EXPECT_THAT(s.thin, ElementsAre(0, 5));
  EXPECT_THAT(s.full, ElementsAre(0, 1, 2, 5));
}

TEST(Slice, LeavesOutMutationsOfAnOlderValue) {
  EXPECT_THAT(slice_of(facts_of({"a = 1", "a[x] = 1", "a = 2", "a[x]"})).full, ElementsAre(2, 3));
}

TEST(Slice, NeedsAreDefinitionsAndNotMutations) {
  const Slice s = slice_of(facts_of({"a = 1", "a[x] = 1", "a[x]"}));
  EXPECT_THAT(s.full, ElementsAre(0, 1, 2));
  EXPECT_THAT(s.needs, ElementsAre(ElementsAre(), ElementsAre(0), ElementsAre(0)));
}

TEST(Slice, FollowsRepeatedExecutionsOneByOne) {
  const auto facts = facts_of({"a = 1", "a = a + 1", "a"});
  const Positions order = {0, 1, 1, 2};
  EXPECT_THAT(slice(order, facts, 3).thin, ElementsAre(0, 1, 2, 3));
}

TEST(Slice, IgnoresWhatComesAfterTheTarget) {
  const auto facts = facts_of({"a = 1", "b = a", "a = 3"});
  const Positions order = {0, 1, 2};
  EXPECT_THAT(slice(order, facts, 1).full, ElementsAre(0, 1));
}

TEST(Slice, CountsADeletionAsWhatDecides) {
  EXPECT_THAT(slice_of(facts_of({"a = 1", "del a", "a"})).thin, ElementsAre(0, 1, 2));
}

TEST(Slice, DoesNotNeedWhatBindsTheNameThatMustBeUnbound) {
  const auto facts = facts_of({"a = 1", "b = 1", "c = a + b"});
  EXPECT_THAT(slice_of(facts, {"a"}).full, ElementsAre(1, 2));
}

TEST(Slice, NeedsTheDeletionOfTheNameThatMustBeUnbound) {
  const auto facts = facts_of({"a = 1", "b = 1", "del a", "c = a + b"});
  EXPECT_THAT(slice_of(facts, {"a"}).thin, ElementsAre(0, 1, 2, 3));
}

TEST(Slice, NeedsWhatAFunctionReadsWhereItIsUsed) {
  auto facts = facts_of({"k = 1", "f = 1", "k = 2", "f"});
  facts[1].deferred_uses = {{"k", 1}};
  const Slice s = slice_of(facts);
  EXPECT_THAT(s.thin, ElementsAre(1, 2, 3));
  EXPECT_THAT(s.needs.front(), IsEmpty()) << "defining a function reads nothing";
}

TEST(Slice, FollowsFunctionsThroughFunctions) {
  auto facts = facts_of({"g = 1", "f = 1", "k = 2", "f"});
  facts[0].deferred_uses = {{"k", 1}};
  facts[1].deferred_uses = {{"g", 1}};
  EXPECT_THAT(slice_of(facts).thin, ElementsAre(0, 1, 2, 3));
}

TEST(Slice, EndsOnFunctionsThatCallEachOther) {
  auto facts = facts_of({"g = 1", "f = 1", "f"});
  facts[0].deferred_uses = {{"f", 1}};
  facts[1].deferred_uses = {{"g", 1}};
  EXPECT_THAT(slice_of(facts).thin, ElementsAre(0, 1, 2));
}

TEST(Slice, NeedsNothingOfFunctionsForAnImportedName) {
  auto facts = facts_of({"k = 1", "f = 1\nm = 1", "m"});
  facts[1].deferred_uses = {{"k", 1}};
  facts[1].imports = {{"m", "", "m", 2}};
  EXPECT_THAT(slice_of(facts).thin, ElementsAre(1, 2));
}

TEST(Slice, AddsToTheFullSliceWhatAnObjectMayCallLater) {
  // The class in 0 reads `rate` when the object made in 1 is used in 3.
  auto facts = facts_of({"model = 1", "m = model", "rate = 1", "m"});
  facts[0].deferred_uses = {{"rate", 1}};
  const Slice s = slice_of(facts);
  EXPECT_THAT(s.thin, ElementsAre(0, 1, 3));
  EXPECT_THAT(s.full, ElementsAre(0, 1, 2, 3));
}

TEST(Slice, LetsOpaqueCellsDefineWhatIsOtherwiseUnbound) {
  auto facts = facts_of({"z = 1", "b = 1", "c = a + b"});
  facts[0].opaque = true;
  EXPECT_THAT(slice_of(facts).thin, ElementsAre(0, 1, 2));
  EXPECT_THAT(slice_of(facts, {"a"}).thin, ElementsAre(1, 2));
  EXPECT_THAT(slice_of(facts, {"a"}).full, ElementsAre(0, 1, 2)) << "it may change anything";
}

TEST(Slice, AsksNoOpaqueCellForBuiltins) {
  auto facts = facts_of({"z = 1", "print"});
  facts[0].opaque = true;
  EXPECT_THAT(slice_of(facts).thin, ElementsAre(1));
}

TEST(Slice, NeedsTheLastWriterOfAFileThatIsRead) {
  auto facts = facts_of({"a = 1", "a = 2", "b = 1"});
  facts[0].files = {{"t.csv", "open", true, 1}};
  facts[1].files = {{"t.csv", "open", true, 1}};
  facts[2].files = {{"t.csv", "open", false, 1}};
  EXPECT_THAT(slice_of(facts).thin, ElementsAre(1, 2));
}

TEST(Slice, AddsSeedsToTheFullSliceOfRandomness) {
  auto facts = facts_of({"s = 1", "r = 1", "r"});
  facts[0].seeds = true;
  facts[1].random = true;
  EXPECT_THAT(slice_of(facts).thin, ElementsAre(1, 2));
  EXPECT_THAT(slice_of(facts).full, ElementsAre(0, 1, 2));
}

/// Random cells over few names, so that all kinds of dependency occur.
std::vector<CellFacts> random_facts(std::mt19937& random, std::size_t cells) {
  const auto name = [&] { return std::string(1, static_cast<char>('a' + random() % 6)); };
  std::vector<CellFacts> facts(cells);
  for (CellFacts& cell : facts) {
    for (std::size_t i = random() % 3; i > 0; --i) cell.uses.push_back({name(), 1});
    if (random() % 2 == 0) cell.definitions.push_back({name(), 1});
    if (random() % 4 == 0) cell.possible_definitions.push_back({name(), 1});
    if (random() % 4 == 0) cell.mutations.push_back({name(), 1});
    if (random() % 8 == 0) cell.deletions.push_back({name(), 1});
    if (random() % 6 == 0) cell.deferred_uses.push_back({name(), 1});
    cell.opaque = random() % 16 == 0;
  }
  return facts;
}

TEST(Slice, IsClosedUnderNeedsOnRandomNotebooks) {
  for (unsigned seed = 0; seed < property_rounds(500); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector<CellFacts> facts = random_facts(random, 12);
    Positions order(15);
    for (std::size_t& cell : order) cell = random() % facts.size();
    const std::size_t target = 5 + random() % 10;
    std::set<std::string> unbound;
    if (random() % 2 == 0) unbound.insert("a");
    const Slice s = slice(order, facts, target, unbound);

    ASSERT_EQ(s.thin.back(), target);
    ASSERT_EQ(s.full.back(), target);
    ASSERT_TRUE(std::ranges::is_sorted(s.thin));
    ASSERT_TRUE(std::ranges::is_sorted(s.full));
    ASSERT_TRUE(std::ranges::includes(s.full, s.thin));
    ASSERT_EQ(s.needs.size(), s.full.size());
    for (std::size_t i = 0; i < s.full.size(); ++i) {
      ASSERT_TRUE(std::ranges::includes(s.full, s.needs[i]));
      const bool thin = std::ranges::binary_search(s.thin, s.full[i]);
      ASSERT_TRUE(!thin || std::ranges::includes(s.thin, s.needs[i]));
      for (const std::size_t needed : s.needs[i]) ASSERT_LT(needed, s.full[i]);
    }
  }
}

/// What running the slice alone does must be what running everything does: the small language has
/// no aliases and no functions, so its facts are complete.
TEST(Slice, OfAnExactLanguageKeepsTheOutcome) {
  std::size_t crashes = 0;
  for (unsigned seed = 0; seed < property_rounds(500); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto name = [&] { return std::string(1, static_cast<char>('a' + random() % 4)); };
    std::vector<std::string> sources;
    for (int cell = 0; cell < 10; ++cell) {
      switch (random() % 4) {
        case 0:
          sources.push_back(name() + " = " + name() + " + 1");
          break;
        case 1:
          sources.push_back(name() + "[k" + std::to_string(random() % 2) + "] = 1");
          break;
        case 2:
          sources.push_back("del " + name());
          break;
        default:
          sources.push_back(name() + " = 1");
      }
    }
    sources.push_back(name() + "[k0]");
    const std::vector<CellFacts> facts = facts_of(sources);
    const auto last_of = [&](const Positions& positions) {
      Trial trial;
      for (const std::size_t position : positions)
        trial.executions.push_back({position, "", sources[position], true});
      const Outcome outcome = test::SmallLanguage::run(trial);
      const auto* raised = std::get_if<Raised>(&outcome.cells.back().end);
      return raised == nullptr ? std::string() : raised->crash.type;
    };
    Positions all(sources.size());
    std::set<std::size_t> may_fail;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    may_fail.insert(all.begin(), all.end());
    const Slice s = slice(all, facts, all.size() - 1, {}, may_fail);
    ASSERT_EQ(last_of(s.full), last_of(all));
    if (!last_of(all).empty()) ++crashes;
  }
  EXPECT_GT(crashes, property_rounds(100));
  EXPECT_LT(crashes, property_rounds(500));
}

TEST(Conflict, IsBetweenAWriteAndAnotherAccess) {
  const auto facts = facts_of({"a = 1", "b = a", "a[x] = 1", "del a", "c = 1", "d = c"});
  EXPECT_TRUE(conflict(facts[0], facts[1]));
  EXPECT_TRUE(conflict(facts[0], facts[2]));
  EXPECT_TRUE(conflict(facts[1], facts[3]));
  EXPECT_FALSE(conflict(facts[0], facts[4]));
  EXPECT_FALSE(conflict(facts[1], facts[5])) << "two reads of nothing in common";
}

TEST(Conflict, KnowsFilesRandomnessAndOpaqueCells) {
  std::vector<CellFacts> facts(6);
  facts[0].files = {{"t.csv", "open", true, 1}};
  facts[1].files = {{"t.csv", "open", false, 1}};
  facts[2].random = true;
  facts[3].seeds = true;
  facts[4].opaque = true;
  EXPECT_TRUE(conflict(facts[0], facts[1]));
  EXPECT_FALSE(conflict(facts[1], facts[1])) << "two readers of a file";
  EXPECT_TRUE(conflict(facts[2], facts[3]));
  EXPECT_TRUE(conflict(facts[4], facts[5]));
  EXPECT_FALSE(conflict(facts[2], facts[5]));
}

TEST(Conflict, IsSymmetric) {
  for (unsigned seed = 0; seed < property_rounds(200); ++seed) {
    std::mt19937 random(seed);
    const std::vector<CellFacts> facts = random_facts(random, 2);
    EXPECT_EQ(conflict(facts[0], facts[1]), conflict(facts[1], facts[0])) << seed;
  }
}

}  // namespace
}  // namespace nbreplay
