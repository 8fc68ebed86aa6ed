#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "nbreplay/process/worker_trial_runner.h"

#include "process/test_python.h"
#include "support/temporary_folder.h"

namespace nbreplay::test {

/// Runs cells through WorkerTrialRunner, in a project of its own, with short patience.
class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest();

  /// One execution per source, in order; the outputs are kept.
  [[nodiscard]] Trial trial(const std::vector<std::string>& sources);
  [[nodiscard]] Outcome run(Trial trial);
  [[nodiscard]] Outcome run_cells(const std::vector<std::string>& sources);
  /// A new runner each: settings may be changed before.
  [[nodiscard]] std::unique_ptr<process::WorkerTrialRunner> runner();
  void write_project_file(const std::string& name, const std::string& content);

  TemporaryFolder folder_;
  Path project_folder_;
  process::RunnerSettings settings_;
  std::shared_ptr<const Environment> environment_;
};

/// The outputs of one cell, one a line, with JSON as nbformat stores it.
[[nodiscard]] std::string outputs(const Outcome& outcome, std::size_t position);

/// The crash of a cell that raised; fails the test, and gives an empty one, when it did not.
[[nodiscard]] Crash crash_of(const Outcome& outcome, std::size_t position);

/// "completed raised interrupted not-reached", one word per cell.
[[nodiscard]] std::string ends(const Outcome& outcome);

}  // namespace nbreplay::test
