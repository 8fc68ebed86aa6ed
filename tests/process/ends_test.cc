// Every row of "How things end" (docs/architecture.md) that the notebook itself brings about.
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "nbreplay/protocol/codec.h"
#include "nbreplay/trial/ending.h"

#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using EndsTest = RunnerTest;

TEST_F(EndsTest, EverythingCompletesAndTheWorkerEndsAsAsked) {
  const Outcome outcome = run_cells({"x = 1", "", "x + 1"});
  EXPECT_EQ(ends(outcome), "completed completed completed");
  EXPECT_EQ(std::get<Exited>(outcome.termination).code, 0);
  EXPECT_TRUE(outcome.finished);
  EXPECT_EQ(outcome.cells[0].execution_count, 1);
  EXPECT_EQ(outcome.cells[1].execution_count, std::nullopt);
  EXPECT_EQ(outcome.cells[2].execution_count, 2);
  EXPECT_EQ(outcome.python_version, environment_->interpreter.version);
  EXPECT_FALSE(outcome.ipython_version.empty());
  EXPECT_TRUE(outcome.environment_change.empty());
}

TEST_F(EndsTest, AWorkerOfAnotherVersionIsNamedAsSuch) {
  protocol::Ready other;
  other.version = protocol::kProtocolVersion + 1;
  const Path words = folder_.path() / "words";
  settings_.installation.worker = folder_.path() / "other-worker";
  std::ofstream(settings_.installation.worker)
      << "#!/bin/sh\ncat '" << words.string() << "' >&3\nexec sleep 600\n";
  std::filesystem::permissions(settings_.installation.worker, std::filesystem::perms::owner_all);
  // What it says may also be no message of this version at all.
  for (const std::string& said :
       {protocol::encode(protocol::Message(other)), std::string("\1\0\0\0\xee\0", 6)}) {
    std::ofstream(words) << said;
    const Outcome outcome = run_cells({"1"});
    EXPECT_EQ(ends(outcome), "not-reached");
    const auto* failed = std::get_if<SetupFailed>(&outcome.termination);
    ASSERT_NE(failed, nullptr) << describe(outcome.termination);
    EXPECT_THAT(failed->message, testing::HasSubstr("another version of nbreplay"));
  }
}

TEST_F(EndsTest, ACellThatRaisesEndsTheRunWithItsCrash) {
  const Outcome outcome =
      run_cells({"def f(d):\n    return d['tenure']", "print('so far')\nf({})", "print('never')"});
  EXPECT_EQ(ends(outcome), "completed raised not-reached");
  EXPECT_EQ(std::get<Exited>(outcome.termination).code, 0);
  EXPECT_FALSE(outcome.finished);
  const Crash crash = crash_of(outcome, 1);
  EXPECT_EQ(crash.type, "KeyError");
  EXPECT_EQ(crash.message, "'tenure'");
  EXPECT_EQ(crash.base_types.front(), "LookupError");
  EXPECT_EQ(crash.cell, 1U);
  EXPECT_EQ(crash.line, 2);
  ASSERT_EQ(crash.frames.size(), 2U);
  EXPECT_EQ(crash.frames[0].text, "f({})");
  EXPECT_EQ(crash.frames[1].cell, 0U);
  EXPECT_EQ(crash.frames[1].function, "f");
  EXPECT_EQ(crash.frames[1].line, 2);
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("so far"));
}

TEST_F(EndsTest, TheCauseChainIsKept) {
  const Crash crash = crash_of(run_cells({"try:\n    1/0\nexcept ZeroDivisionError as error:\n"
                                          "    raise ValueError('bad') from error"}),
                               0);
  ASSERT_EQ(crash.chain.size(), 1U);
  EXPECT_EQ(crash.chain[0].type, "ZeroDivisionError");
  EXPECT_TRUE(crash.chain[0].explicit_cause);
}

TEST_F(EndsTest, ACellThatMayFailKeepsItsEffectsAndTheRestGoesOn) {
  Trial made = trial({"x = 5\n1/0", "x"});
  made.executions[0].may_fail = true;
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "raised completed");
  EXPECT_TRUE(outcome.finished);
  EXPECT_EQ(outcome.cells[1].execution_count, 2);
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("\"5\""));
}

TEST_F(EndsTest, SystemExitIsRaisedAndTheKernelSurvives) {
  Trial made = trial({"import sys; sys.exit(3)", "print('alive')"});
  made.executions[0].may_fail = true;
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(crash_of(outcome, 0).type, "SystemExit");
  EXPECT_EQ(crash_of(outcome, 0).message, "3");
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("To exit: use 'exit', 'quit', or Ctrl-D."));
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("alive"));
}

TEST_F(EndsTest, ExitAndQuitEndTheProcessAfterTheirCell) {
  for (const char* call : {"exit()", "quit()", "exit"}) {
    const Outcome outcome = run_cells({call, "print('never')"});
    EXPECT_EQ(ends(outcome), "completed not-reached") << call;
    EXPECT_EQ(std::get<Exited>(outcome.termination).code, 0) << call;
    EXPECT_EQ(describe_end(outcome), "exited with 0") << call;
    EXPECT_FALSE(outcome.finished) << call;
  }
}

