#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>

#include "diagnosis/minimise.h"
#include "support/fake_clock.h"
#include "support/fake_runner.h"
#include "support/small_language.h"
#include "support/small_notebook.h"

namespace nbreplay::test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// Requests a stop once so many trials have finished.
class Stopper final : public Observer {
 public:
  explicit Stopper(StopRequest& stop) : stop_(stop) {}
  void stop_after(std::size_t trials) { left_ = trials; }
  void trial_finished(const Trial&, const Outcome&, Origin) override {
    if (left_ > 0 && --left_ == 0) stop_.request(StopRequest::Reason::kInterrupt);
  }

 private:
  StopRequest& stop_;
  std::size_t left_ = 0;
};

/// A notebook and all that reducing its statements takes; in the small language unless told.
class Reducing {
 public:
  explicit Reducing(const std::vector<SmallCell>& cells, std::size_t jobs = 1,
                    FakeFactSource::Oracle facts = SmallLanguage::facts)
      : notebook(small_notebook(cells)),
        fact_source(std::move(facts)),
        runner([this](const Trial& trial) { return play_trial(trial); }, jobs) {
    runner.use_stop(stop);
  }

  void behave(FakeRunner::Oracle oracle) { play_trial = std::move(oracle); }

  MinimalSequence reduce(const ExecutionOrder& order) {
    std::vector<std::string> sources;
    for (const Cell& cell : notebook.cells()) sources.push_back(cell.source);
    const Services services{runner, fact_source, clock, stop, stopper};
    Investigation investigation(notebook, *fact_source.facts(sources),
                                std::make_shared<Environment>(), std::make_shared<Project>(),
                                services, settings, clock.now());
    const auto first = investigation.run(investigation.trial(order), Freshness::kAny);
    base.order = order;
    base.observed = std::get<Raised>(first->outcome.cells.back().end).crash;
    before = runner.trials().size();
    if (stop_after > 0) stopper.stop_after(stop_after);
    MinimalSequence minimal;
    minimal.order = order;
    minimise_statements(investigation, base, minimal);
    result_trial = trial_of(investigation, base, minimal);
    queries = runner.trials().size() - before;
    return minimal;
  }

  bool crashes_alike(const Trial& trial) {
    return std::holds_alternative<Same>(judge(trial, play_trial(trial), base.observed, Level::kA));
  }

  /// The sources that the last execution was tried with while reducing.
  std::vector<std::string> tried_last_sources() const {
    std::vector<std::string> sources;
    for (std::size_t i = before; i < runner.trials().size(); ++i)
      sources.push_back(runner.trials()[i].executions.back().source);
    return sources;
  }

  Notebook notebook;
  FakeRunner::Oracle play_trial = SmallLanguage::run;
  FakeFactSource fact_source;
  FakeRunner runner;
  FakeClock clock;
  StopRequest stop;
  Stopper stopper{stop};
  InvestigationSettings settings;
  BaseRun base;
  Trial result_trial;
  std::size_t before = 0;
  std::size_t queries = 0;
  std::size_t stop_after = 0;
};

std::vector<std::string> sources_of(const MinimalSequence& minimal) {
  std::vector<std::string> sources;
  for (const ReducedExecution& reduced : minimal.statements) sources.push_back(reduced.source);
  return sources;
}

/// The crash that a line of a source is; its statement is for the investigation to name.
Crash crash_at(int line, std::size_t cell) {
  Crash crash;
  crash.type = crash.qualified_type = "ValueError";
  crash.base_types = {"ValueError", "Exception"};
  crash.message = "bad";
  crash.chain_known = true;
  crash.line = line;
  Frame frame;
  frame.in_notebook = true;
  frame.cell = cell;
  frame.function = "<module>";
  frame.line = line;
  crash.frames.push_back(frame);
  return crash;
}

