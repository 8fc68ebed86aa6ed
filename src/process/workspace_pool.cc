#include "process/workspace_pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "process/sandbox_space.h"
#include "process/workspace.h"

namespace nbreplay::process {

WorkspacePool::WorkspacePool(const RunnerSettings& settings) : settings_(settings) {
  ScratchFolder::remove_stale();
}

Result<std::unique_ptr<FileSpace>> WorkspacePool::acquire(
    const std::shared_ptr<const Project>& project) {
  while (auto idle = take_idle(*project)) {
    const Status restored = idle->reset(project);
    if (restored) return std::unique_ptr<FileSpace>(std::move(idle));
    if (restored.error().code == ErrorCode::kUsage) return restored.error();
    // A run made it into something that cannot be cleaned: a new one is made instead.
  }
  if (!tree_project_ || !same_view(*tree_project_, *project)) {
    NBREPLAY_TRY(tree_, tree_of(*project));
    tree_project_ = project;
  }
  if (settings_.sandbox)
    return std::unique_ptr<FileSpace>(std::make_unique<SandboxSpace>(settings_, project, tree_));
  NBREPLAY_TRY(auto made, Workspace::create(project, tree_));
  return std::unique_ptr<FileSpace>(std::move(made));
}

void WorkspacePool::release(std::unique_ptr<FileSpace> space) {
  // A sandbox's ends with the worker that it was made for.
  if (settings_.sandbox) return;
  idle_.push_back(std::move(space));
  if (idle_.size() > std::max<std::size_t>(1, settings_.jobs)) idle_.erase(idle_.begin());
}

std::unique_ptr<FileSpace> WorkspacePool::take_idle(const Project& project) {
  const auto found = std::find_if(idle_.begin(), idle_.end(), [&](const auto& workspace) {
    return workspace->can_show(project);
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