TEST_F(EndsTest, AnEarlyExitKeepsItsCodeAndTheOutputSoFar) {
  for (const int code : {0, 7}) {
    const Outcome outcome =
        run_cells({"print('before')",
                   "print('so far')\nimport os\nos._exit(" + std::to_string(code) + ")", "1"});
    EXPECT_EQ(ends(outcome), "completed interrupted not-reached");
    EXPECT_EQ(std::get<Exited>(outcome.termination).code, code);
    EXPECT_EQ(describe_end(outcome), "exited early (code " + std::to_string(code) + ")");
    EXPECT_FALSE(outcome.finished);
    EXPECT_EQ(outcome.cells[1].execution_count, 2);
    EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("before"));
    EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("so far"));
  }
}

TEST_F(EndsTest, ASegmentationFaultBringsThePythonStack) {
  const Outcome outcome = run_cells(
      {"import ctypes\ndef crash():\n    ctypes.string_at(0)", "print('so far')\n\ncrash()", "1"});
  EXPECT_EQ(ends(outcome), "completed interrupted not-reached");
  EXPECT_EQ(std::get<Signaled>(outcome.termination).signal, SIGSEGV);
  EXPECT_THAT(outcome.python_stack, testing::HasSubstr("Segmentation fault"));
  EXPECT_THAT(outcome.python_stack, testing::HasSubstr("line 3 in crash"));
  EXPECT_THAT(outcome.python_stack, testing::HasSubstr("line 3 in <module>"));
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("so far"));
}

TEST_F(EndsTest, AbortBringsThePythonStack) {
  const Outcome outcome = run_cells({"import os\nos.abort()"});
  EXPECT_EQ(std::get<Signaled>(outcome.termination).signal, SIGABRT);
  EXPECT_THAT(outcome.python_stack, testing::HasSubstr("line 2 in <module>"));
}

TEST_F(EndsTest, AKillIsASignalWithoutAStack) {
  const Outcome outcome =
      run_cells({"print('so far')\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"});
  EXPECT_EQ(ends(outcome), "interrupted");
  EXPECT_EQ(std::get<Signaled>(outcome.termination).signal, SIGKILL);
  EXPECT_THAT(outcome.python_stack, testing::IsEmpty());
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("so far"));
  ASSERT_FALSE(outcome.notes.empty());
  EXPECT_THAT(outcome.notes.back(), testing::HasSubstr("did not send this SIGKILL"));
}

TEST_F(EndsTest, EndlessRecursionIsAnOrdinaryCrash) {
  const Crash crash = crash_of(run_cells({"def f():\n    f()\nf()"}), 0);
  EXPECT_EQ(crash.type, "RecursionError");
  EXPECT_LE(crash.frames.size(), 200U);
}

TEST_F(EndsTest, AnExceptionThatCannotBeShownIsStillACrash) {
  const Crash crash = crash_of(run_cells({"class E(Exception):\n"
                                          "    def __str__(self):\n        raise ValueError(1)\n"
                                          "raise E()"}),
                               0);
  EXPECT_EQ(crash.type, "E");
  EXPECT_THAT(crash.message.value_or(""), testing::HasSubstr("whose str() raised ValueError"));
}

TEST_F(EndsTest, ExitHandlersRunAtTheEnd) {
  const Path witness = folder_.path() / "witness";
  const Outcome outcome = run_cells(
      {"import atexit\natexit.register(lambda: open('" + witness.string() + "', 'w').close())"});
  EXPECT_TRUE(outcome.finished);
  EXPECT_TRUE(std::filesystem::exists(witness));
}

TEST_F(EndsTest, AWorkerThatIsNotThereIsAnError) {
  settings_.installation.worker = folder_.path() / "nothing";
  const auto one = runner();
  one->submit(trial({"1"}), Freshness::kFresh, {});
  const auto answer = one->wait({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kEnvironment);
}

TEST_F(EndsTest, AnEnvironmentThatCannotStartIsASetUpFailureAndNoCrash) {
  Environment environment = *environment_;
  environment.interpreter.executable = folder_.path() / "no-python";
  environment_ = std::make_shared<const Environment>(environment);
  const Outcome outcome = run_cells({"1"});
  EXPECT_EQ(ends(outcome), "not-reached");
  EXPECT_EQ(std::get<SetupFailed>(outcome.termination).stage, "interpreter");
}

TEST_F(EndsTest, AnIPythonThatCannotBeImportedIsASetUpFailure) {
  Environment environment = *environment_;
  environment.prepend_path = {folder_.path() / "broken"};
  std::filesystem::create_directories(folder_.path() / "broken/IPython");
  std::ofstream(folder_.path() / "broken/IPython/__init__.py") << "raise ImportError('worn out')\n";
  environment_ = std::make_shared<const Environment>(environment);
  const Outcome outcome = run_cells({"1"});
  const auto& failed = std::get<SetupFailed>(outcome.termination);
  EXPECT_EQ(failed.stage, "ipython");
  EXPECT_THAT(failed.message, testing::HasSubstr("IPython cannot be imported"));
  EXPECT_THAT(failed.message, testing::HasSubstr("worn out"));
}

}  // namespace
}  // namespace nbreplay::test
