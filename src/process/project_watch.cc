#include "nbreplay/process/project_watch.h"

#include <sys/stat.h>

#include <utility>

#include "process/project_tree.h"

namespace nbreplay::process {

ProjectWatch::ProjectWatch(std::shared_ptr<const Project> project) : project_(std::move(project)) {
  // What could not be looked at was refused as a project already.
  if (auto files = look_at(*project_)) before_ = std::move(*files);
}

std::vector<Path> ProjectWatch::changes(const std::function<bool(const Path&)>& ours) const {
  const auto now = look_at(*project_);
  if (!now) return {project_->root};
  std::vector<Path> changed;
  const auto add = [&](const std::string& path) {
    if (!ours(path)) changed.emplace_back(path);
  };
  auto old = before_.begin();
  auto fresh = now->begin();
  while (old != before_.end() || fresh != now->end()) {
    if (fresh == now->end() || (old != before_.end() && old->first < fresh->first)) {
      add((old++)->first);
    } else if (old == before_.end() || fresh->first < old->first) {
      add((fresh++)->first);
    } else {
      if (old->second != fresh->second) add(old->first);
      ++old;
      ++fresh;
    }
  }
  return changed;
}

/// As `project_digest`: of folders only what can be read says something, not their times.
Result<ProjectWatch::Files> ProjectWatch::look_at(const Project& project) {
  Files files;
  const auto add = [&](const Path& root, const ProjectTree& tree) {
    for (const TreeEntry& entry : tree.entries) {
      Seen seen{entry.stamp.mode, 0, 0};
      if (!S_ISDIR(entry.stamp.mode)) {
        seen.size = entry.stamp.size;
        seen.modified_ns = entry.stamp.modified_ns;
      }
      files.emplace((root / entry.path).string(), seen);
    }
  };
  NBREPLAY_TRY(const ProjectTree tree, scan_project(project));
  add(project.root, tree);
  for (const Path& input : project.inputs) add(input, scan_input(project, input));
  return files;
}

}  // namespace nbreplay::process
