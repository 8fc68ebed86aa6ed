// The part of `nbreplay doctor --snapshots` that every environment has: real forks of real workers.
#include "nbreplay/process/snapshot_selftest.h"

#include <gmock/gmock.h>

#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using process::snapshot_selftest;
using process::SnapshotSelftestSettings;

struct Expected {
  std::string probe;
  ProbeVerdict verdict;
  std::string hazard;
};

void PrintTo(const Expected& expected, std::ostream* out) {
  *out << expected.probe;
}

class SnapshotSelftest : public RunnerTest, public ::testing::WithParamInterface<Expected> {};

TEST_P(SnapshotSelftest, ForksWhatIsSafeAndTaintsTheRest) {
  settings_.snapshot_memory = gib(1);
  settings_.snapshot_every_cell = true;
  const auto one = runner();
  SnapshotSelftestSettings settings;
  settings.environment = environment_;
  settings.project = trial({""}).project;
  settings.repeats = 2;
  settings.only = GetParam().probe;
  const auto results = snapshot_selftest(*one, settings);
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_EQ(results->size(), 1U);
  const ProbeResult& result = results->front();
  EXPECT_EQ(to_string(result.verdict), to_string(GetParam().verdict)) << result.detail;
  if (GetParam().verdict == ProbeVerdict::kSafe) {
    EXPECT_EQ(result.grandchildren, 2U);
    EXPECT_THAT(result.hazards, ::testing::IsEmpty());
  } else {
    EXPECT_THAT(result.hazards, ::testing::Contains(::testing::HasSubstr(GetParam().hazard)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Probes, SnapshotSelftest,
    ::testing::Values(Expected{"sqlite3", ProbeVerdict::kSafe, ""},
                      Expected{"thread pool: closed again", ProbeVerdict::kSafe, ""},
                      Expected{"multiprocessing: closed again", ProbeVerdict::kSafe, ""},
                      Expected{"lock of multiprocessing", ProbeVerdict::kSafe, ""},
                      Expected{"pipe", ProbeVerdict::kSafe, ""},
                      Expected{"child process: over", ProbeVerdict::kSafe, ""},
                      Expected{"open file", ProbeVerdict::kSafe, ""},
                      Expected{"seeded random numbers", ProbeVerdict::kSafe, ""},
                      Expected{"thread pool: live", ProbeVerdict::kTainted, "2 threads (Thread"},
                      Expected{"asyncio: executor", ProbeVerdict::kTainted, "1 thread ("},
                      Expected{"asyncio: unfinished", ProbeVerdict::kTainted, "unfinished task"},
                      Expected{"multiprocessing: live", ProbeVerdict::kTainted, "child process"},
                      Expected{"shared memory", ProbeVerdict::kTainted, "shared memory"},
                      Expected{"socket", ProbeVerdict::kTainted, "open socket"},
                      Expected{"alarm", ProbeVerdict::kTainted, "interval timer"}),
    [](const auto& probe) {
      std::string name = probe.param.probe;
      std::erase_if(name, [](char c) { return c == ' ' || c == ':'; });
      return name;
    });

}  // namespace
}  // namespace nbreplay::test
