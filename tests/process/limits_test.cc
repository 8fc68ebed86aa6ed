// Ends that our limits bring about: never a crash of the notebook.
#include <gmock/gmock.h>

#include <thread>

#include "process/processes.h"
#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using LimitsTest = RunnerTest;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(LimitsTest, ACellThatTakesTooLongIsInterruptedAndItsOutputKept) {
  Trial made = trial({"1", "print('so far', flush=True)\nimport time\ntime.sleep(600)", "2"});
  made.limits.cell_timeout = seconds(1);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "completed interrupted not-reached");
  EXPECT_EQ(std::get<TimedOut>(outcome.termination).limit, TimeLimit::kCell);
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("so far"));
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("KeyboardInterrupt"));
}

TEST_F(LimitsTest, ACellThatAwaitsTooLongIsInterruptedToo) {
  Trial made = trial({"import asyncio\nprint('so far')\nawait asyncio.sleep(600)", "2"});
  made.limits.cell_timeout = seconds(1);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "interrupted not-reached");
  EXPECT_EQ(std::get<TimedOut>(outcome.termination).limit, TimeLimit::kCell);
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("CancelledError"));
}

TEST_F(LimitsTest, ACellThatIgnoresTheInterruptIsKilled) {
  Trial made =
      trial({"print('so far', flush=True)\nwhile True:\n    try:\n        while True: pass\n"
             "    except BaseException:\n        pass"});
  made.limits.cell_timeout = seconds(1);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "interrupted");
  EXPECT_EQ(std::get<TimedOut>(outcome.termination).limit, TimeLimit::kCell);
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("so far"));
}

TEST_F(LimitsTest, TheBudgetOfTheWholeRunEndsIt) {
  Trial made = trial({"print('one')", "import time\ntime.sleep(600)", "2"});
  made.limits.budget = seconds(2);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "completed interrupted not-reached");
  EXPECT_EQ(std::get<TimedOut>(outcome.termination).limit, TimeLimit::kBudget);
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("one"));
}

TEST_F(LimitsTest, AnExitHandlerThatHangsIsATimeOut) {
  settings_.finish_timeout = milliseconds(500);
  const Outcome outcome =
      run_cells({"import atexit, time\natexit.register(time.sleep, 600)\nprint('so far')"});
  EXPECT_EQ(ends(outcome), "completed");
  EXPECT_FALSE(outcome.finished);
  EXPECT_TRUE(std::holds_alternative<TimedOut>(outcome.termination));
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("so far"));
}

TEST_F(LimitsTest, MemoryErrorUnderAnAddressSpaceLimitIsMarkedAsOurs) {
  if (kAddressSanitizer)
    GTEST_SKIP() << "AddressSanitizer reserves more address space than any limit allows";
  Trial made = trial({"print('so far')\nx = bytearray(8 << 30)"});
  made.limits.address_space = gib(4);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "raised");
  EXPECT_EQ(crash_of(outcome, 0).type, "MemoryError");
  EXPECT_TRUE(std::get<Raised>(outcome.cells[0].end).caused_by_limit);
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("so far"));
}

TEST_F(LimitsTest, MemoryErrorWithoutALimitIsTheNotebooks) {
  const Outcome outcome = run_cells({"raise MemoryError()"});
  EXPECT_FALSE(std::get<Raised>(outcome.cells[0].end).caused_by_limit);
}

TEST_F(LimitsTest, TooMuchMemoryIsSeenAndNamed) {
  Trial made = trial({"print('so far')", "x = []\nwhile True:\n    x.append(bytearray(1 << 20))"});
  made.limits.memory = mib(300);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "completed interrupted");
  const auto& limit = std::get<LimitExceeded>(outcome.termination);
  EXPECT_EQ(limit.resource, Resource::kMemory);
  EXPECT_THAT(limit.detail, testing::HasSubstr("of 300 MiB"));
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("so far"));
}

TEST_F(LimitsTest, MemoryOfChildrenCounts) {
  Trial made =
      trial({"import subprocess, sys\nsubprocess.run([sys.executable, '-c', '''\n"
             "x = []\nwhile True: x.append(bytearray(1 << 20))'''])"});
  made.limits.memory = mib(300);
  EXPECT_EQ(std::get<LimitExceeded>(run(std::move(made)).termination).resource, Resource::kMemory);
}

TEST_F(LimitsTest, AFileThatGrowsBeyondTheLimitIsRefusedAndMarkedAsOurs) {
  // Grown without writing, so that the watch of the disk has nothing to see.
  Trial made = trial({"open('big', 'wb').truncate(64 << 20)"});
  made.limits.files_written = mib(8);
  const Outcome outcome = run(std::move(made));
  ASSERT_EQ(ends(outcome), "raised") << describe(outcome.termination);
  EXPECT_EQ(crash_of(outcome, 0).type, "OSError");
  EXPECT_TRUE(std::get<Raised>(outcome.cells[0].end).caused_by_limit);
}

