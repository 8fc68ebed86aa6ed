#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>
#include <random>

#include "diagnosis/minimise.h"
#include "support/fake_clock.h"
#include "support/fake_runner.h"
#include "support/property_rounds.h"
#include "support/small_language.h"
#include "support/small_notebook.h"

namespace nbreplay::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Overrules the origins that a FakeRunner gives, and may replace the outcome of a trial that is
/// not fresh.
class OriginRunner final : public TrialRunner {
 public:
  explicit OriginRunner(FakeRunner& inner) : inner_(inner) {}

  std::function<Origin(const Trial&)> origin_of = [](const Trial&) { return Origin::kBranched; };
  std::function<std::optional<Outcome>(const Trial&)> branch_ends = [](const Trial&) {
    return std::nullopt;
  };

  TrialId submit(Trial trial, Freshness freshness, TrialEvents events = {}) override {
    const TrialId id = inner_.submit(trial, freshness, std::move(events));
    if (freshness == Freshness::kAny) any_.emplace(id, std::move(trial));
    return id;
  }
  Result<std::optional<Answer>> wait(std::optional<TimePoint> deadline = {}) override {
    auto answer = inner_.wait(deadline);
    if (!answer || !*answer) return answer;
    const auto found = any_.find((*answer)->id);
    if (found == any_.end()) return answer;
    (*answer)->origin = origin_of(found->second);
    if (auto outcome = branch_ends(found->second)) (*answer)->outcome = *std::move(outcome);
    return answer;
  }
  void cancel(TrialId id) override { inner_.cancel(id); }
  [[nodiscard]] std::size_t jobs() const override { return inner_.jobs(); }

 private:
  FakeRunner& inner_;
  std::map<TrialId, Trial> any_;
};

/// Requests a stop once so many trials have finished; remembers the sizes it was told.
class Watcher final : public Observer {
 public:
  explicit Watcher(StopRequest& stop) : stop_(stop) {}
  void stop_after(std::size_t trials) { stop_after_ = trials; }
  void trial_finished(const Trial&, const Outcome&, Origin) override {
    if (++finished_ == stop_after_) stop_.request(StopRequest::Reason::kInterrupt);
  }
  void size(std::size_t current, std::size_t initial) override {
    sizes.emplace_back(current, initial);
  }

  std::vector<std::pair<std::size_t, std::size_t>> sizes;

 private:
  StopRequest& stop_;
  std::size_t stop_after_ = 0;
  std::size_t finished_ = 0;
};

/// A notebook in the small language and all that minimising its executions takes.
class Minimising {
 public:
  explicit Minimising(const std::vector<SmallCell>& cells, std::size_t jobs = 1)
      : notebook(small_notebook(cells)),
        facts(small_facts(notebook)),
        runner([this](const Trial& trial) { return play_trial(trial); }, jobs) {
    runner.use_stop(stop);
  }

  /// What trials do, instead of what the small language says.
  void behave(FakeRunner::Oracle oracle) { play_trial = std::move(oracle); }

  MinimalSequence minimise(const ExecutionOrder& order) { return minimise(order, runner); }

  MinimalSequence minimise(const ExecutionOrder& order, TrialRunner& through) {
    const Services services{through, fact_source, clock, stop, watcher};
    Investigation investigation(notebook, facts, std::make_shared<Environment>(),
                                std::make_shared<Project>(), services, settings, clock.now());
    base.order = order;
    base.observed = crash_of(play_trial(investigation.trial(order)));
    return minimise_cells(investigation, base);
  }

  /// How a run of `order` compares with R0's crash.
  bool crashes_alike(const ExecutionOrder& order) {
    const Services services{runner, fact_source, clock, stop, watcher};
    Investigation investigation(notebook, facts, std::make_shared<Environment>(),
                                std::make_shared<Project>(), services, settings, clock.now());
    const Trial trial = trial_like(investigation, base, order);
    return std::holds_alternative<Same>(judge(trial, play_trial(trial), base.observed, Level::kA));
  }

  Notebook notebook;
  std::vector<CellFacts> facts;
  FakeRunner::Oracle play_trial = SmallLanguage::run;
  FakeRunner runner;
  FakeFactSource fact_source{SmallLanguage::facts};
  FakeClock clock;
  StopRequest stop;
  Watcher watcher{stop};
  InvestigationSettings settings;
  BaseRun base;

