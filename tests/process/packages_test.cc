// Package managers: asked, recorded, never run; and what cannot be stopped is noticed.
#include <gmock/gmock.h>

#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using PackagesTest = RunnerTest;

std::vector<std::string> requirements(const Outcome& outcome) {
  std::vector<std::string> all;
  for (const PipRequirement& one : outcome.requirements)
    all.push_back(one.requirement + (one.satisfied ? " held" : " missing"));
  return all;
}

TEST_F(PackagesTest, EveryWayOfAskingIsRecorded) {
  write_project_file("requirements.txt", "# ours\nr1==2.0  # why\n\n-i http://x\nr2\n");
  const Outcome outcome = run_cells({
      "%pip install -q 'p1>=1.5,<2'",
      "!pip install --upgrade p2 p3[extra]==1.0",
      "import sys\n!{sys.executable} -m pip install -i http://nowhere p4",
      "!python3 -m pip install p5",
      "%conda install -y -c conda-forge p6=1.2",
      "!conda install p7",
      "!uv pip install p8",
      "!pip install -r requirements.txt",
      "x = !pip3 install p9",
      "%%bash\nset -e\npip install p10 || true",
  });
  EXPECT_TRUE(outcome.finished) << ends(outcome);
  EXPECT_EQ(requirements(outcome),
            (std::vector<std::string>{"p1>=1.5,<2 missing", "p2 missing", "p3[extra]==1.0 missing",
                                      "p4 missing", "p5 missing", "p6=1.2 missing", "p7 missing",
                                      "p8 missing", "r1==2.0 missing", "r2 missing", "p9 missing",
                                      "p10 missing"}));
  EXPECT_EQ(outcome.requirements[1].command, "pip install --upgrade p2 p3[extra]==1.0");
  EXPECT_TRUE(outcome.environment_change.empty());
}

TEST_F(PackagesTest, WhatIsThereIsSatisfied) {
  const Outcome outcome =
      run_cells({"!pip install traitlets 'ipython>=5'", "!pip install 'traitlets<1'"});
  EXPECT_EQ(requirements(outcome),
            (std::vector<std::string>{"traitlets held", "ipython>=5 held", "traitlets<1 missing"}));
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("Requirement already satisfied: traitlets"));
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("not installed"));
}

TEST_F(PackagesTest, OtherCommandsAroundAnInstallationRun) {
  const Outcome outcome =
      run_cells({"!echo first; pip install p1 && echo second || echo third", "!echo pip install p2",
                 "!pip install p3 > log.txt\n!cat log.txt"});
  EXPECT_EQ(requirements(outcome), (std::vector<std::string>{"p1 missing", "p3 missing"}));
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("first"));
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("second"));
  EXPECT_THAT(outputs(outcome, 0), testing::Not(testing::HasSubstr("third")));
  EXPECT_THAT(outputs(outcome, 1), testing::HasSubstr("pip install p2"));
}

TEST_F(PackagesTest, RemovingIsNotDone) {
  const Outcome outcome = run_cells({"!pip uninstall -y traitlets", "import traitlets"});
  EXPECT_TRUE(outcome.finished);
  EXPECT_TRUE(outcome.requirements.empty());
  EXPECT_THAT(outcome.notes, testing::Contains(testing::HasSubstr("not done")));
}

TEST_F(PackagesTest, AnInstallationThatCouldNotBeStoppedIsNoticed) {
  environment_ =
      std::make_shared<const Environment>(make_virtual_environment(folder_.path() / "environment"));
  const Outcome outcome = run_cells(
      {"import sys, subprocess\n"
       "subprocess.check_call([sys.executable, '-m', 'ensurepip'], stdout=subprocess.DEVNULL)"});
  EXPECT_TRUE(outcome.finished) << outputs(outcome, 0);
  EXPECT_THAT(outcome.environment_change, testing::HasSubstr("pip "));
  EXPECT_THAT(outcome.environment_change, testing::HasSubstr("added"));
}

TEST_F(PackagesTest, AVirtualEnvironmentIsWhatTheNotebookSees) {
  const Path folder = folder_.path() / "environment";
  environment_ = std::make_shared<const Environment>(make_virtual_environment(folder));
  const Outcome outcome =
      run_cells({"import sys, os\nprint(sys.prefix, sys.executable, "
                 "os.environ['VIRTUAL_ENV'])"});
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr(folder.string() + " " + folder.string() +
                                                      "/bin/python " + folder.string()));
  EXPECT_TRUE(outcome.environment_change.empty()) << outcome.environment_change;
}

}  // namespace
}  // namespace nbreplay::test