TEST_F(LimitsTest, ManyFilesTogetherAreSeenAndNamed) {
  Trial made =
      trial({"print('so far', flush=True)\nn = 0\nwhile n < 200:\n"
             "    open('f%d' % n, 'wb').write(b'x' * (4 << 20)); n += 1\n"
             "import time\ntime.sleep(600)"});
  made.limits.files_written = mib(64);
  made.limits.cell_timeout = seconds(60);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "interrupted");
  ASSERT_TRUE(std::holds_alternative<LimitExceeded>(outcome.termination))
      << describe(outcome.termination);
  EXPECT_EQ(std::get<LimitExceeded>(outcome.termination).resource, Resource::kDisk);
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("so far"));
}

TEST_F(LimitsTest, LongOutputIsCutAndFlaggedAndTheRunGoesOn) {
  Trial made = trial({"for _ in range(3000):\n    print('x' * 1000)", "print('next')"});
  const Outcome outcome = run(std::move(made));
  EXPECT_TRUE(outcome.finished);
  EXPECT_TRUE(outcome.cells[0].output_truncated);
  EXPECT_LT(outputs(outcome, 0).size(), mib(2).count);
  EXPECT_FALSE(outcome.cells[1].output_truncated);
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("next"));
}

TEST_F(LimitsTest, AFloodOfOutputEndsTheRun) {
  settings_.flood = mib(16);
  const Outcome outcome = run_cells({"while True:\n    print('x' * 100000)"});
  EXPECT_EQ(ends(outcome), "interrupted");
  EXPECT_EQ(std::get<LimitExceeded>(outcome.termination).resource, Resource::kOutput);
  EXPECT_TRUE(outcome.cells[0].output_truncated);
}

TEST_F(LimitsTest, AFloodOfMessagesEndsTheRunToo) {
  settings_.flood = mib(16);
  Trial made = trial({"import _nbreplay\nwhile True:\n    _nbreplay.note(('x' * 100000,))"});
  made.limits.budget = seconds(60);
  const Outcome outcome = run(std::move(made));
  ASSERT_TRUE(std::holds_alternative<LimitExceeded>(outcome.termination))
      << describe(outcome.termination);
  EXPECT_EQ(std::get<LimitExceeded>(outcome.termination).resource, Resource::kOutput);
}

TEST_F(LimitsTest, DeathByTheFileSizeLimitIsOurDoing) {
  Trial made =
      trial({"import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
             "open('large', 'wb', 0).write(b'x' * (9 << 20))\n"
             "open('large', 'ab', 0).write(b'x')"});
  made.limits.files_written = mib(8);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "interrupted");
  ASSERT_TRUE(std::holds_alternative<LimitExceeded>(outcome.termination))
      << describe(outcome.termination);
  EXPECT_EQ(std::get<LimitExceeded>(outcome.termination).resource, Resource::kDisk);
}

TEST_F(LimitsTest, ATimeOutSeenTogetherWithTheEndOfItsCellDoesNotHitTheNextCell) {
  // While the controller is busy with another run, a cell ends and its time runs out. No cell shows
  // anything: it would wait for the controller.
  settings_.jobs = 2;
  const Path done = folder_.path() / "done";
  const auto one = runner();
  bool sent = false;
  Trial timed = trial(
      {"open('" + done.string() + "', 'w').close()", "import time; time.sleep(0.1)", "x = 1"});
  timed.limits.cell_timeout = milliseconds(2000);
  TrialEvents events;
  events.cell_started = [&](std::size_t) { sent = true; };
  const TrialId timed_id = one->submit(std::move(timed), Freshness::kFresh, std::move(events));
  TrialEvents busy;
  busy.cell_started = [&](std::size_t) {
    if (!sent) return;
    sent = false;
    while (!std::filesystem::exists(done)) std::this_thread::sleep_for(milliseconds(10));
    std::this_thread::sleep_for(milliseconds(2500));
  };
  one->submit(trial(std::vector<std::string>(2000, "1")), Freshness::kFresh, std::move(busy));
  for (int i = 0; i < 2; ++i) {
    const auto answer = one->wait({});
    ASSERT_TRUE(answer && *answer);
    if ((*answer)->id != timed_id) continue;
    EXPECT_EQ(ends((*answer)->outcome), "completed completed completed")
        << describe((*answer)->outcome.termination);
    return;
  }
}

TEST_F(LimitsTest, ACellTooLargeForAWorkerIsASetUpFailure) {
  const Outcome outcome = run_cells({"1", std::string(mib(65).count, '#')});
  EXPECT_EQ(ends(outcome), "not-reached not-reached");
  ASSERT_TRUE(std::holds_alternative<SetupFailed>(outcome.termination))
      << describe(outcome.termination);
  EXPECT_EQ(std::get<SetupFailed>(outcome.termination).stage, "cell");
}

TEST_F(LimitsTest, WhatTheNotebookStartedIsGoneAfterATimeOut) {
  const std::string mark = unique_mark();
  Trial made =
      trial({"import subprocess, sys, time\n"
             "subprocess.Popen([sys.executable, '-c', 'import time, signal; "
             "signal.signal(2, signal.SIG_IGN); time.sleep(600)', '" +
             mark +
             "'])\n"
             "time.sleep(600)"});
  made.limits.cell_timeout = seconds(1);
  const Outcome outcome = run(std::move(made));
  EXPECT_TRUE(std::holds_alternative<TimedOut>(outcome.termination));
  EXPECT_EQ(processes_with(mark), 0);
}

}  // namespace
}  // namespace nbreplay::test