 private:
  static Crash crash_of(const Outcome& outcome) {
    for (auto it = outcome.cells.rbegin(); it != outcome.cells.rend(); ++it)
      if (const auto* raised = std::get_if<Raised>(&it->end)) return raised->crash;
    ADD_FAILURE() << "R0 does not crash";
    return {};
  }
};

std::vector<ExecutionOrder> orders_of(const std::vector<Trial>& trials) {
  std::vector<ExecutionOrder> orders;
  for (const Trial& trial : trials) {
    ExecutionOrder& order = orders.emplace_back();
    for (const Execution& execution : trial.executions) order.push_back(execution.cell);
  }
  return orders;
}

TEST(MinimiseCells, TestsTheSliceAndCertifiesEachExecution) {
  Minimising m({{"a = 1"}, {"b = 2"}, {"c = a"}, {"d = b"}, {"assert c == 2"}});
  const MinimalSequence minimal = m.minimise({0, 1, 2, 3, 4});
  EXPECT_THAT(minimal.order, ElementsAre(0, 2, 4));
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
  EXPECT_THAT(orders_of(m.runner.trials()),
              ElementsAre(ExecutionOrder{0, 2, 4}, ExecutionOrder{0, 4}, ExecutionOrder{2, 4}));
  EXPECT_EQ(minimal.queries, 3U);
  EXPECT_EQ(minimal.certified.of, 2U);
  EXPECT_THAT(minimal.may_fail, ElementsAre(false, false, false));
  EXPECT_EQ(m.watcher.sizes.back(), std::make_pair(std::size_t{3}, std::size_t{5}));
}

TEST(MinimiseCells, KeepsTheInPlaceChangeThatTheCrashNeeds) {
  Minimising m({{"d = 1"}, {"e = 1"}, {"d[a] = e"}, {"d[z] = 1"}, {"d[a]\nd[b]"}});
  const MinimalSequence minimal = m.minimise({0, 1, 2, 3, 4});
  EXPECT_THAT(minimal.order, ElementsAre(0, 1, 2, 4));
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
}

TEST(MinimiseCells, FindsDependenciesThatTheFactsDoNotShow) {
  Minimising m({{"d = 1"}, {"e = 1"}, {"d[a] = 1"}, {"d[a]\nd[b]"}});
  for (CellFacts& facts : m.facts) facts = {};
  const MinimalSequence minimal = m.minimise({0, 1, 2, 3});
  EXPECT_THAT(minimal.order, ElementsAre(0, 2, 3));
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
}

TEST(MinimiseCells, NeverRemovesTheLastExecution) {
  Minimising m({{"a = 1"}, {"raise ValueError"}});
  const MinimalSequence minimal = m.minimise({0, 1});
  EXPECT_THAT(minimal.order, ElementsAre(1));
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(minimal.certified.of, 0U);
}

TEST(MinimiseCells, HasNothingToDoForACellThatCrashesAlone) {
  Minimising m({{"raise ValueError"}});
  const MinimalSequence minimal = m.minimise({0});
  EXPECT_THAT(minimal.order, ElementsAre(0));
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(minimal.queries, 0U);
}

TEST(MinimiseCells, KeepsBothRunsOfACellThatCrashesTheSecondTime) {
  Minimising m({{"d = 1\nd[a] = 1"}, {"del d[a]", 3, "KeyError: 'a'"}});
  const MinimalSequence minimal = m.minimise({0, 1, 1});
  EXPECT_THAT(minimal.order, ElementsAre(0, 1, 1));
  EXPECT_THAT(minimal.may_fail, ElementsAre(false, true, false));
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
}

TEST(MinimiseCells, RunsOnceWhatLeavingOutEitherOfTwoEqualExecutionsGives) {
  Minimising m({{"a = 1"}, {"a = a"}, {"raise ValueError"}});
  // The last cell fails when the middle one ran twice.
  m.behave([](const Trial& trial) {
    std::size_t runs = 0;
    return play(trial, [&, runs](std::size_t position) mutable -> std::optional<Crash> {
      if (trial.executions[position].cell == 1) ++runs;
      if (trial.executions[position].cell != 2 || runs < 2) return std::nullopt;
      Crash crash;
      crash.type = crash.qualified_type = "ValueError";
      return crash;
    });
  });
  const MinimalSequence minimal = m.minimise({0, 1, 1, 2});
  EXPECT_THAT(minimal.order, ElementsAre(1, 1, 2));
  EXPECT_EQ(minimal.certified.of, 2U);
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
  std::vector<ExecutionOrder> orders = orders_of(m.runner.trials());
  EXPECT_EQ(minimal.queries, orders.size());
  std::sort(orders.begin(), orders.end());
  EXPECT_EQ(std::adjacent_find(orders.begin(), orders.end()), orders.end());
}

