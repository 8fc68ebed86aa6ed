#pragma once

#include <memory>
#include <vector>

#include "process/workspace.h"

namespace nbreplay::process {

/// Whether runs of both may work in the same workspace, one after the other.
[[nodiscard]] bool same_view(const Project& left, const Project& right);

/// Keeps workspaces for the next trial of the same project: restoring one costs a look at every
/// entry, making one costs a copy.
class WorkspacePool {
 public:
  /// Removes what earlier processes left behind.
  explicit WorkspacePool(std::size_t capacity);

  /// A pristine workspace. kUsage when the project is not as it was when its digest was taken.
  [[nodiscard]] Result<std::unique_ptr<Workspace>> acquire(
      const std::shared_ptr<const Project>& project);
  void release(std::unique_ptr<Workspace> workspace);

 private:
  [[nodiscard]] std::unique_ptr<Workspace> take_idle(const Project& project);
  [[nodiscard]] Result<std::shared_ptr<const ProjectTree>> tree_of(const Project& project);

  std::size_t capacity_;
  std::vector<std::unique_ptr<Workspace>> idle_;  ///< The one used last is last.
  std::shared_ptr<const Project> tree_project_;   ///< Whose tree `tree_` is.
  std::shared_ptr<const ProjectTree> tree_;
};

}  // namespace nbreplay::process
