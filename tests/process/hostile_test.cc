// Notebooks that attack the harness: it must neither believe them nor be hurt.
#include <gmock/gmock.h>

#include "nbreplay/process/worker_fact_source.h"
#include "nbreplay/trial/ending.h"

#include "process/processes.h"
#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using HostileTest = RunnerTest;
using std::chrono::seconds;

TEST_F(HostileTest, GarbageOnTheControlSocketEndsTheRunAsUnresolved) {
  const Outcome outcome = run_cells(
      {"print('so far')", "import os\nos.write(3, b'\\xff' * 4096)\nimport time\ntime.sleep(600)"});
  EXPECT_EQ(ends(outcome), "completed interrupted");
  EXPECT_TRUE(std::holds_alternative<Killed>(outcome.termination));
  ASSERT_FALSE(outcome.notes.empty());
  EXPECT_THAT(outcome.notes.back(), testing::StartsWith("protocol violation: "));
  EXPECT_EQ(describe_end(outcome), "protocol violation");
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("so far"));
}

TEST_F(HostileTest, AForgedEndOfAnotherCellIsAViolation) {
  // CellDone of position 9: completed, no count, six empty texts and lists, not interrupted,
  // nothing observed.
  const Outcome outcome =
      run_cells({"import os, struct, time\n"
                 "body = struct.pack('<I', 9) + bytes(2) + bytes(6 * 4) + b'\\0\\0'\n"
                 "os.write(3, struct.pack('<IB', len(body), 0x45) + body)\n"
                 "time.sleep(600)"});
  EXPECT_EQ(ends(outcome), "interrupted");
  EXPECT_TRUE(std::holds_alternative<Killed>(outcome.termination));
  ASSERT_FALSE(outcome.notes.empty());
  EXPECT_THAT(outcome.notes.back(), testing::HasSubstr("a cell that does not run"));
}

TEST_F(HostileTest, AForgedEndCannotHideHowTheProcessEnded) {
  const Outcome outcome =
      run_cells({"import os, struct\n"
                 "body = struct.pack('<I', 0) + bytes(2) + bytes(6 * 4) + b'\\0\\0'\n"
                 "os.write(3, struct.pack('<IB', len(body), 0x45) + body)\n"
                 "os._exit(5)"});
  EXPECT_EQ(std::get<Exited>(outcome.termination).code, 5);
  EXPECT_FALSE(outcome.finished);
}

TEST_F(HostileTest, AClosedControlSocketEndsTheRun) {
  const Outcome outcome = run_cells({"print('so far', flush=True)\nimport os\nos.close(3)", "1"});
  EXPECT_EQ(ends(outcome), "interrupted not-reached");
  EXPECT_FALSE(outcome.finished);
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("so far"));
}

TEST_F(HostileTest, AClosedSocketInALivingProcessDoesNotHangTheRun) {
  const Outcome outcome =
      run_cells({"import os, time\nos.close(3)\nos.close(1)\nos.close(2)\ntime.sleep(600)"});
  EXPECT_EQ(ends(outcome), "interrupted");
  EXPECT_TRUE(std::holds_alternative<Killed>(outcome.termination)) << describe(outcome.termination);
}

TEST_F(HostileTest, AHugeFrameIsRefusedUnread) {
  const Outcome outcome =
      run_cells({"import os, struct, time\nos.write(3, struct.pack('<IB', 0xfffffff0, "
                 "0x43))\ntime.sleep(600)"});
  EXPECT_TRUE(std::holds_alternative<Killed>(outcome.termination));
}

TEST_F(HostileTest, QuestionsWithoutReadingTheAnswersEndTheRun) {
  // Sync, again and again, on a socket whose other direction nobody reads.
  const Outcome outcome =
      run_cells({"import os\nwhile True:\n    os.write(3, (bytes(4) + b'\\x44') * 1000)"});
  EXPECT_EQ(ends(outcome), "interrupted");
  EXPECT_TRUE(std::holds_alternative<Killed>(outcome.termination)) << describe(outcome.termination);
  EXPECT_THAT(outcome.notes, testing::Contains(testing::HasSubstr("answers are not read")));
}

