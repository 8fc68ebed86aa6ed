// From a notebook to the cause of its crash, without Python: what is confirmed, and above all what
// is not.

#include "engine_test.h"

#include "support/temporary_folder.h"

namespace nbreplay {
namespace {

// ---- order ----------------------------------------------------------------------------------

TEST_F(EngineTest, ConfirmsASkippedCell) {
  const Cause cause =
      cause_of({{"a = 1", 1}, {"b = 1"}, {"c = a", 2}, {"d = b", 3, name_error("b")}});
  expect(cause, Verdict::kConfirmed, "execution order");
  EXPECT_EQ(cause.label, "NB specific");
  EXPECT_THAT(cause.cells, ElementsAre(1));
  ASSERT_TRUE(cause.edit);
  EXPECT_EQ(cause.edit->kind, "skip");
  EXPECT_EQ(cause.explanation, "Cell 2 was not run before cell 4.");
  EXPECT_EQ(finding.top_to_bottom, TopToBottom::kPasses);
  ASSERT_TRUE(finding.minimal);
  EXPECT_THAT(finding.minimal->order, ElementsAre(3));
}

TEST_F(EngineTest, ConfirmsARepeatedCell) {
  const Cause cause = cause_of({{"a = 1\na[k] = 1", 1},
                                {"b = a", 2},
                                {"x = a\ndel a[k]", 3},
                                {"del a[k]", 5, "KeyError: 'k'"}});
  // Cell 3 took the key; cell 4 could never have passed after it: not a matter of the order.
  EXPECT_NE(cause.verdict, Verdict::kConfirmed) << cause.explanation;

  const Cause twice =
      cause_of({{"a = 1\na[k] = 1", 1}, {"del a[k]", 4, "KeyError: 'k'"}, {"b = a", 3}});
  expect(twice, Verdict::kConfirmed, "execution order");
  ASSERT_TRUE(twice.edit);
  EXPECT_EQ(twice.edit->kind, "repeat");
  EXPECT_EQ(twice.explanation, "Cell 2 ran twice.");
}

TEST_F(EngineTest, ConfirmsALateCell) {
  const Cause cause = cause_of({{"a = 1", 1}, {"b = 1", 3}, {"c = b", 2, name_error("b")}});
  expect(cause, Verdict::kConfirmed, "execution order");
  ASSERT_TRUE(cause.edit);
  EXPECT_EQ(cause.edit->kind, "move");
}

TEST_F(EngineTest, ConfirmsACellFromBelowThatRanEarly) {
  const Cause cause =
      cause_of({{"a = 1\na[k] = 1", 1}, {"a[k]", 3, "KeyError: 'k'"}, {"del a[k]", 2}});
  expect(cause, Verdict::kConfirmed, "execution order");
  EXPECT_THAT(cause.cells, ElementsAre(2));
}

TEST_F(EngineTest, DoesNotConfirmAnOrderThatTheCountsContradict) {
  // By the counts cell 1 ran right before; only a search finds an order that crashes.
  const Cause cause = cause_of({{"a = 1", 1}, {"b = a", 2, name_error("a")}});
  expect(cause, Verdict::kAmbiguous, "execution order");
  EXPECT_THAT(cause.explanation, HasSubstr("cell 1 did run before the crash"));
}

TEST_F(EngineTest, DoesNotConfirmAnOrderWhoseRunsDiffer) {
  small.adjust_facts = [](CellFacts& facts, const std::string& source) {
    facts.random = source.find('b') == 0;
  };
  const std::vector<SmallCell> cells = {
      {"b = 1", 1}, {"a = 1"}, {"c = b", 2}, {"d = a", 3, name_error("a")}};
  expect(cause_of(cells), Verdict::kConfirmed, "execution order");
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;  // top to bottom is luck: it passes with the first seed only
    const bool whole = trial.executions.size() == 4;
    if (whole && trial.hash_seed > 1) other.executions.back().source = "raise ValueError luck";
    return small.run(other);
  };
  const Cause cause = cause_of(cells);
  EXPECT_EQ(cause.verdict, Verdict::kAmbiguous) << cause.explanation;
}

TEST_F(EngineTest, ConfirmsNoOtherCauseByALuckyRun) {
  small.adjust_facts = [](CellFacts& facts, const std::string& source) {
    facts.random = source == "a = 1";
  };
  const std::vector<SmallCell> cells = {{"a = 1", 1}, {"b = c", 2, name_error("c")}, {"c = 1"}};
  expect(cause_of(cells), Verdict::kConfirmed, "need execute future cells");
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    const bool moved = trial.executions.size() == 3;
    if (moved && trial.hash_seed > 1) other.executions.back().source = "raise NameError luck";
    return small.run(other);
  };
  EXPECT_EQ(cause_of(cells).verdict, Verdict::kAmbiguous);
}

