// Limits that the kernel keeps, in a sandbox. Skipped, with the reason, where no control group can
// be made.
#include "process/control_group.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nbreplay/process/sandbox.h"

#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using process::ControlGroups;
using testing::HasSubstr;

class ControlGroupTest : public RunnerTest {
 protected:
  void SetUp() override {
    const auto found = ControlGroups::find();
    if (!found) GTEST_SKIP() << found.error().message << ": " << found.error().cause;
    groups_ = *found;
    const auto facts = process::probe_sandbox(settings_.installation);
    ASSERT_TRUE(facts) << facts.error().message;
    if (!facts->sandboxed) GTEST_SKIP() << "no sandbox: " << facts->missing.front().why;
    settings_.sandbox.emplace();
    settings_.confined = true;
  }

  /// Groups of this process that are there now, in all hierarchies.
  [[nodiscard]] std::vector<std::string> own_groups() const {
    std::vector<std::string> names;
    const std::string prefix = "nbreplay-" + std::to_string(::getpid()) + "-";
    for (const Path& place : groups_->places())
      for (const auto& entry : std::filesystem::directory_iterator(place))
        if (const std::string name = entry.path().filename().string();
            name.starts_with(prefix) && !name.ends_with("-self"))
          names.push_back(name);
    return names;
  }

  void expect_memory(const Outcome& outcome, const char* detail) {
    ASSERT_TRUE(std::holds_alternative<LimitExceeded>(outcome.termination))
        << describe(outcome.termination);
    const auto& limit = std::get<LimitExceeded>(outcome.termination);
    EXPECT_EQ(limit.resource, Resource::kMemory);
    EXPECT_THAT(limit.detail, HasSubstr(detail));
  }

  std::shared_ptr<const ControlGroups> groups_;
};

TEST_F(ControlGroupTest, MemoryThatNoWatchCountsIsTheKernelsToLimit) {
  // Files without a name belong to no process's own memory.
  Trial made = trial(
      {"print('so far')",
       "import os\nf = os.memfd_create('m')\nwhile True:\n    os.write(f, b'x' * (1 << 20))"});
  made.limits.memory = mib(300);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "completed interrupted");
  expect_memory(outcome, "ended by the kernel");
  EXPECT_THAT(outputs(outcome, 0), HasSubstr("so far"));
  EXPECT_THAT(own_groups(), testing::IsEmpty());
}

TEST_F(ControlGroupTest, WhatGrowsAtOnceIsStopped) {
  Trial made = trial({"x = bytearray(3 << 30)"});
  made.limits.memory = mib(300);
  expect_memory(run(std::move(made)), "of 300 MiB");
}

TEST_F(ControlGroupTest, FilesInMemoryCount) {
  Trial made = trial(
      {"n = 0\nwhile True:\n    open('/dev/shm/f%d' % n, 'wb').write(b'x' * (1 << 20)); n += 1"});
  made.limits.memory = mib(300);
  expect_memory(run(std::move(made)), "ended by the kernel");
}

TEST_F(ControlGroupTest, AChildThatIsEndedForMemoryEndsTheRun) {
  for (const std::string look : {"", ", check=True"}) {
    Trial made = trial(
        {"import subprocess, sys\nsubprocess.run([sys.executable, '-c', '''\n"
         "import os\nf = os.memfd_create('m')\nwhile True: os.write(f, b'x' * (1 << 20))''']" +
         look + ")"});
    made.limits.memory = mib(300);
    expect_memory(run(std::move(made)), "ended by the kernel");
  }
}

TEST_F(ControlGroupTest, SigkillForAnotherReasonIsNoLimit) {
  const Outcome outcome = run_cells({"import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"});
  ASSERT_TRUE(std::holds_alternative<Signaled>(outcome.termination))
      << describe(outcome.termination);
  EXPECT_EQ(std::get<Signaled>(outcome.termination).signal, SIGKILL);
}

TEST_F(ControlGroupTest, ABranchThatUsesUpTheMemoryIsRunFreshAndItsTreeLives) {
  settings_.snapshot_memory = mib(400);
  settings_.snapshot_every_cell = true;
  const auto one = runner();
  const std::string hog =
      "import os\nf = os.memfd_create('m')\nwhile True:\n    os.write(f, b'x' * (1 << 20))";
  const auto answer = [&](const std::vector<std::string>& sources) {
    Trial made = trial(sources);
    made.limits.memory = mib(300);
    made.keep_outputs = false;
    one->submit(std::move(made), Freshness::kAny, {});
    auto got = one->wait({});
    EXPECT_TRUE(got && *got);
    return std::move(**got);
  };
  EXPECT_TRUE(answer({"a = 1", "b = 2", "c = 3"}).outcome.finished);
  const Answer hogged = answer({"a = 1", "b = 2", hog});
  EXPECT_EQ(hogged.origin, Origin::kFresh);
  expect_memory(hogged.outcome, "of 300 MiB: ended by the kernel");
  const Answer after = answer({"a = 1", "b = 2", "assert a + b == 3"});
  EXPECT_TRUE(after.outcome.finished) << describe(after.outcome.termination);
  EXPECT_EQ(after.origin, Origin::kBranched);
}

TEST_F(ControlGroupTest, NothingIsLeftOfAGroupThatWasKilled) {
  auto group = groups_->make({mib(64), 50});
  ASSERT_TRUE(group) << group.error().message;
  auto doors = (*group)->doors();
  ASSERT_TRUE(doors) << doors.error().message;
  const pid_t child = ::fork();
  if (child == 0) {
    for (const auto& door : *doors)
      if (::write(door.get(), "0", 1) != 1) ::_exit(1);
    for (int i = 0; i < 5; ++i) ::fork();
    for (;;) ::pause();
  }
  while (std::filesystem::exists("/proc/" + std::to_string(child))) {
    (*group)->kill();
    if (::waitpid(child, nullptr, WNOHANG) == child) break;
  }
  while (!(*group)->remove()) ::usleep(1000);
  EXPECT_THAT(own_groups(), testing::IsEmpty());
}

TEST_F(ControlGroupTest, TheProbeNamesIt) {
  const auto facts = process::probe_sandbox(settings_.installation);
  ASSERT_TRUE(facts);
  EXPECT_THAT(facts->layers, testing::Contains("memory limit by control group"));
  EXPECT_THAT(own_groups(), testing::IsEmpty());
}

}  // namespace
}  // namespace nbreplay::test
