#include "nbreplay/trial/cached_runner.h"

#include <gtest/gtest.h>

#include <csignal>

#include "support/fake_runner.h"

namespace nbreplay {
namespace {

class MemoryCache final : public TrialCache {
 public:
  std::optional<Outcome> find(const std::string& key) override {
    ++asked;
    const auto found = outcomes.find(key);
    return found == outcomes.end() ? std::nullopt : std::optional(found->second);
  }
  void store(const std::string& key, const Outcome& outcome, Origin origin) override {
    outcomes[key] = outcome;
    origins.push_back(origin);
  }

  std::map<std::string, Outcome> outcomes;
  std::vector<Origin> origins;
  std::size_t asked = 0;
};

Trial one_cell(const std::string& source) {
  Trial trial;
  trial.executions = {{0, "", source, false}};
  return trial;
}

Outcome completes(const Trial& trial) {
  return test::play(trial, [](std::size_t) { return std::nullopt; });
}

Answer answer_of(TrialRunner& runner) {
  auto answer = runner.wait();
  EXPECT_TRUE(answer && *answer);
  return answer && *answer ? std::move(**answer) : Answer{};
}

class CachedRunnerTest : public testing::Test {
 protected:
  MemoryCache cache;
  Termination termination = Exited{0};
  test::FakeRunner inner{[this](const Trial& trial) {
    Outcome outcome = completes(trial);
    outcome.termination = termination;
    return outcome;
  }};
  CachedRunner runner{inner, cache, "worker 1"};
};

TEST_F(CachedRunnerTest, TellsOnceWhatItStoredOfAProject) {
  auto project = std::make_shared<Project>();
  project->root = "/project";
  Trial within = one_cell("x");
  within.project = project;
  runner.submit(within, Freshness::kAny);
  runner.submit(one_cell("y"), Freshness::kAny);
  for (int i = 0; i < 2; ++i) answer_of(runner);
  const std::vector<std::string> keys = runner.take_stored("/project");
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_TRUE(cache.outcomes.contains(keys[0]));
  EXPECT_TRUE(runner.take_stored("/project").empty());
}

TEST_F(CachedRunnerTest, AnswersTheSameTrialFromTheCache) {
  runner.submit(one_cell("x"), Freshness::kAny);
  EXPECT_EQ(answer_of(runner).origin, Origin::kWarm);
  const TrialId again = runner.submit(one_cell("x"), Freshness::kAny);
  const Answer answer = answer_of(runner);
  EXPECT_EQ(answer.origin, Origin::kCached);
  EXPECT_EQ(answer.id, again);
  EXPECT_EQ(inner.trials().size(), 1U);
}

TEST_F(CachedRunnerTest, RunsAnotherTrial) {
  runner.submit(one_cell("x"), Freshness::kAny);
  answer_of(runner);
  runner.submit(one_cell("y"), Freshness::kAny);
  EXPECT_EQ(answer_of(runner).origin, Origin::kWarm);
}

TEST_F(CachedRunnerTest, NeverAnswersAFreshTrialFromTheCache) {
  runner.submit(one_cell("x"), Freshness::kAny);
  answer_of(runner);
  runner.submit(one_cell("x"), Freshness::kFresh);
  EXPECT_EQ(answer_of(runner).origin, Origin::kFresh);
  EXPECT_EQ(inner.trials().size(), 2U);
}

TEST_F(CachedRunnerTest, StoresWhatAFreshTrialAnswered) {
  runner.submit(one_cell("x"), Freshness::kFresh);
  answer_of(runner);
  runner.submit(one_cell("x"), Freshness::kAny);
  EXPECT_EQ(answer_of(runner).origin, Origin::kCached);
  EXPECT_EQ(cache.origins, std::vector<Origin>{Origin::kFresh});
}

TEST_F(CachedRunnerTest, NeverAnswersAWatchedTrialFromTheCache) {
  runner.submit(one_cell("x"), Freshness::kAny);
  answer_of(runner);
  std::size_t started = 0;
  TrialEvents events;
  events.cell_started = [&](std::size_t) { ++started; };
  runner.submit(one_cell("x"), Freshness::kAny, events);
  EXPECT_EQ(answer_of(runner).origin, Origin::kWarm);
  EXPECT_EQ(started, 1U);
}

TEST_F(CachedRunnerTest, TakesNoAnswerOfAnotherWorker) {
  runner.submit(one_cell("x"), Freshness::kAny);
  answer_of(runner);
  CachedRunner other(inner, cache, "worker 2");
  other.submit(one_cell("x"), Freshness::kAny);
  EXPECT_EQ(answer_of(other).origin, Origin::kWarm);
}

TEST_F(CachedRunnerTest, StoresNothingThatALimitEnded) {
  termination = TimedOut{};
  runner.submit(one_cell("x"), Freshness::kAny);
  answer_of(runner);
  EXPECT_TRUE(cache.outcomes.empty());
}

TEST_F(CachedRunnerTest, CancelsCachedAndRunningTrials) {
  runner.submit(one_cell("x"), Freshness::kAny);
  answer_of(runner);
  const TrialId cached = runner.submit(one_cell("x"), Freshness::kAny);
  const TrialId running = runner.submit(one_cell("y"), Freshness::kAny);
  runner.cancel(cached);
  runner.cancel(running);
  const auto answer = runner.wait();
  ASSERT_TRUE(answer);
  EXPECT_FALSE(*answer);
  EXPECT_EQ(inner.cancelled(), 1U);
}

TEST_F(CachedRunnerTest, KeepsItsOwnIdsApartFromTheInnerOnes) {
  runner.submit(one_cell("x"), Freshness::kAny);
  answer_of(runner);
  const TrialId cached = runner.submit(one_cell("x"), Freshness::kAny);
  const TrialId running = runner.submit(one_cell("y"), Freshness::kAny);
  EXPECT_EQ(answer_of(runner).id, cached);
  EXPECT_EQ(answer_of(runner).id, running);
}

TEST_F(CachedRunnerTest, PassesTroubleOn) {
  runner.submit(one_cell("x"), Freshness::kAny);
  inner.fail_with(Error{ErrorCode::kEnvironment, "no worker", "", ""});
  EXPECT_FALSE(runner.wait());
}

TEST(IsStorable, OnlyWhatEndedOnItsOwn) {
  const auto ended = [](Termination termination) {
    Outcome outcome;
    outcome.termination = std::move(termination);
    return outcome;
  };
  EXPECT_TRUE(is_storable(ended(Exited{0})));
  EXPECT_TRUE(is_storable(ended(Exited{3})));
  EXPECT_TRUE(is_storable(ended(Signaled{SIGSEGV})));
  EXPECT_FALSE(is_storable(ended(Signaled{SIGKILL})));
  EXPECT_FALSE(is_storable(ended(TimedOut{})));
  EXPECT_FALSE(is_storable(ended(LimitExceeded{})));
  EXPECT_FALSE(is_storable(ended(Killed{})));
  EXPECT_FALSE(is_storable(ended(SetupFailed{})));
}

TEST(IsStorable, NothingThatALimitOrAChangedEnvironmentTouched) {
  Outcome outcome;
  outcome.termination = Exited{0};
  outcome.cells.resize(1);
  Raised raised;
  raised.caused_by_limit = true;
  outcome.cells[0].end = raised;
  EXPECT_FALSE(is_storable(outcome));
  raised.caused_by_limit = false;
  outcome.cells[0].end = raised;
  EXPECT_TRUE(is_storable(outcome));
  outcome.environment_change = "numpy added";
  EXPECT_FALSE(is_storable(outcome));
}

}  // namespace
}  // namespace nbreplay