TEST_F(EngineTest, ClaimsNoMinimumThatDoesNotCrashEveryTime) {
  const std::vector<SmallCell> cells = {
      {"z = 1", 1}, {"a = 1", 2}, {"assert a == 2", 3, "AssertionError: "}};
  cause_of(cells);
  EXPECT_EQ(finding.minimal->guarantee, Guarantee::kOneMinimal);
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    if (trial.executions.size() == 2 && trial.hash_seed == 2) other.executions.back().source = "";
    return small.run(other);
  };
  cause_of(cells);
  ASSERT_TRUE(finding.minimal);
  EXPECT_EQ(finding.minimal->confirmed_at_a, 2U);
  EXPECT_EQ(finding.minimal->guarantee, Guarantee::kPartial);
}

TEST_F(EngineTest, RefutesTheOrderWhenTopToBottomCrashesAlike) {
  const Cause cause = cause_of({{"a = 1", 1}, {"a[k]", 2, "KeyError: 'k'"}});
  expect(cause, Verdict::kUnknown, "");
  EXPECT_EQ(cause.label, "unknown");
  EXPECT_EQ(status("execution order"), Verdict::kRefuted);
  EXPECT_EQ(status("previous cell error"), Verdict::kRefuted);
  EXPECT_EQ(status("need execute future cells"), Verdict::kRefuted);
  EXPECT_EQ(status("undefined variable"), Verdict::kRefuted);
  EXPECT_THAT(cause.explanation,
              HasSubstr("Ruled out: top to bottom: same crash; no earlier failure"));
}

TEST_F(EngineTest, NeverRefutesMissingFilesByTheTypeOfTheCrash) {
  cause_of({{"a = 1", 1}, {"a[k]", 2, "KeyError: 'k'"}});
  EXPECT_EQ(status("file/path not found or exist"), Verdict::kUnknown);
  EXPECT_EQ(status("module not installed"), Verdict::kUnknown);
}

// ---- earlier failures -----------------------------------------------------------------------

const std::vector<SmallCell> kFailedBefore = {{"a = 1", 1},
                                              {"raise ValueError bad\nb = a", 2, "ValueError: bad"},
                                              {"c = a", 3},
                                              {"d = b", 4, name_error("b")}};

TEST_F(EngineTest, ConfirmsAnEarlierFailure) {
  const Cause cause = cause_in(kFailedBefore, 1);
  expect(cause, Verdict::kConfirmed, "previous cell error");
  EXPECT_THAT(cause.cells, ElementsAre(1));
  EXPECT_EQ(status("execution order"), Verdict::kRefuted);
}

TEST_F(EngineTest, ConfirmsAnEarlierFailureWhosePlaceholderCannotBeUsed) {
  std::string raised = "RecursionError deep";
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    if (!trial.placeholder_modules.empty() && trial.executions.back().cell == 3)
      other.executions.back().source = "raise " + raised;
    return small.run(other);
  };
  expect(cause_in(kFailedBefore, 1), Verdict::kConfirmed, "previous cell error");
  EXPECT_THAT(finding.experiments,
              testing::Contains(testing::Field(&Experiment::outcome,
                                               "different: RecursionError: deep in cell 4")));
  raised = "NameError other";
  EXPECT_NE(cause_in(kFailedBefore, 1).verdict, Verdict::kConfirmed) << "it may be the same name";
}

TEST_F(EngineTest, SaysThatTheEarlierFailureIsAnotherThanTheRecordedOne) {
  EXPECT_EQ(cause_in(kFailedBefore, 1).explanation,
            "Cell 2 failed earlier (ValueError: bad), so its effect is missing.");
  std::vector<SmallCell> cells = kFailedBefore;
  cells[1].error = "KeyError: 'k'";
  const Cause cause = cause_in(cells, 1);
  expect(cause, Verdict::kConfirmed, "previous cell error");
  EXPECT_EQ(cause.explanation,
            "Cell 2 failed earlier (ValueError: bad), so its effect is missing. The notebook "
            "recorded another error there: KeyError: 'k'.");
}

TEST_F(EngineTest, DecidesNothingOfTheEarlierFailureItself) {
  expect(cause_in(kFailedBefore, 0), Verdict::kUnknown, "");
}

