#include "nbreplay/process/snapshot_selftest.h"

#include <gmock/gmock.h>

#include <deque>
#include <set>

#include "process/snapshot_probes.h"

namespace nbreplay::process {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Answers each trial as a real runner would whose cells say "0", "1", "2"; a test changes answers.
class ScriptedRunner final : public TrialRunner {
 public:
  std::function<void(const Trial&, Freshness, Answer&)> change = [](auto&&...) {};
  std::size_t asked = 0;

  TrialId submit(Trial trial, Freshness freshness, TrialEvents) override {
    waiting_.push_back({std::move(trial), freshness});
    return ++last_;
  }
  Result<std::optional<Answer>> wait(std::optional<TimePoint>) override {
    const auto [trial, freshness] = std::move(waiting_.front());
    waiting_.pop_front();
    ++asked;
    Answer answer;
    answer.id = last_;
    // The first trial that may be branched has nothing to branch from.
    const bool first = freshness == Freshness::kAny && prefixes_.insert(source(trial)).second;
    answer.origin = freshness == Freshness::kFresh ? Origin::kFresh
                    : first                        ? Origin::kWarm
                                                   : Origin::kBranched;
    for (std::size_t i = 0; i < trial.executions.size(); ++i) {
      CellOutcome cell;
      cell.position = i;
      cell.end = says("Said", std::to_string(i));
      answer.outcome.cells.push_back(cell);
    }
    answer.outcome.termination = Exited{0};
    change(trial, freshness, answer);
    return std::optional<Answer>(std::move(answer));
  }
  void cancel(TrialId) override {}
  std::size_t jobs() const override { return 1; }

  static Raised says(const std::string& type, const std::string& message) {
    Raised raised;
    raised.crash.type = type;
    raised.crash.message = message;
    return raised;
  }
  static const std::string& source(const Trial& trial) { return trial.executions.front().source; }
  static bool forced(const Trial& trial) {
    return source(trial).find("fork_safety") != std::string::npos;
  }
  static std::string last_source(const Trial& trial) { return trial.executions.back().source; }

 private:
  std::deque<std::pair<Trial, Freshness>> waiting_;
  std::set<std::string> prefixes_;
  TrialId last_ = 0;
};

class SnapshotSelftest : public ::testing::Test {
 protected:
  SnapshotSelftest() {
    Environment environment;
    environment.packages = {{"numpy", "2.0"}, {"tensorflow-cpu", "2.21"}};
    settings_.environment = std::make_shared<const Environment>(environment);
    settings_.project = std::make_shared<const Project>();
    settings_.repeats = 2;
    settings_.only = "sqlite3";
  }
  ProbeResult probe() {
    auto results = snapshot_selftest(runner_, settings_);
    EXPECT_TRUE(results.has_value());
    EXPECT_THAT(*results, SizeIs(1));
    return results->front();
  }

