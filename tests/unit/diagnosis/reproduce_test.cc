#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "support/small_investigation.h"

namespace nbreplay {
namespace {

using test::SmallCell;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReproduceTest : public testing::Test {
 protected:
  ReproduceTest() { small.settings.goal = Goal::kReproduce; }

  Reproduction reproduce(const std::vector<SmallCell>& cells) {
    return small.crash(cells).reproduction;
  }

  test::SmallInvestigation small;
};

const std::vector<SmallCell> kSkipped = {
    {"a = 1", 1}, {"a[k] = 1"}, {"b = a", 2}, {"a[k]", 3, "KeyError: 'k'"}};

TEST_F(ReproduceTest, ReproducesInTheRecordedOrder) {
  const Reproduction result = reproduce(kSkipped);
  EXPECT_EQ(result.verdict, ReproductionVerdict::kReproduced);
  EXPECT_THAT(result.order, ElementsAre(0, 2, 3));
  EXPECT_EQ(result.order_from, OrderSource::kRecorded);
  EXPECT_EQ(result.fresh_runs, 3U);
  EXPECT_EQ(result.matching, 3U);
  ASSERT_TRUE(result.observed);
  EXPECT_EQ(result.observed->type, "KeyError");
  ASSERT_TRUE(result.level);
  EXPECT_LE(*result.level, Level::kB);
}

TEST_F(ReproduceTest, ConfirmsWithDifferentHashSeeds) {
  const Reproduction result = reproduce(kSkipped);
  const std::set<std::uint32_t> seeds(result.hash_seeds.begin(), result.hash_seeds.end());
  EXPECT_EQ(seeds.size(), 3U);
}

TEST_F(ReproduceTest, FillsTheGapOfACellThatRanTwice) {
  const Reproduction result =
      reproduce({{"a = 1\na[k] = 1", 1}, {"del a[k]", 4, "KeyError: 'k'"}, {"b = 1", 3}});
  EXPECT_EQ(result.verdict, ReproductionVerdict::kReproduced);
  EXPECT_EQ(result.order_from, OrderSource::kGapFilled);
  EXPECT_THAT(result.order, ElementsAre(0, 1, 2, 1));
}

TEST_F(ReproduceTest, SaysFlakyWithTheMatchingRuns) {
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    if (trial.hash_seed == 2) other.executions.back().source = "b = 1";
    return small.run(other);
  };
  const Reproduction result = reproduce(kSkipped);
  EXPECT_EQ(result.verdict, ReproductionVerdict::kFlaky);
  EXPECT_EQ(result.fresh_runs, 5U);
  EXPECT_EQ(result.matching, 4U);
  EXPECT_THAT(result.why, HasSubstr("4 of 5"));
}

TEST_F(ReproduceTest, SaysAbsentAfterThreeRunsOfTheLikeliestOrder) {
  const Reproduction result =
      reproduce({{"a = 1", 1}, {"b = a", 2, "NameError: name 'a' is not defined"}});
  // The recorded order passes, and so does every other that has a cell to run before.
  EXPECT_EQ(result.verdict, ReproductionVerdict::kReproduced) << "with cell 1 skipped";
  const Reproduction absent = reproduce({{"a = 1", 1}, {"a = 2", 2, "ValueError: no"}});
  EXPECT_EQ(absent.verdict, ReproductionVerdict::kAbsent);
  EXPECT_EQ(absent.fresh_runs, 3U);
  EXPECT_EQ(absent.matching, 0U);
}

TEST_F(ReproduceTest, SaysAbsentAfterFiveRunsWhereTheNotebookIsRandom) {
  small.adjust_facts = [](CellFacts& facts, const std::string&) { facts.random = true; };
  const Reproduction result = reproduce({{"a = 1", 1}, {"a = 2", 2, "ValueError: no"}});
  EXPECT_EQ(result.verdict, ReproductionVerdict::kAbsent);
  EXPECT_EQ(result.fresh_runs, 5U);
}

TEST_F(ReproduceTest, SaysFlakyWhenALaterRunOfTheLikeliestOrderCrashes) {
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    if (trial.hash_seed == 2) other.executions.back().source = "raise ValueError no";
    return small.run(other);
  };
  const Reproduction result = reproduce({{"a = 1", 1}, {"a = 2", 2, "ValueError: no"}});
  EXPECT_EQ(result.verdict, ReproductionVerdict::kFlaky);
  EXPECT_EQ(result.matching, 1U);
  EXPECT_EQ(result.fresh_runs, 3U);
}

TEST_F(ReproduceTest, TellsADifferentCrash) {
  const Reproduction result = reproduce({{"a = 1", 1}, {"a[k]", 2, "ValueError: no"}});
  EXPECT_EQ(result.verdict, ReproductionVerdict::kDifferentCrash);
  EXPECT_THAT(result.why, HasSubstr("recorded was ValueError: no"));
  EXPECT_THAT(result.why, HasSubstr("KeyError"));
  ASSERT_TRUE(result.observed);
  EXPECT_EQ(result.observed->type, "KeyError");
}