TEST_F(EngineTest, DoesNotBlameACellThatWantedTheSameName) {
  // Both read what nothing binds; the first also binds it, in a line that never came to run.
  const Cause cause =
      cause_in({{"zz = zz + 1", 1, name_error("zz")}, {"d = zz", 2, name_error("zz")}}, 1);
  EXPECT_NE(cause.verdict, Verdict::kConfirmed) << cause.explanation;
  EXPECT_NE(cause.sublabel, "previous cell error");
}

TEST_F(EngineTest, DoesNotConfirmAnEarlierFailureByAPlaceholderAlone) {
  // The key is in no cell: that a placeholder has it, or not, says nothing.
  const Cause cause = cause_in({{"a = 1", 1},
                                {"a = missing", 2, name_error("missing")},
                                {"assert a == 2", 3, "AssertionError: "}},
                               1);
  EXPECT_NE(cause.verdict, Verdict::kConfirmed) << cause.explanation;
}

TEST_F(EngineTest, RefutesAnEarlierFailureThatDoesNotReachTheCrash) {
  cause_in({{"zz", 1, name_error("zz")}, {"a = 1", 2}, {"a[k]", 3, "KeyError: 'k'"}}, 1);
  EXPECT_EQ(status("previous cell error"), Verdict::kRefuted);
}

TEST_F(EngineTest, IsAmbiguousWhenOrderAndRepairBothFlip) {
  // Cell 2 failed because it ran before cell 1, and cell 3 wants what it would have made.
  const Cause cause = cause_in(
      {{"a = 1", 3}, {"c = a\nb = 1", 1, name_error("a")}, {"d = b", 4, name_error("b")}}, 1);
  EXPECT_EQ(cause.verdict, Verdict::kAmbiguous) << cause.explanation;
  EXPECT_EQ(status("execution order"), Verdict::kAmbiguous);
  EXPECT_EQ(status("previous cell error"), Verdict::kAmbiguous);
}

TEST_F(EngineTest, NeitherRefutesNorConfirmsOverRunsThatSayNothing) {
  // Whatever repairs cell 2 meets a limit: the failure is not refuted, and nothing else confirmed.
  small.oracle = [&](const Trial& trial) {
    Outcome outcome = small.run(trial);
    const bool repaired = !trial.placeholder_modules.empty();
    if (repaired) {
      outcome.cells.back().end = Interrupted{};
      outcome.termination = TimedOut{TimeLimit::kCell};
    }
    return outcome;
  };
  const Cause cause = cause_in({{"frames = 1", 1},
                                {"raise ValueError bad\nb = frmaes", 2, "ValueError: bad"},
                                {"d = b + frmase", 3, name_error("frmase")}},
                               1);
  EXPECT_NE(cause.verdict, Verdict::kConfirmed) << cause.explanation;
  EXPECT_EQ(status("previous cell error"), Verdict::kUnknown);
}

// ---- cells below ----------------------------------------------------------------------------

TEST_F(EngineTest, ConfirmsADefinitionBelowItsUse) {
  const Cause cause = cause_of({{"a = 1", 1}, {"b = c", 2, name_error("c")}, {"c = 1"}});
  expect(cause, Verdict::kConfirmed, "need execute future cells");
  EXPECT_THAT(cause.cells, ElementsAre(2));
}

TEST_F(EngineTest, DoesNotConfirmAgainstTheRecord) {
  // By the counts cell 3 ran first: that order passes, so what ran then was another text.
  const Cause cause = cause_of({{"a = 1", 1}, {"b = c", 3, name_error("c")}, {"c = 1", 2}});
  EXPECT_NE(cause.verdict, Verdict::kConfirmed) << cause.explanation;
}

TEST_F(EngineTest, ConfirmsAKeyThatIsMadeBelow) {
  const Cause cause = cause_of({{"a = 1", 1}, {"a[k]", 2, "KeyError: 'k'"}, {"a[k] = 1"}});
  expect(cause, Verdict::kConfirmed, "need execute future cells");
}

TEST_F(EngineTest, MovesWhatTheCellBelowNeedsAsWell) {
  const Cause cause = cause_of({{"a = 1", 1}, {"b = c", 2, name_error("c")}, {"d = 1"}, {"c = d"}});
  expect(cause, Verdict::kConfirmed, "need execute future cells");
  EXPECT_THAT(cause.cells, ElementsAre(2, 3));
}

