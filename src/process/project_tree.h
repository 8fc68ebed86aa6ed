#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay::process {

/// More entries than a trial may create in the sandbox are not copied either.
inline constexpr std::size_t kMaxProjectEntries = 200'000;

/// What shows that a file changed. The change time cannot be set back by the one who changed it.
struct Stamp {
  mode_t mode = 0;  ///< Type and permissions.
  std::uint64_t size = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

[[nodiscard]] Stamp stamp_of(const struct stat& facts);

/// A file, folder or symbolic link; everything else is not visible.
struct TreeEntry {
  std::string path;  ///< Relative to the root.
  Stamp stamp;
};

/// What a trial sees of a project, without its inputs.
struct ProjectTree {
  std::vector<TreeEntry> entries;  ///< Parents before children, otherwise by name.
  Bytes size;
  std::vector<std::string> unreadable;  ///< Left out because permissions do not let us.
  /// Other entries that no run sees, outermost only. What is hidden is not among them: of the same
  /// sandbox another run may see it.
  std::vector<std::string> left_out;
};

/// Of `Project` only root, inputs, hidden and copy_cap are looked at. Errors as `make_project`.
[[nodiscard]] Result<ProjectTree> scan_project(const Project& project);

/// All of a folder that is linked in by --input: nothing in it is left out.
[[nodiscard]] ProjectTree scan_input(const Project& project, const Path& input);

/// Whether runs of both may work on the same copy, one after the other.
[[nodiscard]] bool same_view(const Project& left, const Project& right);

/// Whether `path` is `folder` or lies in it, by their names.
[[nodiscard]] bool is_within(const Path& path, const Path& folder);

/// Of paths, sizes and modification times of the tree and of the inputs.
[[nodiscard]] std::string project_digest(const Project& project, const ProjectTree& tree);

}  // namespace nbreplay::process
