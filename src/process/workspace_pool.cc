#include "process/workspace_pool.h"

#include <fmt/format.h>

#include <algorithm>

namespace nbreplay::process {

bool same_view(const Project& left, const Project& right) {
  return left.root == right.root && left.working_directory == right.working_directory &&
         left.inputs == right.inputs && left.hidden == right.hidden && left.digest == right.digest;
}

WorkspacePool::WorkspacePool(std::size_t capacity) : capacity_(capacity) {
  remove_stale_workspaces();
}

Result<std::unique_ptr<Workspace>> WorkspacePool::acquire(
    const std::shared_ptr<const Project>& project) {
  while (auto idle = take_idle(*project)) {
    const Status restored = idle->restore();
    if (restored) return idle;
    if (restored.error().code == ErrorCode::kUsage) return restored.error();
    // A run made it into something that cannot be cleaned: a new one is made instead.
  }
  if (!tree_project_ || !same_view(*tree_project_, *project)) {
    NBREPLAY_TRY(tree_, tree_of(*project));
    tree_project_ = project;
  }
  return Workspace::create(project, tree_);
}

void WorkspacePool::release(std::unique_ptr<Workspace> workspace) {
  idle_.push_back(std::move(workspace));
  if (idle_.size() > capacity_) idle_.erase(idle_.begin());
}

std::unique_ptr<Workspace> WorkspacePool::take_idle(const Project& project) {
  const auto found = std::find_if(idle_.begin(), idle_.end(), [&](const auto& workspace) {
    return same_view(*workspace->project(), project);
  });
  if (found == idle_.end()) return nullptr;
  auto workspace = std::move(*found);
  idle_.erase(found);
  return workspace;
}

Result<std::shared_ptr<const ProjectTree>> WorkspacePool::tree_of(const Project& project) {
  NBREPLAY_TRY(ProjectTree tree, scan_project(project));
  if (!project.digest.empty() && project_digest(project, tree) != project.digest)
    return usage_error(
        fmt::format("{}: the project changed while nbreplay was running", project.root.string()),
        "run the command again, and leave the project alone meanwhile");
  return std::make_shared<const ProjectTree>(std::move(tree));
}

}  // namespace nbreplay::process