TEST_F(EngineTest, ConfirmsAFileThatIsWrittenBelow) {
  // Whoever runs the last cell first has the file.
  bool told = true;
  small.adjust_facts = [&](CellFacts& facts, const std::string& source) {
    if (told && source.find("table") != std::string::npos && source[0] == 'b')
      facts.files.push_back({"table", "open", true, 1});
  };
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    if (trial.executions.front().source[0] == 'b')
      other.extra_files.push_back({"table", "", false});
    return small.run(other);
  };
  const std::string error = "FileNotFoundError: [Errno 2] No such file or directory: 'table'";
  expect(cause_of({{"open table", 1, error}, {"b = 1  # table"}}), Verdict::kConfirmed,
         "need execute future cells");
  told = false;
  expect(cause_of({{"open table", 1, error}, {"b = 1  # table"}}), Verdict::kAmbiguous,
         "need execute future cells");
  cause_of({{"open table", 1, error}, {"b = 1"}});
  EXPECT_EQ(status("need execute future cells"), Verdict::kUnknown) << "any cell may write files";
}

TEST_F(EngineTest, DoesNotConfirmAnotherAttemptBelow) {
  // Cell 3 makes `a` anew so that the assertion holds: a repair, not a cell that was forgotten.
  const Cause cause = cause_of({{"a = 1", 1}, {"assert a == 2", 2, "AssertionError: "}, {"a = 2"}});
  expect(cause, Verdict::kAmbiguous, "need execute future cells");
}

// ---- data ------------------------------------------------------------------------------------

TEST_F(EngineTest, NamesTheTablesOfTheMinimalNotebookThatCanBeReduced) {
  const test::TemporaryFolder folder;
  small.project.root = std::filesystem::canonical(folder.path());
  small.project.working_directory = small.project.root;
  for (const char* name : {"data.csv", "unneeded.csv", "model.pkl"})
    ASSERT_TRUE(write_file(folder.path() / name, "x\n1\n"));
  small.adjust_facts = [](CellFacts& facts, const std::string& source) {
    for (const char* name : {"data.csv", "unneeded.csv", "absent.csv", "model.pkl"})
      if (source.find(name) != std::string::npos) facts.files.push_back({name, "load", false, 1});
  };
  const std::string reads = "a = 1  # data.csv absent.csv model.pkl";
  const std::vector<SmallCell> rest = {{"b = 1  # unneeded.csv", 2}, {"a[k]", 3, "KeyError: 'k'"}};
  const auto tables = [&](const std::string& source) {
    cause_of({{source, 1}, rest[0], rest[1]});
    return finding.minimal ? finding.minimal->tables : std::vector<std::string>{"no minimum"};
  };
  EXPECT_THAT(tables(reads), ElementsAre("data.csv"));
  EXPECT_THAT(tables(reads + " chdir("), IsEmpty()) << "paths lead elsewhere then";
}

// ---- stops, and what holds of every finding -------------------------------------------------

TEST_F(EngineTest, KeepsTheBestSoFarWheneverItIsStopped) {
  const std::vector<SmallCell> cells = {
      {"a = 1", 1}, {"b = 1"}, {"c = a", 2}, {"d = b", 3, name_error("b")}};
  const Cause whole = cause_of(cells);
  const std::size_t all = small.trials.size();
  bool kept_reproduction = false;
  for (std::size_t stop = 1; stop < all; ++stop) {
    SCOPED_TRACE(stop);
    small.stop_after = stop;
    const NotebookFinding found = small.investigate(cells);
    EXPECT_EQ(found.stopped_by, StoppedBy::kInterrupt);
    EXPECT_LE(found.trials.total, stop);
    ASSERT_EQ(found.crashes.size(), 1U);
    const CrashFinding& crash = found.crashes.front();
    if (crash.reproduction.verdict == ReproductionVerdict::kReproduced) kept_reproduction = true;
    ASSERT_TRUE(crash.cause);
    if (crash.cause->verdict != Verdict::kConfirmed) continue;
    EXPECT_EQ(crash.cause->sublabel, whole.sublabel);
    EXPECT_EQ(crash.cause->cells, whole.cells);
  }
  EXPECT_TRUE(kept_reproduction);
}

TEST_F(EngineTest, ListsTheCrashesThatAStopLeft) {
  small.stop_after = 1;
  const NotebookFinding found = small.investigate(kFailedBefore);
  ASSERT_EQ(found.crashes.size(), 2U);
  EXPECT_EQ(found.crashes[1].reproduction.verdict, ReproductionVerdict::kBlocked);
  EXPECT_NE(found.crashes[1].cause.value_or(Cause{}).verdict, Verdict::kConfirmed);
}

