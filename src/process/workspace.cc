#include "process/workspace.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "nbreplay/base/check.h"

#include "process/font_cache.h"

namespace nbreplay::process {
namespace {

/// The folder that holds the project and all its inputs: what lies outside of the project is
/// linked in at the same relative place.
Path common_folder(const Project& project) {
  Path common = project.root;
  const auto holds = [&](const Path& path) {
    return std::mismatch(common.begin(), common.end(), path.begin(), path.end()).first ==
           common.end();
  };
  for (const Path& input : project.inputs)
    while (!holds(input)) common = common.parent_path();
  return common;
}

}  // namespace

Workspace::Workspace(std::shared_ptr<const Project> project,
                     std::shared_ptr<const ProjectTree> tree)
    : project_(std::move(project)), tree_(std::move(tree)) {}

Workspace::~Workspace() = default;

Result<std::unique_ptr<Workspace>> Workspace::create(std::shared_ptr<const Project> project,
                                                     std::shared_ptr<const ProjectTree> tree) {
  std::unique_ptr<Workspace> workspace(new Workspace(std::move(project), std::move(tree)));
  NBREPLAY_TRY(workspace->scratch_, ScratchFolder::create());
  NBREPLAY_TRY_VOID(workspace->empty_scratch());
  workspace->plan();
  const Path copy = workspace->base() / "project";
  if (::mkdir(copy.c_str(), 0755) != 0) return scratch_error(copy);
  workspace->copy_ = MadeFolder(copy);
  NBREPLAY_TRY_VOID(workspace->put_missing());
  return workspace;
}

Status Workspace::empty_scratch() {
  for (const Path& folder : {home(), temporary()}) {
    NBREPLAY_TRY_VOID(remove_tree(folder));
    if (::mkdir(folder.c_str(), 0700) != 0) return scratch_error(folder);
  }
  return {};
}

/// Lists what belongs into `project/`.
void Workspace::plan() {
  const Path common = common_folder(*project_);
  const Path name = common.has_filename() ? common.filename() : Path("root");
  const auto place = [&](const Path& original) {
    const Path relative = original.lexically_relative(common);
    return (relative == "." ? name : name / relative).string();
  };
  const auto add_parents = [&](const std::string& path) {
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1))
      wanted_[path.substr(0, at)].folder = true;
  };
  const std::string root = place(project_->root);
  root_ = base() / "project" / root;
  add_parents(root);
  wanted_[root].folder = true;
  for (const TreeEntry& entry : tree_->entries) {
    Wanted& wanted = wanted_[root + "/" + entry.path];
    wanted.source = &entry;
    wanted.folder = S_ISDIR(entry.stamp.mode);
    if (S_ISLNK(entry.stamp.mode)) wanted.link = link_target(entry);
  }
  for (const Path& input : project_->inputs) {
    const std::string path = place(input);
    add_parents(path);
    wanted_[path].link = input.string();
  }
}

/// A link out of the project must lead to the same place from the copy; an absolute one into the
/// project must not lead back to the original.
std::string Workspace::link_target(const TreeEntry& entry) const {
  std::error_code failed;
  const Path link = project_->root / entry.path;
  const Path target = std::filesystem::read_symlink(link, failed);
  const Path meant = (link.parent_path() / target).lexically_normal();
  const bool inside = is_within(meant, project_->root);
  if (target.is_absolute() && inside)
    return (root_ / meant.lexically_relative(project_->root)).string();
  return inside ? target.string() : meant.string();
}

bool Workspace::can_show(const Project& project) const {
  return same_view(*project_, project);
}

Path Workspace::working_directory() const {
  const Path& folder = project_->working_directory;
  if (!is_within(folder, project_->root)) return folder;
  return (root_ / folder.lexically_relative(project_->root)).lexically_normal();
}

Places Workspace::places() const {
  return {home(), temporary(), home() / ".config" / "matplotlib", working_directory()};
}

Result<CopiedOut> Workspace::copy_written(const Path&) {
  return environment_error("files can be kept in a sandbox only");
}

