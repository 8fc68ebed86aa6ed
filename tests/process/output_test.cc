// Outputs: their order, and what a kernel does with each kind.
#include <gmock/gmock.h>

#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using OutputTest = RunnerTest;

/// The words of `expected` in the order in which they stand in `text`.
std::vector<std::string> order_of(const std::string& text, std::vector<std::string> expected) {
  std::sort(expected.begin(), expected.end(), [&](const std::string& a, const std::string& b) {
    return text.find(a) < text.find(b);
  });
  return expected;
}

TEST_F(OutputTest, StreamsDisplaysAndChildrenKeepTheirOrder) {
  const Outcome outcome = run_cells(
      {"import os, sys, subprocess\nprint('w1')\nprint('w2', file=sys.stderr)\ndisplay('w3')\n"
       "os.system('echo w4')\nprint('w5')\nsubprocess.run(['echo', 'w6'])\n"
       "os.write(1, b'w7\\n')\n'w8'"});
  const std::string text = outputs(outcome, 0);
  const std::vector<std::string> written = {"w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8"};
  for (const std::string& word : written) EXPECT_THAT(text, testing::HasSubstr(word));
  EXPECT_EQ(order_of(text, written), written) << text;
}

TEST_F(OutputTest, OrderHoldsOverManyAlternations) {
  const Outcome outcome =
      run_cells({"import sys\nfor n in range(500):\n"
                 "    print(n, end=' ', file=(sys.stdout, sys.stderr)[n % 2])"});
  ASSERT_EQ(outcome.cells[0].outputs.size(), 500U);
  EXPECT_THAT(outcome.cells[0].outputs[499], testing::HasSubstr("499"));
}

TEST_F(OutputTest, ResultsAreNumberedAndHistoryIsKept) {
  const Outcome outcome = run_cells({"41", "_ + 1", "Out[2], In[1], _1", "5;", "5  # a;"});
  EXPECT_TRUE(outcome.finished);
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("\"execution_count\": 2"));
  EXPECT_THAT(outputs(outcome, 2), testing::HasSubstr("(42, '41', 41)"));
  EXPECT_TRUE(outcome.cells[3].outputs.empty());
  EXPECT_EQ(outcome.cells[4].outputs.size(), 1U);
}

TEST_F(OutputTest, DisplaysAreUpdatedAcrossCells) {
  const Outcome outcome =
      run_cells({"h = display('old', display_id=True)", "h.update('new')\nprint('x')"});
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("new"));
  EXPECT_THAT(outputs(outcome, 0), testing::Not(testing::HasSubstr("old")));
  EXPECT_EQ(outcome.cells[1].outputs.size(), 1U);
}

TEST_F(OutputTest, ClearOutputClearsAtOnceOrBeforeTheNextOutput) {
  const Outcome outcome = run_cells(
      {"from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('kept')",
       "print('stays')\nclear_output(wait=True)"});
  EXPECT_THAT(outputs(outcome, 0), testing::Not(testing::HasSubstr("gone")));
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("kept"));
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("stays"));
}

TEST_F(OutputTest, AnErrorIsAnOutputInTheFormOfAKernel) {
  const Outcome outcome = run_cells({"def f():\n    1/0\nf()"});
  const std::string text = outputs(outcome, 0);
  EXPECT_THAT(text, testing::HasSubstr("\"output_type\": \"error\""));
  EXPECT_THAT(text, testing::HasSubstr("\"ename\": \"ZeroDivisionError\""));
  EXPECT_THAT(text, testing::HasSubstr("In[1], line 3"));
  EXPECT_THAT(text, testing::HasSubstr("In[1], line 2"));
}

TEST_F(OutputTest, AResultThatCannotBeShownFailsTheCell) {
  const Outcome outcome =
      run_cells({"class A:\n    def __repr__(self): raise ValueError('no')\nA()", "1"});
  EXPECT_EQ(ends(outcome), "raised not-reached");
  EXPECT_EQ(crash_of(outcome, 0).type, "ValueError");
}

TEST_F(OutputTest, ShellCommandsAndScriptsSpeakInOrder) {
  const Outcome outcome = run_cells(
      {"print('a')\n!echo b; exit 3\nprint(_exit_code)", "%%bash\necho script", "%%bash\nexit 4"});
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("b\\r\\n"));
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("3"));
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("script"));
  EXPECT_EQ(crash_of(outcome, 2).type, "CalledProcessError");
}

TEST_F(OutputTest, ThreadsWriteIntoTheCellThatRuns) {
  const Outcome outcome =
      run_cells({"import threading\nt = threading.Thread(target=lambda: print('late'))",
                 "t.start()\nt.join()"});
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("late"));
}

TEST_F(OutputTest, WhatExitHandlersWriteIsNoOutputOfACell) {
  const Outcome outcome =
      run_cells({"import atexit\natexit.register(print, 'farewell')\nprint('x')"});
  EXPECT_TRUE(outcome.finished);
  EXPECT_THAT(outputs(outcome, 0), testing::Not(testing::HasSubstr("farewell")));
}

TEST_F(OutputTest, NothingIsKeptWhenATrialDoesNotAskForIt) {
  Trial made = trial({"print('x')\n'y'"});
  made.keep_outputs = false;
  EXPECT_TRUE(run(std::move(made)).cells[0].outputs.empty());
}

}  // namespace
}  // namespace nbreplay::test