TEST_F(EngineTest, KeepsTheBestSoFarWhenTheBudgetIsUsedUp) {
  small.settings.budget = std::chrono::seconds(4);
  small.oracle = [&](const Trial& trial) {
    Outcome outcome = small.run(trial);
    outcome.wall = std::chrono::seconds(1);
    return outcome;
  };
  const NotebookFinding found =
      small.investigate({{"a = 1", 1}, {"b = 1"}, {"c = a", 2}, {"d = b", 3, name_error("b")}});
  EXPECT_EQ(found.stopped_by, StoppedBy::kBudget);
  ASSERT_EQ(found.crashes.size(), 1U);
  EXPECT_EQ(found.crashes[0].reproduction.verdict, ReproductionVerdict::kReproduced);
  EXPECT_LE(found.wall, std::chrono::seconds(4));
}

TEST_F(EngineTest, SaysThatNothingCanBeRun) {
  small.oracle = [](const Trial& trial) {
    Outcome outcome;
    outcome.cells.resize(trial.executions.size());
    for (std::size_t i = 0; i < outcome.cells.size(); ++i) outcome.cells[i].position = i;
    outcome.termination = SetupFailed{"worker", "no libpython"};
    return outcome;
  };
  const NotebookFinding unrecorded = small.investigate({{"a = 1"}});
  EXPECT_FALSE(unrecorded.ran_clean);
  EXPECT_THAT(unrecorded.notes, ElementsAre(HasSubstr("no libpython")));
  const CrashFinding crash = small.crash({{"a", 1, name_error("a")}});
  EXPECT_EQ(crash.reproduction.verdict, ReproductionVerdict::kBlocked);
  EXPECT_THAT(crash.reproduction.why, HasSubstr("no libpython"));
  EXPECT_EQ(crash.cause->verdict, Verdict::kBlocked);
}

TEST_F(EngineTest, StopsWhenATrialChangesItsEnvironment) {
  small.oracle = [&](const Trial& trial) {
    Outcome outcome = small.run(trial);
    outcome.environment_change = "numpy added";
    return outcome;
  };
  const NotebookFinding found = small.investigate({{"a", 1, name_error("a")}});
  EXPECT_EQ(found.environment_change, "numpy added");
  EXPECT_EQ(found.trials.total, 1U);
}

TEST_F(EngineTest, DecidesByFreshRunsOnly) {
  cause_of({{"a = 1", 1}, {"b = 1"}, {"c = a", 2}, {"d = b", 3, name_error("b")}});
  ASSERT_FALSE(finding.experiments.empty());
  for (const Experiment& experiment : finding.experiments)
    EXPECT_EQ(experiment.fresh_runs, 1U) << experiment.change;
}

TEST_F(EngineTest, LooksAtTheCellAskedForOnly) {
  small.settings.cell = 3;
  const NotebookFinding found = small.investigate(kFailedBefore);
  ASSERT_EQ(found.crashes.size(), 1U);
  EXPECT_EQ(found.crashes[0].cell.index, 3U);
  EXPECT_EQ(found.crashes[0].cell.ordinal, 4U);
}

// ---- forked runs ----------------------------------------------------------------------------

TEST_F(EngineTest, DropsWhatForkedRunsSaidWhenFreshOnesDenyIt) {
  const std::vector<SmallCell> cells = {
      {"a = 1", 1}, {"b = a", 2}, {"del b[k]", 3, "KeyError: 'k'"}};
  // In forked processes the crash comes whatever ran before it.
  small.forked_oracle = [&](const Trial& trial) {
    Trial whole = trial;
    whole.executions.clear();
    for (const char* source : {"a = 1", "b = a"})
      whole.executions.push_back({0, "", source, false});
    whole.executions.push_back(trial.executions.back());
    Outcome outcome = small.run(whole);
    Outcome answer = test::play(trial, [&](std::size_t position) -> std::optional<Crash> {
      if (position + 1 < trial.executions.size()) return std::nullopt;
      const auto* raised = std::get_if<Raised>(&outcome.cells.back().end);
      return raised != nullptr ? std::optional(raised->crash) : std::nullopt;
    });
    return answer;
  };
  const NotebookFinding all = small.investigate(cells);
  EXPECT_EQ(all.trials.dropped, 1U);
  ASSERT_EQ(all.crashes.size(), 1U);
  ASSERT_TRUE(all.crashes[0].minimal);
  EXPECT_THAT(all.crashes[0].minimal->order, ElementsAre(0, 1, 2));
  EXPECT_EQ(all.crashes[0].minimal->confirmed_at_a, 3U);
  ASSERT_FALSE(all.notes.empty());
  EXPECT_THAT(all.notes.back(), HasSubstr("dropped"));
}

}  // namespace
}  // namespace nbreplay
