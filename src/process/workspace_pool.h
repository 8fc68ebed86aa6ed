#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nbreplay/process/worker_trial_runner.h"

#include "process/file_space.h"
#include "process/project_tree.h"

namespace nbreplay::process {

/// Where trials work: each in a sandbox's files where there is one, else in a copy of the project,
/// which is kept for the next trial: restoring one costs a look at every entry, making one costs a
/// copy.
class WorkspacePool {
 public:
  /// Removes what earlier processes left behind. Borrows the settings.
  explicit WorkspacePool(const RunnerSettings& settings);

  /// A pristine one. kUsage when the project is not as it was when its digest was taken.
  [[nodiscard]] Result<std::unique_ptr<FileSpace>> acquire(
      const std::shared_ptr<const Project>& project);
  void release(std::unique_ptr<FileSpace> space);

 private:
  [[nodiscard]] std::unique_ptr<FileSpace> take_idle(const Project& project);
  [[nodiscard]] Result<std::shared_ptr<const ProjectTree>> tree_of(const Project& project);

  const RunnerSettings& settings_;
  std::vector<std::unique_ptr<FileSpace>> idle_;  ///< The one used last is last.
  std::shared_ptr<const Project> tree_project_;   ///< Whose tree `tree_` is.
  std::shared_ptr<const ProjectTree> tree_;
};

}  // namespace nbreplay::process
