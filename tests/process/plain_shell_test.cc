#include <gmock/gmock.h>

#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

class PlainShellTest : public RunnerTest {
 protected:
  Outcome run_plain(const std::vector<std::string>& sources) {
    Trial made = trial(sources);
    made.shell = Shell::kPlain;
    return run(std::move(made));
  }
};

TEST_F(PlainShellTest, RunsCellsAndSaysWhatItLacks) {
  const Outcome outcome = run_plain({"x = 1", "", "print('out')\nx + 1", "x;"});
  EXPECT_TRUE(outcome.finished);
  EXPECT_TRUE(outcome.ipython_version.empty());
  EXPECT_THAT(outcome.notes, testing::Contains(testing::HasSubstr("no magics")));
  EXPECT_THAT(outputs(outcome, 2), testing::HasSubstr("out"));
  EXPECT_THAT(outputs(outcome, 2), testing::HasSubstr("\"text/plain\""));
  EXPECT_EQ(outcome.cells[2].execution_count, 2);
  EXPECT_TRUE(outcome.cells[3].outputs.empty());
}

TEST_F(PlainShellTest, ImportsNoIPython) {
  EXPECT_TRUE(run_plain({"import sys\nassert 'IPython' not in sys.modules"}).finished);
}

TEST_F(PlainShellTest, ErrorsAreTheSameCrashes) {
  const Crash crash = crash_of(run_plain({"def f():\n    return {}['a']\n", "f()"}), 1);
  EXPECT_EQ(crash.type, "KeyError");
  EXPECT_EQ(crash.line, 1);
  ASSERT_EQ(crash.frames.size(), 2U);
  EXPECT_EQ(crash.frames[1].cell, 0U);
  EXPECT_EQ(crash_of(run_plain({"x = = 1"}), 0).type, "SyntaxError");
  EXPECT_EQ(crash_of(run_plain({"%time 1"}), 0).type, "SyntaxError");
}

TEST_F(PlainShellTest, ExitEndsTheProcessAndSystemExitDoesNot) {
  EXPECT_EQ(ends(run_plain({"exit()", "1"})), "completed not-reached");
  Trial made = trial({"raise SystemExit(2)", "1"});
  made.shell = Shell::kPlain;
  made.executions[0].may_fail = true;
  EXPECT_EQ(ends(run(std::move(made))), "raised completed");
}

}  // namespace
}  // namespace nbreplay::test