TEST_F(ReproduceTest, TriesOtherSeedsBeforeItTellsADifferentKey) {
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    if (trial.hash_seed == 2) other.executions.back().source = "a[k]";
    return small.run(other);
  };
  const Reproduction result = reproduce({{"a = 1", 1}, {"a[j]", 2, "KeyError: 'k'"}});
  EXPECT_EQ(result.verdict, ReproductionVerdict::kFlaky);
  EXPECT_EQ(result.matching, 1U);
  EXPECT_EQ(result.fresh_runs, 3U);
  small.oracle = [&](const Trial& trial) { return small.run(trial); };
  EXPECT_EQ(reproduce({{"a = 1", 1}, {"a[j]", 2, "KeyError: 'k'"}}).verdict,
            ReproductionVerdict::kDifferentCrash);
}

TEST_F(ReproduceTest, IsBlockedByAMissingFileBeforeTheCrash) {
  const Reproduction result =
      reproduce({{"open table", 1}, {"a = 1", 2}, {"a[k]", 3, "KeyError: 'k'"}});
  EXPECT_EQ(result.verdict, ReproductionVerdict::kBlocked);
  EXPECT_EQ(result.why, "cell 1 needs the file 'table', which is not there");
}

TEST_F(ReproduceTest, IsBlockedByAMissingModuleBeforeTheCrash) {
  const Reproduction result =
      reproduce({{"import torch as t", 1}, {"a = t", 2}, {"a[k]", 3, "KeyError: 'k'"}});
  EXPECT_EQ(result.verdict, ReproductionVerdict::kBlocked);
  EXPECT_THAT(result.why, HasSubstr("'torch'"));
}

TEST_F(ReproduceTest, GivesUpEarlyWhereAnotherCellStandsInTheWay) {
  std::vector<SmallCell> cells = {{"a = 1", 1}, {"open http://data", 2}};
  for (int i = 3; i < 12; ++i) cells.push_back({fmt::format("b{} = a", i), i % 3 ? i : i + 20});
  cells.push_back({"a[k]", 40, "KeyError: 'k'"});
  small.oracle = [&](const Trial& trial) {
    Outcome outcome = small.run(trial);
    for (CellOutcome& cell : outcome.cells)
      if (auto* raised = std::get_if<Raised>(&cell.end); raised && raised->crash.cell == 1U)
        raised->crash.type = "URLError";
    return outcome;
  };
  const Reproduction result = reproduce(cells);
  EXPECT_EQ(result.verdict, ReproductionVerdict::kBlocked);
  EXPECT_THAT(result.why, HasSubstr("needs the network"));
  // Orders without the cell are still tried.
  std::size_t with_it = 0;
  for (const Trial& trial : small.trials)
    with_it += std::any_of(trial.executions.begin(), trial.executions.end(),
                           [](const Execution& one) { return one.cell == 1; });
  EXPECT_LE(with_it, 6U + small.settings.confirmations);
}

TEST_F(ReproduceTest, StubsModulesForANameErrorOnly) {
  const Reproduction result = reproduce({{"import torch as t", 1},
                                         {"import jax as j", 2},
                                         {"b = zz", 3, "NameError: name 'zz' is not defined"}});
  EXPECT_EQ(result.verdict, ReproductionVerdict::kReproduced);
  EXPECT_THAT(result.stubs, ElementsAre("torch", "jax"));
}

TEST_F(ReproduceTest, IsBlockedByATimeOut) {
  small.oracle = [](const Trial& trial) {
    Outcome outcome = test::play(trial, [](std::size_t) { return std::nullopt; });
    outcome.cells.back().end = Interrupted{};
    outcome.termination = TimedOut{TimeLimit::kCell};
    return outcome;
  };
  const Reproduction result = reproduce(kSkipped);
  EXPECT_EQ(result.verdict, ReproductionVerdict::kBlocked);
  EXPECT_EQ(result.why, "cell time-out");
}

TEST_F(ReproduceTest, DoesNotTakeATimeOutForAFlakyRun) {
  small.oracle = [&](const Trial& trial) {
    Outcome outcome = small.run(trial);
    if (trial.hash_seed == 1) {
      outcome.cells.back().end = Interrupted{};
      outcome.termination = TimedOut{TimeLimit::kCell};
    }
    return outcome;
  };
  const Reproduction result = reproduce(kSkipped);
  EXPECT_EQ(result.verdict, ReproductionVerdict::kReproduced);
  EXPECT_EQ(result.fresh_runs, 3U);
}

TEST_F(ReproduceTest, IsBlockedWhenNoConfirmingRunComesToAnEnd) {
  small.oracle = [&](const Trial& trial) {
    Outcome outcome = small.run(trial);
    if (trial.hash_seed > 0) {
      outcome.cells.back().end = Interrupted{};
      outcome.termination = TimedOut{TimeLimit::kCell};
    }
    return outcome;
  };
  const Reproduction result = reproduce(kSkipped);
  EXPECT_EQ(result.verdict, ReproductionVerdict::kBlocked);
  EXPECT_THAT(result.why, HasSubstr("cell time-out"));
}