  ScriptedRunner runner_;
  SnapshotSelftestSettings settings_;
};

TEST_F(SnapshotSelftest, CallsABranchSafeThatComputesWhatFreshProcessesDo) {
  const ProbeResult result = probe();
  EXPECT_EQ(result.verdict, ProbeVerdict::kSafe) << result.detail;
  EXPECT_EQ(result.children, 2U);
  EXPECT_EQ(result.grandchildren, 2U);
}

TEST_F(SnapshotSelftest, FindsAWrongGrandchild) {
  runner_.change = [](const Trial& trial, Freshness, Answer& answer) {
    if (ScriptedRunner::last_source(trial).find("grandchild 1") != std::string::npos)
      answer.outcome.cells.back().end = ScriptedRunner::says("Said", "9");
  };
  const ProbeResult result = probe();
  EXPECT_EQ(result.verdict, ProbeVerdict::kUnsafe);
  EXPECT_EQ(result.wrong, 1U);
  EXPECT_EQ(result.children, 2U);
  EXPECT_EQ(result.grandchildren, 1U);
  EXPECT_THAT(result.detail, AllOf(HasSubstr("grandchild 1"), HasSubstr("9"), HasSubstr("2")));
}

TEST_F(SnapshotSelftest, CountsABranchAsLostThatWasRunAgainFresh) {
  runner_.change = [](const Trial&, Freshness freshness, Answer& answer) {
    if (freshness == Freshness::kAny && answer.origin == Origin::kBranched)
      answer.origin = Origin::kFresh;
  };
  const ProbeResult result = probe();
  EXPECT_EQ(result.verdict, ProbeVerdict::kUnsafe);
  EXPECT_EQ(result.lost, 1U);
}

TEST_F(SnapshotSelftest, TellsWhyALibraryIsTainted) {
  runner_.change = [](const Trial&, Freshness freshness, Answer& answer) {
    if (freshness == Freshness::kAny) answer.outcome.taints = {{0, "x: 2 threads"}};
  };
  const ProbeResult result = probe();
  EXPECT_EQ(result.verdict, ProbeVerdict::kTainted);
  EXPECT_THAT(result.hazards, ElementsAre("x: 2 threads"));
  EXPECT_EQ(result.children, 0U);
  EXPECT_EQ(result.forced, 0U);
}

TEST_F(SnapshotSelftest, TaintsALibraryThatForbidsAForkOnlyInTheChild) {
  runner_.change = [](const Trial& trial, Freshness, Answer& answer) {
    if (ScriptedRunner::last_source(trial).find("goes on") != std::string::npos)
      answer.outcome.taints = {{1, "x: pool"}};
  };
  const ProbeResult result = probe();
  EXPECT_EQ(result.verdict, ProbeVerdict::kTainted);
  EXPECT_THAT(result.hazards, ElementsAre("x: pool"));
  EXPECT_EQ(result.children, 1U);

  const auto taint = runner_.change;
  runner_.change = [&](const Trial& trial, Freshness freshness, Answer& answer) {
    taint(trial, freshness, answer);
    if (!answer.outcome.taints.empty())
      answer.outcome.cells[1].end = ScriptedRunner::says("Said", "9");
  };
  EXPECT_EQ(probe().verdict, ProbeVerdict::kUnsafe);
}

TEST_F(SnapshotSelftest, ForksATaintedLibraryWhenAsked) {
  settings_.try_tainted = true;
  runner_.change = [](const Trial& trial, Freshness freshness, Answer& answer) {
    if (freshness == Freshness::kAny && !ScriptedRunner::forced(trial))
      answer.outcome.taints = {{0, "x: 2 threads"}};
  };
  ProbeResult result = probe();
  EXPECT_EQ(result.verdict, ProbeVerdict::kTainted);
  EXPECT_EQ(result.forced, 3U);
  EXPECT_EQ(result.forced_failed, 0U);

  const auto taints = runner_.change;
  runner_.change = [&](const Trial& trial, Freshness freshness, Answer& answer) {
    taints(trial, freshness, answer);
    if (ScriptedRunner::forced(trial)) answer.origin = Origin::kFresh;
  };
  result = probe();
  EXPECT_EQ(result.forced, 1U);
  EXPECT_EQ(result.forced_failed, 1U);
  EXPECT_THAT(result.hazards, ElementsAre("x: 2 threads"));
}

TEST_F(SnapshotSelftest, SaysThatALibraryIsUnusableWithoutForking) {
  runner_.change = [](const Trial&, Freshness, Answer& answer) {
    answer.outcome.cells.front().end = ScriptedRunner::says("ImportError", "no such thing");
  };
  const ProbeResult result = probe();
  EXPECT_EQ(result.verdict, ProbeVerdict::kUnusable);
  EXPECT_EQ(result.detail, "ImportError: no such thing");
  EXPECT_EQ(runner_.asked, 1U);
}

TEST_F(SnapshotSelftest, SaysNothingOfALibraryThatIsNeverTheSame) {
  runner_.change = [this](const Trial&, Freshness, Answer& answer) {
    answer.outcome.cells.back().end = ScriptedRunner::says("Said", std::to_string(runner_.asked));
  };
  EXPECT_EQ(probe().verdict, ProbeVerdict::kNotRepeatable);
}

TEST_F(SnapshotSelftest, KnowsPackagesByTheirVariants) {
  settings_.only = "tensorflow: imported only";
  EXPECT_THAT(probe().packages,
              ElementsAre(Field("name", &PackageVersion::name, "tensorflow-cpu")));
  settings_.only = "polars: imported only";
  const std::size_t before = runner_.asked;
  EXPECT_EQ(probe().verdict, ProbeVerdict::kNotInstalled);
  EXPECT_EQ(runner_.asked, before);
}

TEST_F(SnapshotSelftest, StopsWhenAsked) {
  StopRequest stop;
  settings_.only.clear();
  settings_.stop = &stop;
  settings_.started = [&](std::string_view) { stop.request(StopRequest::Reason::kInterrupt); };
  EXPECT_THAT(*snapshot_selftest(runner_, settings_), IsEmpty());
}

TEST(SnapshotProbes, DefineWhatIsUsedAndHaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const auto& group : {system_probes(), numeric_probes(), learning_probes(), data_probes()}) {
    for (const SnapshotProbe& probe : group) {
      EXPECT_TRUE(names.insert(probe.name).second) << probe.name;
      EXPECT_THAT(std::string(probe.source), HasSubstr("def use():")) << probe.name;
    }
  }
}

}  // namespace
}  // namespace nbreplay::process
