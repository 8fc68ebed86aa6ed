#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbreplay/dataflow/candidate_orders.h"

#include "support/small_notebook.h"

namespace nbreplay {
namespace {

using test::small_notebook;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(RecordedHistory, OrdersCellsByCountUpToTheTarget) {
  const Notebook notebook =
      small_notebook({{"a = 1", 2}, {"b = 1", 1}, {"c", 3, "NameError: x"}, {"d = 1", 4}});
  const RecordedHistory history = recorded_history(notebook, 2);
  EXPECT_THAT(history.order, ElementsAre(1, 0, 2));
  EXPECT_THAT(history.gaps, IsEmpty());
  EXPECT_TRUE(history.complete());
}

TEST(RecordedHistory, ListsCountsThatNoCellCarries) {
  const Notebook notebook = small_notebook({{"a = 1", 2}, {"b = 1", 5}, {"c", 7}});
  const RecordedHistory history = recorded_history(notebook, 2);
  EXPECT_THAT(history.order, ElementsAre(0, 1, 2));
  EXPECT_THAT(history.gaps, ElementsAre(1, 3, 4, 6));
  EXPECT_FALSE(history.complete());
}

TEST(RecordedHistory, LeavesAGapForACellThatRanAgainAfterTheCrash) {
  const Notebook notebook = small_notebook({{"a = 1", 1}, {"b = 1", 4}, {"c", 3}});
  const RecordedHistory history = recorded_history(notebook, 2);
  EXPECT_THAT(history.order, ElementsAre(0, 2));
  EXPECT_THAT(history.gaps, ElementsAre(2));
}

TEST(RecordedHistory, KnowsNothingWithoutCounts) {
  const Notebook notebook = small_notebook({{"a = 1"}, {"b = 1"}, {"c"}});
  const RecordedHistory history = recorded_history(notebook, 2);
  EXPECT_FALSE(history.counts_known);
  EXPECT_FALSE(history.complete());
  EXPECT_THAT(history.order, ElementsAre(2));
  EXPECT_THAT(history.gaps, IsEmpty());
}

TEST(RecordedHistory, PutsATargetWithoutACountLast) {
  const Notebook notebook = small_notebook({{"a = 1", 9}, {"b"}, {"c = 1", 2}});
  const RecordedHistory history = recorded_history(notebook, 1);
  EXPECT_FALSE(history.counts_known);
  EXPECT_THAT(history.order, ElementsAre(2, 0, 1));
}

TEST(RecordedHistory, TakesAnEmptiedCellForAGap) {
  const Notebook notebook = small_notebook({{"a = 1", 1}, {"  \n", 2}, {"c", 3}});
  EXPECT_THAT(recorded_history(notebook, 2).gaps, ElementsAre(2));
}

TEST(RecordedHistory, IsIncompleteWhenCountsAreOfTwoSessions) {
  const Notebook notebook =
      small_notebook({{"a = 1", 1}, {"b = 1", 2}, {"c = 1", 2}, {"d", 3}, {"e = 1", 3}});
  const RecordedHistory history = recorded_history(notebook, 3);
  EXPECT_THAT(history.order, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(history.gaps, IsEmpty());
  EXPECT_THAT(history.shared, ElementsAre(2, 3));
  EXPECT_FALSE(history.complete());
}

TEST(RecordedHistory, TakesCountsBelowOneForNone) {
  const Notebook notebook = small_notebook({{"a = 1", 0}, {"b = 1", -7}, {"c", 1}});
  const RecordedHistory history = recorded_history(notebook, 2);
  EXPECT_THAT(history.order, ElementsAre(2));
  EXPECT_TRUE(history.complete());
}

TEST(RecordedHistory, ListsTheLastGapsOnlyOfAHugeCount) {
  const Notebook notebook = small_notebook({{"a = 1", 3}, {"c", 2147483647}});
  const RecordedHistory history = recorded_history(notebook, 1);
  ASSERT_EQ(history.gaps.size(), kMaxGaps);
  EXPECT_EQ(history.gaps.back(), 2147483646);
  EXPECT_TRUE(std::ranges::is_sorted(history.gaps));
}

}  // namespace
}  // namespace nbreplay
