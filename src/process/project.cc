#include "nbreplay/process/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "process/project_tree.h"

namespace nbreplay::process {
namespace {

Result<Path> existing_folder(const Path& path, std::string_view option) {
  std::error_code failed;
  const Path real = std::filesystem::canonical(path, failed);
  if (failed || !std::filesystem::is_directory(real, failed))
    return usage_error(fmt::format("{} {}: is no folder", option, path.string()),
                       "give the path of a folder that exists");
  return real;
}

bool is_home_or_top(const Path& folder) {
  if (folder == folder.root_path()) return true;
  const char* home = std::getenv("HOME");
  std::error_code failed;
  return home != nullptr && std::filesystem::equivalent(folder, home, failed);
}

/// A folder that another one holds is there with that one.
void keep_outermost(std::vector<Path>& folders) {
  std::sort(folders.begin(), folders.end());
  std::vector<Path> kept;
  for (Path& folder : folders)
    if (kept.empty() || !is_within(folder, kept.back())) kept.push_back(std::move(folder));
  folders = std::move(kept);
}

Path find_root(const Path& start) {
  for (Path folder = start; !is_home_or_top(folder); folder = folder.parent_path()) {
    std::error_code failed;
    if (std::filesystem::exists(folder / ".git", failed) ||
        std::filesystem::exists(folder / "pyproject.toml", failed))
      return folder;
  }
  return start;
}

}  // namespace

Result<std::shared_ptr<const Project>> make_project(const ProjectRequest& request) {
  auto project = std::make_shared<Project>();
  std::error_code failed;
  project->notebook = std::filesystem::absolute(request.notebook, failed);
  const Path beside = project->notebook.parent_path();
  NBREPLAY_TRY(project->working_directory,
               existing_folder(request.working_directory.value_or(beside),
                               request.working_directory ? "--cwd" : "the notebook's folder"));
  project->root = find_root(project->working_directory);
  for (const Path& input : request.inputs) {
    NBREPLAY_TRY(Path folder, existing_folder(input, "--input"));
    if (is_within(project->root, folder))
      return usage_error(fmt::format("--input {}: holds the project itself ({}), which is copied",
                                     input.string(), project->root.string()),
                         "name the folders in it that are large");
    project->inputs.push_back(std::move(folder));
  }
  keep_outermost(project->inputs);
  for (const Path& path : request.hidden)
    project->hidden.push_back(std::filesystem::weakly_canonical(path, failed));
  project->copy_cap = request.copy_cap;
  NBREPLAY_TRY(const ProjectTree tree, scan_project(*project));
  project->digest = project_digest(*project, tree);
  return std::shared_ptr<const Project>(std::move(project));
}

}  // namespace nbreplay::process
