#include "nbreplay/diagnosis/orders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "support/small_investigation.h"

namespace nbreplay {
namespace {

using test::SmallCell;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OrdersTest : public testing::Test {
 protected:
  OrdersFinding map(const std::vector<SmallCell>& cells) {
    const Notebook notebook = test::small_notebook(cells);
    test::FakeRunner runner([this](const Trial& trial) { return play(trial); });
    test::FakeFactSource facts(
        [](const std::string& source) { return test::SmallLanguage::facts(source); });
    test::FakeClock clock;
    StopRequest stop;
    test::StopAfter observer(stop, stop_after);
    runner.use_clock(clock);
    runner.use_stop(stop);
    const Services services{runner, facts, clock, stop, observer};
    OrdersFinding finding = map_orders(notebook, std::make_shared<const Environment>(),
                                       std::make_shared<const Project>(), services, settings);
    fresh = runner.fresh();
    trials = runner.trials();
    return finding;
  }

  Outcome play(const Trial& trial) {
    Outcome outcome = test::SmallLanguage::run(trial);
    for (CellOutcome& cell : outcome.cells) {
      if (std::holds_alternative<NotReached>(cell.end)) continue;
      cell.wall = std::chrono::milliseconds(10);
      if (trial.observe) cell.observed = observed(trial.executions[cell.position].source);
    }
    if (adjust) adjust(trial, outcome);
    return outcome;
  }

  static Observed observed(const std::string& source) {
    const CellFacts facts = test::SmallLanguage::facts(source);
    Observed seen;
    const auto add = [](std::vector<std::string>& to, const std::vector<NameAt>& names) {
      for (const NameAt& at : names) to.push_back(at.name);
    };
    add(seen.reads, facts.uses);
    add(seen.writes, facts.definitions);
    add(seen.writes, facts.deletions);
    add(seen.changes, facts.mutations);
    seen.complete = true;
    return seen;
  }

  static const MapEntry& entry(const OrdersFinding& finding, OrderChange change, std::size_t cell) {
    const auto found = std::ranges::find_if(finding.entries, [&](const MapEntry& one) {
      return one.change == change && one.cell == cell;
    });
    EXPECT_NE(found, finding.entries.end());
    return *found;
  }

  OrdersSettings settings;
  std::size_t stop_after = 0;
  std::size_t fresh = 0;
  std::vector<Trial> trials;
  std::function<void(const Trial&, Outcome&)> adjust;
};

const std::vector<SmallCell> kDrops = {
    {"df = 1\ndf[age] = 1\ndf[name] = 1"}, {"del df[age]"}, {"x = df + 2"}, {"df[name]"}};

TEST_F(OrdersTest, ACellThatCannotRunTwiceMakesTheNotebookUnsafe) {
  const OrdersFinding finding = map(kDrops);
  EXPECT_EQ(finding.safety, RerunSafety::kUnsafe);
  EXPECT_EQ(finding.unsafe_cell, 1U);
  ASSERT_TRUE(finding.unsafe_run);
  EXPECT_EQ(finding.unsafe_run->outcome.origin, Origin::kFresh);
  EXPECT_THAT(finding.unsafe_run->order, ElementsAre(0, 1, 1, 2, 3));
  const MapEntry& repeat = entry(finding, OrderChange::kRepeat, 1);
  EXPECT_TRUE(repeat.outcome.crashes());
  EXPECT_EQ(repeat.outcome.cell, 1U);
  EXPECT_EQ(repeat.outcome.origin, Origin::kWarm);
}

TEST_F(OrdersTest, EachEntrySaysWhereItsOrderCrashes) {
  const OrdersFinding finding = map(kDrops);
  EXPECT_TRUE(finding.measured);
  EXPECT_EQ(entry(finding, OrderChange::kSkip, 0).outcome.cell, 1U);
  EXPECT_EQ(entry(finding, OrderChange::kSkip, 1).outcome.end, OrderEnd::kPasses);
  const MapEntry& swap = entry(finding, OrderChange::kSwap, 1);
  EXPECT_EQ(swap.before, 0U);
  EXPECT_EQ(swap.outcome.cell, 1U);
  EXPECT_FALSE(entry(finding, OrderChange::kSwap, 0).before);
  EXPECT_EQ(entry(finding, OrderChange::kSwap, 0).outcome.end, OrderEnd::kNotRun);
}

TEST_F(OrdersTest, OnlyAffectedCellsRunAgain) {
  const OrdersFinding finding =
      map({{"a = 1"}, {"b = 1"}, {"c = a"}, {"d = b"}, {"e = c"}, {"f = d + e"}});
  // Nothing of cell 2 changes when it runs twice: what follows is as it was.
  EXPECT_THAT(entry(finding, OrderChange::kRepeat, 2).order, ElementsAre(0, 1, 2, 2));
  EXPECT_EQ(entry(finding, OrderChange::kRepeat, 2).affected, 0U);
  EXPECT_THAT(entry(finding, OrderChange::kSkip, 2).order, ElementsAre(0, 1, 3, 4, 5));
  EXPECT_THAT(entry(finding, OrderChange::kSkip, 4).order, ElementsAre(0, 1, 2, 3, 5));
}

TEST_F(OrdersTest, ARepeatThatIsSeenToChangeNothingAffectsNothing) {
  const std::vector<SmallCell> cells = {{"a = 1"}, {"a[k] = 1"}, {"b = a"}};
  EXPECT_THAT(entry(map(cells), OrderChange::kRepeat, 1).order, ElementsAre(0, 1, 1, 2));
  adjust = [](const Trial& trial, Outcome& outcome) {
    // As a fingerprint has it: the second time nothing is another than before.
    if (!trial.observe || trial.executions.size() != 3 || trial.executions[2].cell != 1) return;
    outcome.cells.back().observed->changes.clear();
  };
  const OrdersFinding finding = map(cells);
  EXPECT_THAT(entry(finding, OrderChange::kRepeat, 1).order, ElementsAre(0, 1, 1));
  EXPECT_EQ(entry(finding, OrderChange::kRepeat, 1).outcome.end, OrderEnd::kPasses);
}

TEST_F(OrdersTest, CellsThatNothingNeedsAreLeftOutTogetherOnce) {
  const OrdersFinding finding = map({{"a = 1"}, {"b = a"}, {"c = a"}, {"d = a"}});
  for (const std::size_t cell : {1, 2, 3})
    EXPECT_EQ(entry(finding, OrderChange::kSkip, cell).outcome.end, OrderEnd::kPasses);
  std::size_t without = 0;
  for (const TriedOrder& tried : finding.orders) {
    if (tried.from != "without") continue;
    ++without;
    EXPECT_THAT(tried.order, ElementsAre(0));
  }
  EXPECT_EQ(without, 1U);
}

TEST_F(OrdersTest, ASafeNotebookIsCalledSo) {
  const OrdersFinding finding = map({{"a = 1"}, {"b = a"}, {"c = a + b"}});
  EXPECT_EQ(finding.safety, RerunSafety::kSafe);
  EXPECT_FALSE(finding.unsafe_cell);
  EXPECT_EQ(fresh, 1U);  // the base order
}

TEST_F(OrdersTest, AHypothesisThatAFreshRunDeniesIsDroppedAndCounted) {
  // Only in branches does running the second cell twice crash.
  adjust = [&](const Trial& trial, Outcome& outcome) {
    if (trial.executions.size() > 3 || trial.executions.back().cell != 1) return;
    if (std::ranges::count(trial.executions, 1U, &Execution::cell) < 2) return;
    Crash crash;
    crash.type = "OSError";
    crash.cell = 1;
    outcome.cells.back().end = Raised{crash, false};
  };
  const OrdersFinding finding = map({{"a = 1"}, {"b = a"}, {"c = b"}, {"d = c"}});
  const MapEntry& repeat = entry(finding, OrderChange::kRepeat, 1);
  EXPECT_TRUE(repeat.denied);
  EXPECT_EQ(repeat.outcome.end, OrderEnd::kPasses);
  EXPECT_EQ(finding.notebook.trials.dropped, 1U);
  EXPECT_EQ(finding.safety, RerunSafety::kSafe);
}

TEST_F(OrdersTest, WhatWatchingChangesIsNotUsed) {
  adjust = [](const Trial& trial, Outcome& outcome) {
    if (!trial.observe) return;
    Crash crash;
    crash.type = "TypeError";
    outcome.cells.front().end = Raised{crash, false};
  };
  const OrdersFinding finding = map({{"a = 1"}, {"b = a"}});
  EXPECT_FALSE(finding.measured);
  EXPECT_EQ(entry(finding, OrderChange::kSkip, 0).outcome.cell, 1U);
}

TEST_F(OrdersTest, ABaseThatCrashesIsNotSafeAndItsCrashIsCompared) {
  const OrdersFinding finding =
      map({{"a = 1"}, {"a[k] = 1"}, {"b = 1"}, {"del a[k]"}, {"a[k]"}, {"c = 1"}});
  EXPECT_EQ(finding.safety, RerunSafety::kUnsafe);
  EXPECT_EQ(finding.unsafe_cell, 4U);
  EXPECT_THAT(finding.base, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(entry(finding, OrderChange::kSkip, 3).outcome.end, OrderEnd::kPasses);
  EXPECT_TRUE(entry(finding, OrderChange::kSkip, 2).outcome.as_base);
  EXPECT_FALSE(entry(finding, OrderChange::kSkip, 0).outcome.as_base);
}

TEST_F(OrdersTest, TheBaseIsTheRecordedOrderWhereItIsComplete) {
  const std::vector<SmallCell> cells = {{"a = 1", 2}, {"b = 1", 1}, {"c = a + b", 3}};
  EXPECT_THAT(map(cells).base, ElementsAre(1, 0, 2));
  EXPECT_EQ(map(cells).base_from, "recorded");
  const std::vector<SmallCell> gap = {{"a = 1", 4}, {"b = 1", 1}, {"c = a + b", 5}};
  EXPECT_THAT(map(gap).base, ElementsAre(0, 1, 2));
}

TEST_F(OrdersTest, RecordedAndFileOrderAreRunBesides) {
  const OrdersFinding finding = map({{"b = a", 2}, {"a = 1", 1}, {"c = 1", 3}});
  EXPECT_EQ(finding.base_from, "recorded");
  const auto from_top = std::ranges::find(finding.orders, "top-to-bottom", &TriedOrder::from);
  ASSERT_NE(from_top, finding.orders.end());
  EXPECT_EQ(from_top->outcome.cell, 0U);
}

TEST_F(OrdersTest, CostCountsWhatRanAndWhatItWouldHaveTaken) {
  const OrdersFinding finding = map(kDrops);
  EXPECT_EQ(finding.cost.base, std::chrono::milliseconds(40));
  EXPECT_GT(finding.cost.base_runs, 1);
  // Nothing was branched here: all of it was run.
  EXPECT_EQ(finding.cost.base_runs, finding.cost.base_runs_from_top);
}

TEST_F(OrdersTest, AStopLeavesTheAnswerOpen) {
  stop_after = 3;
  const OrdersFinding finding = map(kDrops);
  EXPECT_EQ(finding.safety, RerunSafety::kUnknown);
  EXPECT_EQ(finding.notebook.stopped_by, StoppedBy::kInterrupt);
}

// ---- two orders -----------------------------------------------------------------------------

class CompareOrdersTest : public OrdersTest {
 protected:
  OrderComparison compare(const std::vector<SmallCell>& cells, ExecutionOrder passing,
                          ExecutionOrder failing) {
    settings.compare = {std::move(passing), std::move(failing)};
    return *map(cells).comparison;
  }
};

TEST_F(CompareOrdersTest, FindsTheExecutionThatIsOneTooMany) {
  const OrderComparison found = compare(kDrops, {0, 1, 2, 3}, {0, 1, 1, 2, 3});
  EXPECT_EQ(found.verdict, Verdict::kConfirmed) << found.why;
  ASSERT_TRUE(found.edit);
  EXPECT_EQ(found.edit->kind, "insert");
  EXPECT_THAT(found.edit->cells, ElementsAre(1));
  EXPECT_EQ(found.with_edit.outcome.origin, Origin::kFresh);
  EXPECT_EQ(found.without_edit.outcome.origin, Origin::kFresh);
}

TEST_F(CompareOrdersTest, AFailingOrderIsKeptAsItWasGiven) {
  const OrderComparison found = compare(kDrops, {0, 1, 2, 3}, {0, 1, 1, 2, 3});
  EXPECT_THAT(found.failing, ElementsAre(0, 1, 1, 2, 3));
  EXPECT_EQ(found.failing_outcome.position, 2U);
  EXPECT_THAT(found.without_edit.order, ElementsAre(0, 1)) << "nothing behind the crash is run";
}

TEST_F(CompareOrdersTest, FindsTheExecutionThatIsMissing) {
  const OrderComparison found =
      compare({{"a = 1"}, {"b = 1"}, {"c = 1"}, {"d = b"}}, {0, 1, 2, 3}, {0, 2, 3});
  EXPECT_EQ(found.verdict, Verdict::kConfirmed) << found.why;
  EXPECT_EQ(found.edit->kind, "delete");
  EXPECT_THAT(found.edit->cells, ElementsAre(1));
}

TEST_F(CompareOrdersTest, FindsThePairWhoseOrderDecides) {
  const std::vector<SmallCell> cells = {{"a = 1\na[k] = 1"}, {"b = a"},   {"a[j] = 1"}, {"a[k]"},
                                        {"c = b"},           {"del a[k]"}};
  const OrderComparison found = compare(cells, {0, 1, 2, 3, 4, 5}, {0, 2, 1, 5, 4, 3});
  EXPECT_EQ(found.verdict, Verdict::kConfirmed) << found.why;
  ASSERT_TRUE(found.edit);
  EXPECT_EQ(found.edit->kind, "move");
  EXPECT_THAT(found.edit->pairs, ElementsAre(std::pair<std::size_t, std::size_t>{3, 5}));
  EXPECT_LE(found.tests, found.most_tests);
}

TEST_F(CompareOrdersTest, TestsAreLogarithmicInThePairs) {
  // Every cell changes d, so that all of them conflict; only the order of 19 and 20 matters.
  std::vector<SmallCell> cells = {{"d = 1\nd[k20] = 1"}};
  for (int i = 1; i < 40; ++i) cells.push_back({"d[k" + std::to_string(100 + i) + "] = 1"});
  cells[19].source = "d[k20]\nd[x] = 1";
  cells[20].source = "del d[k20]";
  ExecutionOrder passing(40);
  for (std::size_t i = 0; i < 40; ++i) passing[i] = i;
  ExecutionOrder failing = passing;
  std::reverse(failing.begin() + 1, failing.end());
  const OrderComparison found = compare(cells, passing, failing);
  EXPECT_EQ(found.verdict, Verdict::kConfirmed) << found.why;
  EXPECT_THAT(found.edit->pairs, Contains(std::pair<std::size_t, std::size_t>{19, 20}));
  EXPECT_GT(found.pairs, 100U);
  EXPECT_LE(found.tests, found.most_tests);
}

TEST_F(CompareOrdersTest, OrdersThatDoNotEndAsGivenAreNotCompared) {
  const OrderComparison found = compare({{"a = 1"}, {"b = a"}}, {1, 0}, {0, 1});
  EXPECT_EQ(found.verdict, Verdict::kBlocked);
  EXPECT_THAT(found.why, HasSubstr("given as passing"));
  EXPECT_FALSE(found.edit);
}

}  // namespace
}  // namespace nbreplay