TEST_F(ReproduceTest, IsBlockedWhenStoppedBeforeItIsConfirmed) {
  small.stop_after = 1;
  EXPECT_EQ(reproduce(kSkipped).verdict, ReproductionVerdict::kBlocked);
}

TEST_F(ReproduceTest, ReproducesASignal) {
  small.oracle = [](const Trial& trial) {
    Outcome outcome = test::play(trial, [](std::size_t) { return std::nullopt; });
    outcome.cells.back().end = Interrupted{};
    outcome.termination = Signaled{SIGSEGV};
    return outcome;
  };
  const CrashFinding crash = small.crash({{"a = 1"}, {"b = 1"}});
  EXPECT_EQ(crash.reproduction.verdict, ReproductionVerdict::kReproduced);
  EXPECT_EQ(crash.reproduction.observed->message, "SIGSEGV");
}

TEST_F(ReproduceTest, TriesOnlyTheOrderAskedFor) {
  small.settings.order = ExecutionOrder{0, 3, 1};
  const Reproduction result = reproduce(kSkipped);
  EXPECT_EQ(result.verdict, ReproductionVerdict::kReproduced);
  EXPECT_THAT(result.order, ElementsAre(0, 3)) << "what comes after the crash has no part in it";
}

TEST_F(ReproduceTest, IsBlockedWhenTheOrderAskedForDoesNotRunTheCell) {
  small.settings.order = ExecutionOrder{0, 1};
  EXPECT_EQ(reproduce(kSkipped).verdict, ReproductionVerdict::kBlocked);
}

TEST_F(ReproduceTest, ListsEarlierFailures) {
  const auto finding = small.investigate({{"a = zz", 1, "NameError: name 'zz' is not defined"},
                                          {"b = 1", 2},
                                          {"c = a", 3, "NameError: name 'a' is not defined"}});
  ASSERT_EQ(finding.crashes.size(), 2U);
  const Reproduction& second = finding.crashes[1].reproduction;
  EXPECT_EQ(second.verdict, ReproductionVerdict::kReproduced);
  ASSERT_EQ(second.earlier_failures.size(), 1U);
  EXPECT_EQ(second.earlier_failures[0].position, 0U);
}

TEST_F(ReproduceTest, FindsTheFirstFailureWhereNoneIsRecorded) {
  const CrashFinding crash = small.crash({{"a = 1"}, {"a[k]"}, {"zz"}});
  EXPECT_EQ(crash.cell.index, 1U);
  EXPECT_FALSE(crash.recorded);
  EXPECT_EQ(crash.reproduction.verdict, ReproductionVerdict::kReproduced);
  EXPECT_FALSE(crash.reproduction.level);
}

TEST_F(ReproduceTest, SaysFlakyWhereAFoundCrashDoesNotRecur) {
  int runs = 0;
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    if (runs++ > 0) other.executions.back().source = "b = 1";
    return small.run(other);
  };
  const CrashFinding crash = small.crash({{"a = 1"}, {"a[k]"}});
  EXPECT_EQ(crash.reproduction.verdict, ReproductionVerdict::kFlaky);
  EXPECT_EQ(crash.reproduction.matching, 0U);
  EXPECT_THAT(crash.reproduction.why, HasSubstr("found in one fresh run"));
}

TEST_F(ReproduceTest, LooksForRandomnessInAllThatRan) {
  // The cell that draws stands below the crashed one; by its count it ran before.
  small.adjust_facts = [](CellFacts& facts, const std::string& source) {
    facts.random = source.find('r') == 0;
  };
  const Reproduction result =
      reproduce({{"a = 1", 1}, {"a = 2", 3, "ValueError: no"}, {"r = 1", 2}});
  EXPECT_EQ(result.verdict, ReproductionVerdict::kAbsent);
  EXPECT_EQ(result.fresh_runs, 5U);
}

TEST_F(ReproduceTest, SaysThatANotebookRunsClean) {
  const NotebookFinding finding = small.investigate({{"a = 1"}, {"b = a"}});
  EXPECT_TRUE(finding.ran_clean);
  EXPECT_THAT(finding.crashes, IsEmpty());
}

TEST_F(ReproduceTest, PassesOverCellsThatAreMeantToFail) {
  const NotebookFinding finding =
      small.investigate({{"a = zz", 1, "NameError: name 'zz' is not defined", "raises-exception"}});
  EXPECT_THAT(finding.crashes, IsEmpty());
}

TEST_F(ReproduceTest, RunsNoCellThatIsToBeSkippedInSearchOfAFailure) {
  const NotebookFinding finding = small.investigate({{"a = 1"}, {"zz", {}, "", "skip-execution"}});
  EXPECT_TRUE(finding.ran_clean);
  EXPECT_THAT(finding.crashes, IsEmpty());
}

}  // namespace
}  // namespace nbreplay