void Workspace::lend_fonts(const Path& lists) {
  copy_font_lists(lists, places().matplotlib);
}

void Workspace::keep_fonts(const Path& lists) {
  copy_font_lists(places().matplotlib, lists);
}

Status Workspace::put(const std::string& relative, Wanted& wanted) {
  const Path path = base() / "project" / relative;
  if (!wanted.link.empty()) {
    if (::symlink(wanted.link.c_str(), path.c_str()) != 0) return scratch_error(path);
  } else if (wanted.folder) {
    const mode_t mode = wanted.source != nullptr ? (wanted.source->stamp.mode & 0777) : 0755;
    // Set apart from mkdir, which leaves out what the umask forbids.
    if (::mkdir(path.c_str(), 0700) != 0 || ::chmod(path.c_str(), mode | S_IRWXU) != 0)
      return scratch_error(path);
  } else {
    NBREPLAY_TRY(wanted.made,
                 copy_file(project_->root / wanted.source->path, wanted.source->stamp, path));
    return {};
  }
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return scratch_error(path);
  wanted.made = stamp_of(facts);
  return {};
}

Status Workspace::put_missing() {
  for (auto& [relative, wanted] : wanted_) {
    if (!wanted.seen) NBREPLAY_TRY_VOID(put(relative, wanted));
    wanted.seen = false;
  }
  return {};
}

/// A run can put a link in place of our folders: what it leads to is not ours to clean up.
bool Workspace::in_place() const {
  return scratch_->in_place() && copy_.in_place();
}

Status Workspace::reset(const std::shared_ptr<const Project>& project) {
  CHECK(can_show(*project), "another project");
  if (!in_place())
    return environment_error(fmt::format("{}: was moved or replaced by a run", base().string()));
  NBREPLAY_TRY_VOID(empty_scratch());
  placed_.clear();
  for (auto& [relative, wanted] : wanted_) wanted.seen = false;
  NBREPLAY_TRY_VOID(restore_folder(base() / "project", ""));
  return put_missing();
}

Status Workspace::restore_folder(const Path& folder, const std::string& prefix) {
  std::error_code failed;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed))
    names.push_back(entry->path().filename().string());
  if (failed)
    return environment_error(fmt::format("{}: cannot be read", folder.string()), failed.message());
  for (const std::string& name : names)
    NBREPLAY_TRY_VOID(restore_entry(folder / name, prefix.empty() ? name : prefix + "/" + name));
  return {};
}

Status Workspace::restore_entry(const Path& path, const std::string& relative) {
  const auto found = wanted_.find(relative);
  struct stat facts {};
  if (found == wanted_.end() || ::lstat(path.c_str(), &facts) != 0) return remove_tree(path);
  Wanted& wanted = found->second;
  Stamp now = stamp_of(facts);
  if (!wanted.folder) {
    wanted.seen = now == wanted.made;
    return wanted.seen ? Status() : remove_tree(path);
  }
  // A folder is what it holds: its own times change with every temporary file.
  if (!S_ISDIR(now.mode) || now.inode != wanted.made.inode) return remove_tree(path);
  if (now.mode != wanted.made.mode && ::chmod(path.c_str(), wanted.made.mode & 07777) != 0)
    return remove_tree(path);
  wanted.seen = true;
  return restore_folder(path, relative);
}

Status Workspace::add(const ExtraFile& file) {
  const Path path = (working_directory() / file.path).lexically_normal();
  std::error_code failed;
  // Links of the project may lead out of the copy: what counts is where the file would really lie.
  const Path parent = std::filesystem::weakly_canonical(path.parent_path(), failed);
  if (failed || !is_within(parent, base()))
    return usage_error(
        fmt::format("{}: lies outside of the trial's copy of the project, where no file can be "
                    "made without a sandbox",
                    file.path));
  std::filesystem::create_directories(file.folder ? path : parent, failed);
  if (failed)
    return environment_error(fmt::format("{}: cannot be made in the trial's copy", file.path),
                             failed.message());
  if (file.folder) return {};
  return write_file(parent / path.filename(), file.content);
}

}  // namespace nbreplay::process
