#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/units.h"

#include "process/file_space.h"
#include "process/project_tree.h"

namespace nbreplay::process {

/// A copy of a file as a run had left it, shared by all layers that hold it. Removed with the
/// last of them.
class SavedFile {
 public:
  SavedFile(Path path, Stamp stamp) : path_(std::move(path)), stamp_(stamp) {}
  SavedFile(const SavedFile&) = delete;
  SavedFile& operator=(const SavedFile&) = delete;
  ~SavedFile();
  [[nodiscard]] const Path& path() const { return path_; }
  [[nodiscard]] const Stamp& stamp() const { return stamp_; }  ///< Of the copy.

 private:
  Path path_;
  Stamp stamp_;
};

/// How a workspace differed from its pristine state at some moment.
struct WorkspaceLayer final : SavedFiles {
  void add_sizes(std::map<const void*, std::uint64_t>& sizes) const override;

  struct Entry {
    mode_t mode = 0;  ///< Type and permissions.
    std::shared_ptr<const SavedFile> file;
    std::string link;  ///< Target of a symbolic link.
  };
  std::map<std::string, Entry> put;  ///< By path below the workspace; parents come first.
  std::vector<std::string> removed;  ///< Of the project's own entries.
};

/// Where a workspace keeps the copies.
inline constexpr std::string_view kLayersFolder = "layers";

/// What one capture may copy; beyond it running again is cheaper.
inline constexpr Bytes kLayerCap = mib(64);
inline constexpr std::size_t kMaxLayerEntries = 5'000;

}  // namespace nbreplay::process