TEST(MinimiseCells, CountsCertifiedRemovalsByWhereTheirRunsCameFrom) {
  Minimising m({{"a = 1"}, {"b = a"}, {"c = b"}, {"assert c == 2"}});
  OriginRunner origins(m.runner);
  origins.origin_of = [](const Trial& trial) {
    const std::size_t first = trial.executions.front().cell;
    if (first == 1) return Origin::kFresh;
    return trial.executions[1].cell == 1 ? Origin::kCached : Origin::kBranched;
  };
  const MinimalSequence minimal = m.minimise({0, 1, 2, 3}, origins);
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(minimal.certified.fresh, 2U) << "what the cache said is run again";
  EXPECT_EQ(minimal.certified.cached, 0U);
  EXPECT_EQ(minimal.certified.branched, 1U);
  EXPECT_EQ(minimal.certified.of, 3U);
}

TEST(MinimiseCells, ClaimsNoMinimumOnTheWordOfTheCache) {
  Minimising m({{"a = 1"}, {"assert a == 2"}});
  OriginRunner origins(m.runner);
  origins.origin_of = [](const Trial&) { return Origin::kCached; };
  origins.branch_ends = [](const Trial& trial) -> std::optional<Outcome> {
    if (trial.executions.size() > 1) return std::nullopt;
    return play(trial, [](std::size_t) { return std::nullopt; });  // without cell 1 it passed
  };
  m.behave([](const Trial& trial) {
    return play(trial, [&](std::size_t position) -> std::optional<Crash> {
      if (trial.executions[position].cell != 1) return std::nullopt;
      Crash crash;
      crash.type = crash.qualified_type = "AssertionError";
      return crash;
    });
  });
  const MinimalSequence minimal = m.minimise({0, 1}, origins);
  EXPECT_THAT(minimal.order, ElementsAre(0, 1));
  EXPECT_EQ(minimal.guarantee, Guarantee::kNone);
}

TEST(MinimiseCells, RunsABranchThatDiedBySignalAgainInAFreshProcess) {
  Minimising m({{"a = 1"}, {"b = 1"}, {"assert a == 2"}});
  OriginRunner origins(m.runner);
  origins.branch_ends = [](const Trial&) {
    Outcome outcome;
    outcome.termination = Signaled{SIGSEGV};
    return outcome;
  };
  const MinimalSequence minimal = m.minimise({0, 1, 2}, origins);
  EXPECT_THAT(minimal.order, ElementsAre(0, 2));
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(minimal.certified.fresh, 1U);
  EXPECT_EQ(m.runner.fresh(), 2U);
  EXPECT_EQ(minimal.queries, 4U);  // the slice and one removal, each a branch and then fresh
}

TEST(MinimiseCells, ClaimsNothingForARemovalThatTimesOut) {
  Minimising m({{"a = 1"}, {"b = 1"}, {"assert a == 2"}});
  m.behave([](const Trial& trial) {
    Outcome outcome = SmallLanguage::run(trial);
    if (trial.executions.size() > 1) return outcome;
    outcome.cells.front().end = Interrupted{};
    outcome.termination = TimedOut{TimeLimit::kCell};
    outcome.finished = false;
    return outcome;
  });
  const MinimalSequence minimal = m.minimise({0, 1, 2});
  EXPECT_THAT(minimal.order, ElementsAre(0, 2));
  EXPECT_EQ(minimal.guarantee, Guarantee::kPartial);
  EXPECT_EQ(minimal.certified.fresh + minimal.certified.branched + minimal.certified.cached, 0U);
  EXPECT_EQ(minimal.certified.of, 1U);
}

TEST(MinimiseCells, ListsOtherCrashesButNotMissingDefinitions) {
  Minimising m({{"d = 1"}, {"d[a] = 1"}, {"d[a]\nd[b]"}});
  const MinimalSequence minimal = m.minimise({0, 1, 2});
  EXPECT_THAT(minimal.order, ElementsAre(0, 1, 2));
  ASSERT_THAT(minimal.slipped, SizeIs(1));
  EXPECT_EQ(minimal.slipped.front().type, "KeyError");
  EXPECT_EQ(minimal.slipped.front().message, "'a'");
}

