#include "nbreplay/dataflow/candidate_orders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "support/property_rounds.h"
#include "support/small_notebook.h"

namespace nbreplay {
namespace {

using nbreplay::test::property_rounds;

using Order = std::vector<std::size_t>;
using test::small_facts;
using test::small_notebook;
using test::SmallCell;
using testing::ElementsAre;
using testing::Not;
using testing::SizeIs;

constexpr std::size_t kLimit = 80;

Crash crash_of(const std::string& type, const std::string& message,
               std::optional<int> line = std::nullopt) {
  Crash crash;
  crash.type = type;
  crash.message = message;
  crash.line = line;
  return crash;
}

Crash name_error(const std::string& name) {
  return crash_of("NameError", "name '" + name + "' is not defined");
}

std::vector<CandidateOrder> candidates(const std::vector<SmallCell>& cells, std::size_t target,
                                       const Crash& crash, std::size_t limit = kLimit) {
  const Notebook notebook = small_notebook(cells);
  return candidate_orders(notebook, small_facts(notebook), target, crash, limit);
}

std::vector<Order> orders(const std::vector<CandidateOrder>& list) {
  std::vector<Order> result;
  for (const CandidateOrder& candidate : list) result.push_back(candidate.cells);
  return result;
}

/// The place of `order` in the list; the list's size when it is not there.
std::size_t place_of(const std::vector<CandidateOrder>& list, const Order& order) {
  return static_cast<std::size_t>(std::ranges::find(list, order, &CandidateOrder::cells) -
                                  list.begin());
}

TEST(OrderSource, IsSaidAsInTheResultDocument) {
  EXPECT_EQ(to_string(OrderSource::kRecorded), "recorded");
  EXPECT_EQ(to_string(OrderSource::kTopToBottom), "top-to-bottom");
  EXPECT_EQ(to_string(OrderSource::kGapFilled), "gap-filled");
  EXPECT_EQ(to_string(OrderSource::kSubset), "subset");
  EXPECT_EQ(to_string(OrderSource::kSearched), "searched");
}

TEST(CandidateOrders, BeginWithTheRecordedOrderAndTopToBottom) {
  const auto list = candidates({{"a = 1", 1}, {"b = 1"}, {"a[x]", 2}, {"c = 1", 3}}, 2,
                               crash_of("KeyError", "'x'"));
  ASSERT_GE(list.size(), 2U);
  EXPECT_THAT(list[0].cells, ElementsAre(0, 2));
  EXPECT_EQ(list[0].from, OrderSource::kRecorded);
  EXPECT_EQ(list[0].why, "recorded order");
  EXPECT_THAT(list[1].cells, ElementsAre(0, 1, 2));
  EXPECT_EQ(list[1].from, OrderSource::kTopToBottom);
}

TEST(CandidateOrders, BeginWithTopToBottomWithoutCounts) {
  const auto list = candidates({{"a = 1"}, {"a[x]"}}, 1, crash_of("KeyError", "'x'"));
  EXPECT_THAT(list.front().cells, ElementsAre(0, 1));
  EXPECT_EQ(list.front().from, OrderSource::kTopToBottom);
}

TEST(CandidateOrders, LeaveSkippedAndBlankCellsOutOfTopToBottom) {
  const auto list = candidates({{"a = 1"}, {"b = 1", {}, "", "skip-execution"}, {" "}, {"a[x]"}}, 3,
                               crash_of("KeyError", "'x'"));
  EXPECT_THAT(list.front().cells, ElementsAre(0, 3));
}

TEST(CandidateOrders, FillAGapWithTheCellThatRanAgainLater) {
  // The drop ran at In[3], its place, and again at In[5].
  const auto list =
      candidates({{"a = 1", 1}, {"a[k] = 1", 2}, {"del a[k]", 5}, {"b = 1", 4}, {"a[k]", 6}}, 4,
                 crash_of("KeyError", "'k'"));
  EXPECT_THAT(list[0].cells, ElementsAre(0, 1, 3, 2, 4));
  EXPECT_THAT(list[2].cells, ElementsAre(0, 1, 2, 3, 2, 4));
  EXPECT_EQ(list[2].from, OrderSource::kGapFilled);
  EXPECT_EQ(list[2].why, "recorded order with its gap In[3] filled by cell 3");
}

TEST(CandidateOrders, FillAGapWithACellThatRanAgainAfterTheCrash) {
  // Cell 2 was repaired and run again after the crash: its count is larger than the target's.
  const auto list =
      candidates({{"a = 1", 1}, {"b = a", 4}, {"c = b", 3, "NameError: name 'zz' is not defined"}},
                 2, name_error("zz"));
  EXPECT_THAT(list[0].cells, ElementsAre(0, 2));
  EXPECT_THAT(list[1].cells, ElementsAre(0, 1, 2));
}

TEST(CandidateOrders, FillAGapWithTheCrashedCellItself) {
  // It ran at In[2], took the key away, and crashed when it ran again at In[3].
  const auto list = candidates({{"a = 1\na[k] = 1", 1}, {"del a[k]", 3, "KeyError: 'k'"}}, 1,
                               crash_of("KeyError", "'k'"));
  EXPECT_LT(place_of(list, {0, 1, 1}), 4U);
}

TEST(CandidateOrders, FillAGapWithWhatOthersNeedThere) {
  // In[1] is gone: cell 1 ran again at In[4], far from its place, and cell 2 needs it.
  const auto list = candidates(
      {{"a = 1", 5}, {"b = a", 2}, {"c = b", 3}, {"a[k] = 1", 4}, {"d = c\na[k]\na[z]", 6}}, 4,
      crash_of("KeyError", "'z'"));
  EXPECT_THAT(list[2].cells, ElementsAre(0, 1, 2, 3, 0, 4));
}

TEST(CandidateOrders, ChooseNothingForAGapThatBindsTheMissingName) {
  const auto list =
      candidates({{"b = 1", 1}, {"c = b", 3}, {"d = a", 5}, {"a = b"}}, 2, name_error("a"));
  for (const CandidateOrder& candidate : list) {
    if (candidate.from != OrderSource::kGapFilled) continue;
    EXPECT_EQ(std::ranges::count(candidate.cells, 3U), 0) << candidate.why;
  }
}

TEST(CandidateOrders, FillEachGapWithTheNearestWriterFirst) {
  // Nothing has its place in the gaps; cells 2 and 3 both write what the crash reads.
  const auto list = candidates(
      {{"a = 1", 1}, {"a[x] = 1", 2}, {"a[y] = 1", 3}, {"b = 1", 4}, {"c = 1", 6}, {"a[k]", 7}}, 5,
      crash_of("KeyError", "'k'"));
  const std::size_t nearest = place_of(list, {0, 1, 2, 3, 2, 4, 5});
  const std::size_t further = place_of(list, {0, 1, 2, 3, 1, 4, 5});
  EXPECT_LT(nearest, further);
  EXPECT_LT(further, list.size());
  EXPECT_EQ(place_of(list, {0, 1, 2, 3, 3, 4, 5}), list.size()) << "b has nothing to do with it";
}

TEST(CandidateOrders, OfferTopToBottomLessWhatNeverRan) {
  const auto list = candidates({{"a = 1", 3}, {"b = 1"}, {"c = 1", 2}, {"a[x]", 4}}, 3,
                               crash_of("KeyError", "'x'"));
  const std::size_t place = place_of(list, {0, 2, 3});
  ASSERT_LT(place, list.size());
  EXPECT_EQ(list[place].from, OrderSource::kSubset);
}

TEST(CandidateOrders, OfferTheRecordedOrderWithUncountedCellsInPlace) {
  const auto list = candidates({{"a = 1", 2}, {"a[y] = 1"}, {"c = 1", 1}, {"a[x]", 3}}, 3,
                               crash_of("KeyError", "'x'"));
  EXPECT_LT(place_of(list, {1, 2, 0, 3}), list.size());
}

TEST(CandidateOrders, UseTheCountsOfOthersWhenTheTargetHasNone) {
  const auto list =
      candidates({{"a = 1", 2}, {"b = 1", 1}, {"a[x]"}}, 2, crash_of("KeyError", "'x'"));
  EXPECT_THAT(list[0].cells, ElementsAre(0, 1, 2));
  EXPECT_THAT(list[1].cells, ElementsAre(1, 0, 2));
  EXPECT_EQ(list[1].from, OrderSource::kSubset);
}

TEST(CandidateOrders, SearchASkipOfWhatBindsTheMissingNameFirst) {
  const auto list = candidates({{"a = 1"}, {"b = 1"}, {"c = b"}, {"d = a"}}, 3, name_error("a"));
  EXPECT_THAT(list[1].cells, ElementsAre(1, 2, 3));
  EXPECT_EQ(list[1].from, OrderSource::kSearched);
  EXPECT_EQ(list[1].why, "top to bottom with cell 1 skipped");
}

TEST(CandidateOrders, SkipTheCellsThatNeedASkippedCellAsWell) {
  const auto list = candidates({{"a = 1"}, {"b = a"}, {"c = b"}, {"z = 1"}, {"d = z\ne = a"}}, 4,
                               name_error("a"));
  EXPECT_THAT(list[1].cells, ElementsAre(3, 4));
}

TEST(CandidateOrders, SkipAllCellsThatBindTheMissingName) {
  const auto list = candidates({{"a = 1"}, {"a = 2"}, {"d = a"}}, 2, name_error("a"));
  EXPECT_LT(place_of(list, {2}), 4U);
}

TEST(CandidateOrders, SearchSkipsRepeatsAndMoves) {
  const auto list = candidates({{"a = 1"}, {"a[k] = 1"}, {"del a[j]"}, {"a[k]"}, {"del a[k]"}}, 3,
                               crash_of("KeyError", "'k'"));
  EXPECT_LT(place_of(list, {0, 2, 3}), list.size()) << "a skip";
  EXPECT_LT(place_of(list, {0, 1, 2, 2, 3}), list.size()) << "a repeat";
  EXPECT_LT(place_of(list, {0, 1, 2, 4, 3}), list.size()) << "a cell from below";
  EXPECT_LT(place_of(list, {0, 2, 1, 3}), list.size()) << "a move";
  EXPECT_LT(place_of(list, {0, 1, 2, 3, 3}), list.size()) << "the crashed cell twice";
}

TEST(CandidateOrders, LeaveCellsAloneThatHaveNothingToDoWithTheCrash) {
  const auto list = candidates({{"a = 1"}, {"z = 1"}, {"a[k]"}}, 2, crash_of("KeyError", "'k'"));
  for (const CandidateOrder& candidate : list) {
    EXPECT_EQ(std::ranges::count(candidate.cells, 1U), 1) << candidate.why;
  }
}

TEST(CandidateOrders, ReadOnlyWhatTheCrashingStatementReads) {
  // The crash is in line 1; what line 2 reads had no part in it.
  const auto list = candidates({{"z = 1", 1}, {"a = 1", 2}, {"b = 1", 4}, {"a[k]\nz[k]", 5}}, 3,
                               crash_of("KeyError", "'k'", 1));
  EXPECT_LT(place_of(list, {0, 1, 1, 2, 3}), place_of(list, {0, 1, 0, 2, 3}));
}

TEST(CandidateOrders, AreAtMostTheLimit) {
  const std::vector<SmallCell> cells = {
      {"a = 1", 1}, {"a[x] = 1", 4}, {"a[y] = 1", 6}, {"a[k]", 9}};
  const Crash crash = crash_of("KeyError", "'k'");
  EXPECT_THAT(candidates(cells, 3, crash, 0), SizeIs(0));
  EXPECT_THAT(candidates(cells, 3, crash, 1), SizeIs(1));
  EXPECT_THAT(candidates(cells, 3, crash, 7), SizeIs(7));
  const auto all = candidates(cells, 3, crash, 1000);
  EXPECT_GT(all.size(), 7U);
  EXPECT_LT(all.size(), 200U);
}

TEST(CandidateOrders, StandAHugeCount) {
  const auto list =
      candidates({{"a = 1", 1000000000}, {"a[k]", 2147483647}}, 1, crash_of("KeyError", "'k'"));
  EXPECT_THAT(list.front().cells, ElementsAre(0, 1));
}

/// A session of somebody who works mostly downwards: runs cells, repeats some, jumps back.
std::vector<SmallCell> random_session(std::mt19937& random, std::size_t& target) {
  const auto name = [&] { return std::string(1, static_cast<char>('a' + random() % 5)); };
  std::vector<SmallCell> cells;
  for (int i = 0; i < 12; ++i) {
    SmallCell cell{name() + " = " + name()};
    if (random() % 3 == 0) cell.source = name() + "[k] = 1";
    if (random() % 7 == 0) cell.source = "del " + name();
    if (random() % 9 == 0) cell.error = "NameError: name 'a' is not defined";
    cells.push_back(cell);
  }
  int count = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (random() % 5 != 0) cells[i].count = ++count;
    if (random() % 6 == 0) cells[random() % cells.size()].count = ++count;
    if (random() % 8 == 0) ++count;
  }
  target = random() % cells.size();
  cells[target].error = "NameError: name 'a' is not defined";
  if (random() % 6 == 0)
    for (SmallCell& cell : cells) cell.count.reset();
  return cells;
}

TEST(CandidateOrders, EndInTheTargetWithoutDuplicatesOnRandomSessions) {
  for (unsigned seed = 0; seed < property_rounds(150); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::size_t target = 0;
    const std::vector<SmallCell> cells = random_session(random, target);
    const Crash crash = random() % 2 == 0 ? name_error("a") : crash_of("KeyError", "'k'");
    const std::size_t limit = 1 + random() % 80;
    const auto list = candidates(cells, target, crash, limit);
    ASSERT_FALSE(list.empty());
    ASSERT_LE(list.size(), limit);
    std::set<Order> seen;
    for (const CandidateOrder& candidate : list) {
      ASSERT_FALSE(candidate.cells.empty());
      ASSERT_EQ(candidate.cells.back(), target);
      ASSERT_TRUE(seen.insert(candidate.cells).second) << candidate.why;
      ASSERT_FALSE(candidate.why.empty());
      for (const std::size_t cell : candidate.cells) ASSERT_LT(cell, cells.size());
    }
    ASSERT_EQ(orders(list), orders(candidates(cells, target, crash, limit))) << "deterministic";
  }
}

/// Filled gaps never hold more executions than counts are missing.
TEST(CandidateOrders, FillGapsOnlyAsFarAsTheCountsAllow) {
  for (unsigned seed = 0; seed < property_rounds(150); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::size_t target = 0;
    const std::vector<SmallCell> cells = random_session(random, target);
    const RecordedHistory history = recorded_history(small_notebook(cells), target);
    for (const CandidateOrder& candidate : candidates(cells, target, name_error("a"))) {
      if (candidate.from != OrderSource::kGapFilled) continue;
      EXPECT_LE(candidate.cells.size(), history.order.size() + history.gaps.size());
      std::size_t next = 0;  // the recorded executions are all there, in their order
      for (const std::size_t cell : candidate.cells)
        if (next < history.order.size() && cell == history.order[next]) ++next;
      EXPECT_EQ(next, history.order.size()) << candidate.why;
    }
  }
}

/// The order that really ran is among the candidates when it differs from the recorded one by a
/// cell that ran once more: the most common thing that counts lose.
TEST(CandidateOrders, HoldTheRealOrderWhenOneCellRanTwice) {
  for (unsigned seed = 0; seed < property_rounds(200); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<SmallCell> cells = {{"a = 1"}};
    for (int i = 1; i < 8; ++i) cells.push_back({"a" + std::to_string(i) + " = a\na[k] = 1"});
    cells.push_back({"a[z]"});
    const std::size_t target = cells.size() - 1;
    const std::size_t twice = random() % target;
    const std::size_t after = twice + random() % (target - twice);
    Order real;
    for (std::size_t cell = 0; cell <= target; ++cell) {
      real.push_back(cell);
      if (cell == after) real.push_back(twice);
    }
    for (std::size_t i = 0; i < real.size(); ++i) cells[real[i]].count = static_cast<int>(i) + 1;
    const auto list = candidates(cells, target, crash_of("KeyError", "'z'"));
    EXPECT_LT(place_of(list, real), 4U);
  }
}

}  // namespace
}  // namespace nbreplay
