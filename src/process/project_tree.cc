#include "process/project_tree.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "nbreplay/base/hash.h"

namespace nbreplay::process {
namespace {

constexpr std::array<std::string_view, 5> kNeverVisible = {".git", "node_modules", "__pycache__",
                                                           ".ipynb_checkpoints", ".nbreplay"};

bool is_there(const Path& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0;
}

bool is_virtual_environment(const Path& folder) {
  return is_there(folder / "pyvenv.cfg") || is_there(folder / "conda-meta");
}

/// Tagged as made anew when it is gone: build folders, caches of tools
/// (https://bford.info/cachedir/, as tar, borg and restic leave them out).
bool is_cache(const Path& folder) {
  return is_there(folder / "CACHEDIR.TAG");
}

/// The names in a folder, sorted; nothing when it cannot be read.
std::optional<std::vector<std::string>> names_in(const Path& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  if (!open) return std::nullopt;
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Walks a folder, depth first. Counts on beyond the caps, so that the message can say by what.
class Scan {
 public:
  Scan(const Project& project, bool everything) : everything_(everything) {
    for (const Path& path : project.inputs) left_out_.insert(path.lexically_normal().string());
    for (const Path& path : project.hidden) hidden_.insert(path.lexically_normal().string());
  }

  void walk(const Path& folder, const std::string& prefix) {
    const auto names = names_in(folder);
    if (!names) {
      if (!within_hidden_) tree.unreadable.push_back(prefix.empty() ? "." : prefix);
      return;
    }
    for (const std::string& name : *names) {
      if (tree.entries.size() > kMaxProjectEntries) return;
      visit(folder / name, prefix.empty() ? name : prefix + "/" + name, name);
    }
  }

  ProjectTree tree;
  std::map<std::string, std::uint64_t> sizes;  ///< By name in the root.

 private:
  void visit(const Path& path, const std::string& relative, const std::string& name) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0) return;
    const bool folder = S_ISDIR(facts.st_mode);
    if (!folder && !S_ISREG(facts.st_mode) && !S_ISLNK(facts.st_mode)) {
      tree.left_out.push_back(relative);
      return;
    }
    if (!everything_ && is_left_out(path, name, folder)) {
      tree.left_out.push_back(relative);
      return;
    }
    if (within_hidden_ || (!everything_ && hidden_.contains(path.lexically_normal().string()))) {
      if (folder) walk_hidden(path, relative);
      return;
    }
    if (S_ISREG(facts.st_mode) && ::access(path.c_str(), R_OK) != 0) {
      tree.unreadable.push_back(relative);
      return;
    }
    tree.entries.push_back({relative, stamp_of(facts)});
    if (S_ISREG(facts.st_mode)) {
      const auto size = static_cast<std::uint64_t>(facts.st_size);
      tree.size.count += size;
      sizes[relative.substr(0, relative.find('/'))] += size;
    }
    if (folder) walk(path, relative);
  }

  /// Another run may be shown it, but not what is left out of it.
  void walk_hidden(const Path& folder, const std::string& prefix) {
    const bool before = std::exchange(within_hidden_, true);
    walk(folder, prefix);
    within_hidden_ = before;
  }

  [[nodiscard]] bool is_left_out(const Path& path, const std::string& name, bool folder) const {
    if (std::find(kNeverVisible.begin(), kNeverVisible.end(), name) != kNeverVisible.end())
      return true;
    if (left_out_.contains(path.lexically_normal().string())) return true;
    return folder && (is_virtual_environment(path) || is_cache(path));
  }

  bool everything_;
  std::set<std::string> left_out_;
  std::set<std::string> hidden_;
  bool within_hidden_ = false;
};

Error too_large(const Project& project, const Scan& scan) {
  const bool many = scan.tree.entries.size() > kMaxProjectEntries;
  const std::string what = many ? fmt::format("has more than {} entries", kMaxProjectEntries)
                                : fmt::format("has {}, more than {}", format_bytes(scan.tree.size),
                                              format_bytes(project.copy_cap));
  std::string cause = "every trial works on a copy of the project";
  std::string largest = "DIR";
  std::string move;
  const auto by_size = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto found = std::max_element(scan.sizes.begin(), scan.sizes.end(), by_size);
  if (found != scan.sizes.end()) {
    cause += fmt::format("; its largest part is {} ({})", found->first,
                         format_bytes(Bytes{found->second}));
    const Path part = project.root / found->first;
    std::error_code ignored;
    if (std::filesystem::is_directory(part, ignored))
      largest = part.string();
    else
      move = "move large files into a folder of their own; ";
  }
  return {ErrorCode::kUsage, fmt::format("{}: the project {}", project.root.string(), what), cause,
          fmt::format("{}link large folders in without copying: --input {}; or start in a smaller "
                      "folder: --cwd DIR",
                      move, largest)};
}

void add_to_digest(Hasher& hasher, const ProjectTree& tree) {
  for (const TreeEntry& entry : tree.entries) {
    hasher.add(entry.path).add(std::uint64_t{entry.stamp.mode});
    if (S_ISDIR(entry.stamp.mode)) continue;
    hasher.add(entry.stamp.size).add(static_cast<std::uint64_t>(entry.stamp.modified_ns));
  }
}

}  // namespace

Stamp stamp_of(const struct stat& facts) {
  const auto nanoseconds = [](const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
  };
  return {facts.st_mode, static_cast<std::uint64_t>(facts.st_size),
          static_cast<std::uint64_t>(facts.st_ino), nanoseconds(facts.st_mtim),
          nanoseconds(facts.st_ctim)};
}

bool same_view(const Project& left, const Project& right) {
  return left.root == right.root && left.working_directory == right.working_directory &&
         left.inputs == right.inputs && left.hidden == right.hidden && left.digest == right.digest;
}

bool is_within(const Path& path, const Path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

Result<ProjectTree> scan_project(const Project& project) {
  struct stat facts {};
  if (::stat(project.root.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode))
    return usage_error(fmt::format("{}: is no folder that can be read", project.root.string()));
  Scan scan(project, false);
  scan.walk(project.root, "");
  if (scan.tree.size > project.copy_cap || scan.tree.entries.size() > kMaxProjectEntries)
    return too_large(project, scan);
  return std::move(scan.tree);
}

ProjectTree scan_input(const Project& project, const Path& input) {
  Scan scan(project, true);
  scan.walk(input, "");
  return std::move(scan.tree);
}

std::string project_digest(const Project& project, const ProjectTree& tree) {
  Hasher hasher;
  add_to_digest(hasher, tree);
  for (const Path& input : project.inputs) {
    hasher.add(input.string());
    add_to_digest(hasher, scan_input(project, input));
  }
  return hasher.hex();
}

}  // namespace nbreplay::process