TEST(MinimiseCells, CapsTheListOfOtherCrashes) {
  std::vector<SmallCell> cells = {{"d = 1"}};
  std::string last;
  for (const char key : std::string("abcdefghijkl")) {
    cells.push_back({std::string("d[") + key + "] = 1"});
    last += std::string("d[") + key + "]\n";
  }
  cells.push_back({last + "d[z]"});
  Minimising m(cells);
  ExecutionOrder order;
  for (std::size_t i = 0; i < cells.size(); ++i) order.push_back(i);
  const MinimalSequence minimal = m.minimise(order);
  EXPECT_EQ(minimal.order, order);
  EXPECT_THAT(minimal.slipped, SizeIs(8));
}

TEST(MinimiseCells, AStopKeepsTheBestAndTellsHowMuchIsCertified) {
  Minimising m({{"a = 1"}, {"b = 2"}, {"c = a"}, {"assert c == 2"}});
  m.watcher.stop_after(2);
  const MinimalSequence minimal = m.minimise({0, 1, 2, 3});
  EXPECT_THAT(minimal.order, ElementsAre(0, 2, 3));
  EXPECT_EQ(minimal.guarantee, Guarantee::kPartial);
  EXPECT_EQ(minimal.certified.branched, 1U);
  EXPECT_EQ(minimal.certified.of, 2U);
}

TEST(MinimiseCells, AStopBeforeAnyTrialEstablishesNothing) {
  Minimising m({{"a = 1"}, {"assert a == 2"}});
  m.stop.request(StopRequest::Reason::kInterrupt);
  const MinimalSequence minimal = m.minimise({0, 1});
  EXPECT_THAT(minimal.order, ElementsAre(0, 1));
  EXPECT_EQ(minimal.guarantee, Guarantee::kNone);
  EXPECT_THAT(m.runner.trials(), IsEmpty());
}

std::vector<SmallCell> random_cells(std::mt19937& random) {
  const auto name = [&] { return std::string(1, "abcd"[random() % 4]); };
  const auto key = [&] { return std::string(1, "xyz"[random() % 3]); };
  std::vector<SmallCell> cells;
  for (const char c : std::string("abcd")) cells.push_back({std::string(1, c) + " = 1"});
  for (std::size_t i = 0; i < 4 + random() % 8; ++i) {
    switch (random() % 5) {
      case 0:
        cells.push_back({name() + " = " + name() + " + " + name()});
        break;
      case 1:
        cells.push_back({name() + "[" + key() + "] = " + name()});
        break;
      case 2:
        cells.push_back({"del " + name() + "[" + key() + "]", {}, "KeyError: 'x'"});
        break;
      case 3:
        cells.push_back({name() + "[" + key() + "]", {}, "KeyError: 'x'"});
        break;
      default:
        cells.push_back({"del " + name(), {}, "NameError: x"});
    }
  }
  cells.push_back({name() + "[x]\n" + name() + "[y]\nassert " + name() + " == " + name() +
                   "\nraise ValueError"});
  return cells;
}

TEST(MinimiseCells, IsOneMinimalByBruteForceOnRandomNotebooks) {
  for (unsigned seed = 0; seed < property_rounds(300); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector<SmallCell> cells = random_cells(random);
    ExecutionOrder order;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      order.push_back(i);
      if (i + 1 < cells.size() && random() % 6 == 0) order.push_back(i);
    }
    Minimising m(cells, 1 + seed % 3);
    m.runner.shuffle_answers(seed);
    const MinimalSequence minimal = m.minimise(order);
    EXPECT_LE(m.runner.most_outstanding(), m.runner.jobs());
    EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
    EXPECT_EQ(minimal.certified.branched, minimal.order.size() - 1);
    EXPECT_TRUE(m.crashes_alike(minimal.order));
    for (std::size_t i = 0; i + 1 < minimal.order.size(); ++i) {
      ExecutionOrder shorter = minimal.order;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_FALSE(m.crashes_alike(shorter)) << "without execution " << i;
    }
  }
}

}  // namespace
}  // namespace nbreplay::test