/// Where `text` stands in `source`: line from 1, or 0.
int line_of(const std::string& source, const std::string& text) {
  const std::size_t at = source.find(text);
  if (at == std::string::npos) return 0;
  return 1 + static_cast<int>(std::count(source.begin(),
                                         source.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

/// The last execution raises where its source holds `text`, else completes.
FakeRunner::Oracle raises_at(const std::string& text) {
  return [text](const Trial& trial) {
    return play(trial, [&](std::size_t position) -> std::optional<Crash> {
      const Execution& execution = trial.executions[position];
      const int line = line_of(execution.source, text);
      if (position + 1 < trial.executions.size() || line == 0) return std::nullopt;
      return crash_at(line, execution.cell);
    });
  };
}

TEST(MinimiseStatements, KeepsWhatTheCrashNeeds) {
  Reducing r({{"a = 1\nb = 2\nc = 3"}, {"x = a\nassert a == 2\ny = b"}});
  EXPECT_THAT(sources_of(r.reduce({0, 1})), ElementsAre("a = 1", "assert a == 2"));
}

TEST(MinimiseStatements, FollowsNamesThroughStatementsAndCells) {
  Reducing r({{"a = 1\nz = 9"}, {"u = z\nb = a\nv = u"}, {"w = v\nc = b\nassert c == 7\nd = c"}});
  EXPECT_THAT(sources_of(r.reduce({0, 1, 2})),
              ElementsAre("a = 1", "b = a", "c = b\nassert c == 7"));
}

TEST(MinimiseStatements, LeavesOutEverythingUnneededInOneTrialPerCell) {
  std::string many = "a = 1";
  for (int i = 0; i < 30; ++i) many += "\nn" + std::to_string(i) + " = " + std::to_string(i);
  Reducing r({{many}, {"assert a == 2"}});
  EXPECT_THAT(sources_of(r.reduce({0, 1})), ElementsAre("a = 1", "assert a == 2"));
  EXPECT_LE(r.queries, 2U);  // the slice, and that `a = 1` is needed
}

TEST(MinimiseStatements, KeepsChangesInPlace) {
  Reducing r({{"t = 1\nt[k] = 2\nt[j] = 3"}, {"del t[k]\nt[k]\nt[j]"}});
  EXPECT_THAT(sources_of(r.reduce({0, 1})), ElementsAre("t = 1\nt[k] = 2", "del t[k]\nt[k]"));
}

TEST(MinimiseStatements, KeepsWhatNoNameTells) {
  Reducing r({{"a = 1\nb = 2\nhidden = 3\nc = 4\nd = 5\ne = 6"}, {"assert a == 2"}});
  r.behave([](const Trial& trial) {
    Outcome outcome = SmallLanguage::run(trial);
    if (trial.executions.front().source.find("hidden") != std::string::npos) return outcome;
    return play(trial, [](std::size_t) { return std::nullopt; });
  });
  EXPECT_THAT(sources_of(r.reduce({0, 1})), ElementsAre("a = 1\nhidden = 3", "assert a == 2"));
}

TEST(MinimiseStatements, NeverChangesTheStatementThatCrashes) {
  Reducing r({{"a = 1\nb = 2"}, {"c = b\nassert a == 2\nd = b"}});
  (void)r.reduce({0, 1});
  EXPECT_THAT(r.tried_last_sources(), Each(HasSubstr("assert a == 2")));
}

TEST(MinimiseStatements, ReducesEachExecutionOfARepeatedCellOnItsOwn) {
  // The first run of cell 1 deletes the key, the second finds none; w matters to neither.
  Reducing r({{"t = 0\nt[k] = 1\nu = 5"}, {"w = 1\ndel t[k]"}});
  const MinimalSequence minimal = r.reduce({0, 1, 1});
  EXPECT_THAT(sources_of(minimal), ElementsAre("t = 0\nt[k] = 1", "del t[k]", "del t[k]"));
}

TEST(MinimiseStatements, NamesTheLinesThatWereKept) {
  Reducing r({{"x = 1\na = 1\ny = 1"}, {"assert a == 2"}});
  const MinimalSequence minimal = r.reduce({0, 1});
  EXPECT_EQ(minimal.statements[0].first_line, 2);
  EXPECT_EQ(minimal.statements[0].last_line, 2);
  EXPECT_EQ(minimal.statements[1].first_line, 1);
}

TEST(MinimiseStatements, KeepsTheBestWhenStopped) {
  Reducing r(
      {{"a = 1\nt = 2\nt[k] = 3"}, {"b = a\nc = b\nassert c == 2\nd = 1"}, {"c\nraise E m"}});
  r.stop_after = 1;
  const MinimalSequence minimal = r.reduce({0, 2});
  EXPECT_FALSE(minimal.statements_complete);
  EXPECT_TRUE(r.crashes_alike(r.result_trial));
}

/// A block that can be unwrapped, with the statement that crashes in it.
CellFacts block_facts(const std::string& source) {
  CellFacts facts;
  const std::string head = "with c:\n    ";
  const std::size_t crash = source.find("boom()");
  const bool wrapped = source.rfind(head, 0) == 0;
  if (wrapped) {
    facts.statements.push_back({-1, 0, source.size(), 1, 2, "With", {}, {"c"}});
    facts.edits.push_back({0, 0, source.size(), "", "remove"});
    facts.edits.push_back({0, 0, source.size(), source.substr(head.size()), "unwrap"});
    facts.edits.push_back({0, head.size(), source.size(), "pass", "pass"});
    facts.statements.push_back({0, crash, source.size(), 2, 2, "Expr", {}, {"boom"}});
  } else {
    facts.statements.push_back({-1, 0, source.size(), 1, 1, "Expr", {}, {"boom"}});
  }
  facts.edits.push_back({wrapped ? 1 : 0, crash + 4, crash + 6, "", "call"});
  return facts;
}

TEST(MinimiseStatements, UnwrapsWhatEnclosesTheCrash) {
  Reducing r({{"with c:\n    boom()"}}, 1, block_facts);
  r.behave(raises_at("boom()"));
  EXPECT_THAT(sources_of(r.reduce({0})), ElementsAre("boom()"));
  EXPECT_THAT(r.tried_last_sources(), ElementsAre("boom()"));
}

TEST(MinimiseStatements, TellsStatementsApartThatCrashAlike) {
  // Without its block another statement crashes on the same line with the same message.
  Reducing r({{"with c:\n    boom()"}}, 1, block_facts);
  r.behave([](const Trial& trial) {
    return play(trial, [&](std::size_t position) -> std::optional<Crash> {
      const Execution& execution = trial.executions[position];
      return crash_at(1, execution.cell);
    });
  });
  EXPECT_THAT(sources_of(r.reduce({0})), ElementsAre("with c:\n    boom()"));
  EXPECT_EQ(r.base.observed.statement, "with c:");
}

TEST(MinimiseStatements, BoundsTheTrialsOfSmallEdits) {
  // A literal that can be made smaller for ever.
  const auto facts = [](const std::string& source) {
    CellFacts found;
    found.statements.push_back({-1, 0, source.size(), 1, 1, "Assign", {"x"}, {}});
    if (source.starts_with("x = ")) {
      found.edits.push_back(
          {0, 0, source.size(), "x = " + std::string(1, '1') + source.substr(4), "literal"});
    }
    return found;
  };
  Reducing r({{"x = 1"}, {"boom()"}}, 1, facts);
  r.behave(raises_at("boom()"));
  const MinimalSequence minimal = r.reduce({0, 1});
  EXPECT_LE(r.queries, 24U);
  EXPECT_GE(r.queries, 10U);
  EXPECT_EQ(minimal.queries, r.queries);
}

TEST(MinimiseStatements, AppliesOverlappingEditsOneAfterTheOther) {
  // "a; b; boom()": leaving out a takes the separator that leaving out b takes as well.
  const auto facts = [](const std::string& source) {
    CellFacts found;
    std::size_t begin = 0;
    while (begin < source.size()) {
      const std::size_t end = std::min(source.find("; ", begin), source.size());
      const int index = static_cast<int>(found.statements.size());
      found.statements.push_back({-1, begin, end, 1, 1, "Expr", {}, {}});
      const std::size_t next = std::min(end + 2, source.size());
      if (index > 0) found.edits.push_back({index, begin - 2, end, "", "remove"});
      if (index == 0 && next < source.size()) found.edits.push_back({0, 0, next, "", "remove"});
      begin = end + 2;
    }
    return found;
  };
  Reducing r({{"a; b; c; d"}, {"boom()"}}, 1, facts);
  r.behave(raises_at("boom()"));
  const MinimalSequence minimal = r.reduce({0, 1});
  EXPECT_EQ(minimal.statements[0].source.find(';'), std::string::npos);
  EXPECT_EQ(minimal.statements[0].source.size(), 1U);
}

TEST(MinimiseStatements, RunsNothingThatDoesNotParse) {
  Reducing r({{"a = 1\nb = 2"}, {"assert a == 2"}}, 1, [](const std::string& source) {
    CellFacts facts = SmallLanguage::facts(source);
    if (source.find("b = 2") == std::string::npos && source.find("assert") == std::string::npos)
      facts.problem = "invalid syntax";
    return facts;
  });
  EXPECT_THAT(sources_of(r.reduce({0, 1})), ElementsAre("a = 1\nb = 2", "assert a == 2"));
  for (std::size_t i = r.before; i < r.runner.trials().size(); ++i)
    EXPECT_THAT(r.runner.trials()[i].executions.front().source, HasSubstr("b = 2"));
}

/// Random cells in which names depend on each other, with a crash at the end.
std::vector<SmallCell> random_statements(std::mt19937& random) {
  std::vector<SmallCell> cells;
  std::vector<std::string> names{"n0"};
  const auto any = [&] { return names[random() % names.size()]; };
  for (int cell = 0; cell < 4; ++cell) {
    std::string source = cell == 0 ? "n0 = 1" : "";
    for (unsigned i = 0; i < 2 + random() % 5; ++i) {
      const std::string name = "n" + std::to_string(names.size());
      if (!source.empty()) source += "\n";
      switch (random() % 4) {
        case 0:
          source += any() + "[k] = " + any();
          break;
        default:
          source += name + " = " + any() + " + " + any();
          names.push_back(name);
      }
    }
    cells.push_back({source});
  }
  cells.push_back({"last = " + any() + "\nassert " + any() + " == 0\nafter = 1"});
  return cells;
}

/// `source` without one of its lines.
std::string without_line(const std::string& source, int line) {
  std::string result;
  int at = 0;
  std::size_t begin = 0;
  while (begin <= source.size()) {
    const std::size_t end = std::min(source.find('\n', begin), source.size());
    if (at++ != line) result += source.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return result;
}

TEST(MinimiseStatements, LeavesNoStatementThatCouldGoAlone) {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    Reducing r(random_statements(random), 1 + round % 3);
    if (round % 2 == 1) r.runner.shuffle_answers(static_cast<unsigned>(round));
    const MinimalSequence minimal = r.reduce({0, 1, 2, 3, 4});
    ASSERT_TRUE(minimal.statements_complete);
    ASSERT_TRUE(r.crashes_alike(r.result_trial));
    for (Execution& execution : r.result_trial.executions) {
      const std::string whole = execution.source;
      const auto lines = static_cast<int>(std::count(whole.begin(), whole.end(), '\n')) + 1;
      for (int line = 0; line < lines && !whole.empty(); ++line) {
        execution.source = without_line(whole, line);
        EXPECT_FALSE(r.crashes_alike(r.result_trial)) << "round " << round << ": " << whole;
      }
      execution.source = whole;
    }
  }
}

}  // namespace
}  // namespace nbreplay::test
