// What a notebook can notice of the process that it runs in: a kernel's, as far as it can tell.
#include <gmock/gmock.h>

#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using KernelTest = RunnerTest;

TEST_F(KernelTest, TheProcessLooksLikeAKernel) {
  const Outcome outcome =
      run_cells({"import os, sys\n"
                 "assert globals() is sys.modules['__main__'].__dict__\n"
                 "assert __name__ == '__main__' and '__file__' not in globals()\n"
                 "assert sys.path.count('') == 1\n"
                 "assert sys.argv[1] == '-f'\n"
                 "assert type(get_ipython()).__name__ == 'ZMQInteractiveShell'\n"
                 "assert 'IPKernelApp' in get_ipython().config\n"
                 "assert 'ipykernel' in sys.modules\n"
                 "assert not sys.stdout.isatty() and sys.stdout.fileno() == 1\n"
                 "assert os.environ['TERM'] == 'xterm-color' and os.environ['PAGER'] == 'cat'\n"
                 "import threading\nassert threading.active_count() == 1",
                 "def f(): pass\nassert f.__code__.co_filename.endswith('.py')\n"
                 "assert '/ipykernel_%d/' % os.getpid() in f.__code__.co_filename",
                 "import argparse\nargparse.ArgumentParser().parse_args()"});
  EXPECT_EQ(ends(outcome), "completed completed raised")
      << outputs(outcome, 0) << outputs(outcome, 1);
  EXPECT_EQ(crash_of(outcome, 2).type, "SystemExit");
  EXPECT_EQ(crash_of(outcome, 2).message, "2");
}

TEST_F(KernelTest, QuestionsAreRefused) {
  const Outcome outcome = run_cells(
      {"import sys\nassert sys.stdin.read() == ''\nbreakpoint()", "name = input('who? ')"});
  EXPECT_EQ(ends(outcome), "completed raised");
  EXPECT_EQ(crash_of(outcome, 1).type, "StdinNotImplementedError");
  EXPECT_EQ(crash_of(outcome, 1).message,
            "raw_input was called, but this frontend does not support input requests.");
  EXPECT_THAT(outcome.notes, testing::Contains(testing::HasSubstr("input() was called")));
}

TEST_F(KernelTest, AwaitRunsInTheLoopOfTheKernel) {
  const Outcome outcome = run_cells(
      {"import asyncio\nseen = []\nasync def work():\n    seen.append(1)\n"
       "    await asyncio.sleep(0.01)\n    seen.append(2)\ntask = asyncio.ensure_future(work())",
       "assert seen == [1], seen\nawait task\nseen", "asyncio.get_running_loop().is_running()",
       "asyncio.run(work())"});
  EXPECT_EQ(ends(outcome), "completed completed completed raised") << outputs(outcome, 1);
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("[1, 2]"));
  EXPECT_EQ(crash_of(outcome, 3).type, "RuntimeError");
}

TEST_F(KernelTest, SyntaxErrorsRunNothingUnlessTheCompilerFindsThemLate) {
  const Outcome early = run_cells({"print('ran')\nx = = 1"});
  EXPECT_EQ(crash_of(early, 0).type, "SyntaxError");
  EXPECT_EQ(crash_of(early, 0).line, 2);
  EXPECT_THAT(outputs(early, 0), testing::Not(testing::HasSubstr("ran\\n")));
  const Outcome late = run_cells({"print('ran')\nreturn 5"});
  EXPECT_EQ(crash_of(late, 0).type, "SyntaxError");
  EXPECT_THAT(outputs(late, 0), testing::HasSubstr("ran\\n"));
}

TEST_F(KernelTest, AnUnknownMagicIsAUsageErrorOnTheErrorStream) {
  const Outcome outcome = run_cells({"%nosuchmagic"});
  EXPECT_EQ(crash_of(outcome, 0).type, "UsageError");
  ASSERT_EQ(outcome.cells[0].outputs.size(), 1U);
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("stderr"));
}

TEST_F(KernelTest, FramesInMagicBodiesPointIntoTheCell) {
  const Crash crash = crash_of(run_cells({"%%time\nx = 1\n1/0"}), 0);
  EXPECT_EQ(crash.type, "ZeroDivisionError");
  EXPECT_EQ(crash.line, 3);
}

TEST_F(KernelTest, HashSeedsAreAppliedAndReachChildren) {
  const std::string code =
      "import subprocess, sys\nprint(hash('a') == int(subprocess.check_output([sys.executable, "
      "'-c', 'print(hash(\"a\"))'])), hash('a'))";
  Trial first = trial({code});
  Trial second = trial({code});
  second.hash_seed = 1;
  const std::string one = outputs(run(std::move(first)), 0);
  const std::string two = outputs(run(std::move(second)), 0);
  EXPECT_THAT(one, testing::HasSubstr("True"));
  EXPECT_THAT(two, testing::HasSubstr("True"));
  EXPECT_NE(one, two);
}

TEST_F(KernelTest, ASeedMakesRandomnessRepeat) {
  Trial made = trial({"import random\nrandom.random()"});
  made.random_seed = 42;
  const std::string once = outputs(run(made), 0);
  EXPECT_EQ(once, outputs(run(made), 0));
  EXPECT_THAT(once, testing::HasSubstr("0.6394267984578837"));
}

TEST_F(KernelTest, PlaceholdersStandInForMissingModules) {
  Trial made = trial({"from google.colab import drive\ndrive.mount('/content')", "import nosuch"});
  made.placeholder_modules = {"google.colab"};
  const Outcome outcome = run(std::move(made));
  EXPECT_EQ(ends(outcome), "completed raised") << outputs(outcome, 0);
  EXPECT_EQ(crash_of(outcome, 1).type, "ModuleNotFoundError");
}

TEST_F(KernelTest, CommsKeepWidgetState) {
  const Outcome outcome = run_cells(
      {"import comm\nc = comm.create_comm(target_name='jupyter.widget', data={'state': "
       "{'_model_name': 'M', '_model_module': 'm', '_model_module_version': '1', 'value': 1}})\n"
       "c.send({'method': 'update', 'state': {'value': 2}})"});
  EXPECT_TRUE(outcome.finished) << outputs(outcome, 0);
  EXPECT_THAT(outcome.widget_state_json, testing::HasSubstr("\"value\": 2"));
}

}  // namespace
}  // namespace nbreplay::test