TEST_F(HostileTest, AForgedNoteDoesNotMakeAnEndAnother) {
  // A note (0x47) in the words of ours, and more of them than are kept.
  const Outcome outcome =
      run_cells({"import os, struct, time\n"
                 "def note(text):\n"
                 "    body = struct.pack('<I', len(text)) + text\n"
                 "    os.write(3, struct.pack('<IB', len(body), 0x47) + body)\n"
                 "note(b'the launcher was killed by nobody')\n"
                 "for _ in range(300): note(b'x')\n"
                 "os.write(3, b'\\xff' * 16)\ntime.sleep(600)"});
  ASSERT_FALSE(outcome.notes.empty());
  EXPECT_THAT(outcome.notes.front(), testing::StartsWith("the worker says: the launcher"));
  EXPECT_EQ(describe_end(outcome), "protocol violation");
}

TEST_F(HostileTest, WidgetsBeyondAMessagesSizeAreLeftOutAndTheRunEndsWell) {
  const Outcome outcome =
      run_cells({"import comm\nc = comm.create_comm(target_name='jupyter.widget', data={'state': {"
                 "'_model_name': 'X', 'value': 'a' * (70 << 20)}})"});
  EXPECT_TRUE(outcome.finished) << describe(outcome.termination);
  EXPECT_EQ(outcome.widget_state_json, "");
  EXPECT_THAT(outcome.notes, testing::Contains(testing::HasSubstr("state of widgets")));
}

TEST_F(HostileTest, ADaemonDoesNotOutliveTheRun) {
  const std::string mark = unique_mark();
  const Outcome outcome = run_cells(
      {"import os, sys\n"
       "if os.fork() == 0:\n"
       "    os.setsid()\n"
       "    if os.fork() == 0:\n"
       "        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(600)', '" +
           mark +
           "'])\n"
           "    os._exit(0)\n"
           "os.wait()",
       "print('done')"});
  EXPECT_TRUE(outcome.finished) << ends(outcome);
  EXPECT_EQ(processes_with(mark), 0);
}

TEST_F(HostileTest, AForkedChildThatRunsOnDoesNotSpeakForTheNotebook) {
  const Outcome outcome =
      run_cells({"import os\npid = os.fork()\nif pid == 0:\n"
                 "    print('child')\n    display('child')\n",
                 "os.waitpid(pid, 0)\nprint('parent')"});
  EXPECT_EQ(ends(outcome), "completed completed");
  EXPECT_TRUE(outcome.finished);
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("parent"));
}

TEST_F(HostileTest, TheParentCannotBeKilledUnnoticed) {
  const Outcome outcome =
      run_cells({"import os, signal, time\nprint('so far', flush=True)\n"
                 "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(600)"});
  EXPECT_EQ(ends(outcome), "interrupted");
  EXPECT_TRUE(std::holds_alternative<Killed>(outcome.termination));
  ASSERT_FALSE(outcome.notes.empty());
  EXPECT_THAT(outcome.notes.back(), testing::HasSubstr("launcher was killed"));
  EXPECT_EQ(describe_end(outcome), "its launcher was killed");
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("so far"));
}

TEST_F(HostileTest, AStoppedWorkerIsEndedByItsTimeOut) {
  Trial made = trial({"import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"});
  made.limits.cell_timeout = seconds(1);
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(std::get<TimedOut>(outcome.termination).limit, TimeLimit::kCell);
}

TEST_F(HostileTest, ReplacedStreamsAndBuiltinsDoNotStopTheRun) {
  const Outcome outcome =
      run_cells({"import sys, builtins\nsys.stdout = sys.stderr = None\n"
                 "builtins.print = None\nbuiltins.isinstance = None",
                 "import os\nos.write(1, b'still here')"});
  EXPECT_EQ(outcome.cells.size(), 2U);
  EXPECT_FALSE(std::holds_alternative<TimedOut>(outcome.termination));
}

TEST_F(HostileTest, OutputThatIsNotUtf8IsReplaced) {
  const Outcome outcome = run_cells({"import os\nos.write(1, b'a\\xff\\xfeb')\nprint('\\ud800')"});
  EXPECT_TRUE(outcome.finished) << ends(outcome);
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("\xEF\xBF\xBD"));
}

TEST_F(HostileTest, FactsNeedNoRunningAndNoIPython) {
  process::FactSettings settings;
  settings.installation = settings_.installation;
  settings.environment = environment_;
  process::WorkerFactSource source(settings);
  const auto facts = source.facts({"import os\nx = 1", "y = x +", "os._exit(1)"});
  ASSERT_TRUE(facts) << facts.error().message;
  ASSERT_EQ(facts->size(), 3U);
  EXPECT_TRUE((*facts)[0].problem.empty());
  EXPECT_FALSE((*facts)[1].problem.empty());
  EXPECT_TRUE((*facts)[2].problem.empty());
}

}  // namespace
}  // namespace nbreplay::test
