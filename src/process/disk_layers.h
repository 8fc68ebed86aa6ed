#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "process/scratch_folder.h"

namespace nbreplay::process {

/// The layers of a sandbox, where memory cannot hold them: `layers/` of a scratch folder. Each is a
/// folder that the sandbox makes; all in it is the notebook's. Removed when it is destroyed.
class DiskLayers {
 public:
  /// In the first place (`scratch_places`) outside of `project` that can hold an overlay's upper
  /// layer with the attributes of users; kEnvironment when there is none. With `bubblewrap` whom
  /// root becomes can reach it by its path.
  [[nodiscard]] static Result<DiskLayers> create(const Path& project, bool bubblewrap);

  [[nodiscard]] const Path& path() const { return path_; }
  [[nodiscard]] Path layer(std::uint32_t number) const;
  /// What nothing shows any more. What cannot be removed now is with the rest.
  void remove(const std::vector<std::uint32_t>& numbers) const;

 private:
  DiskLayers(std::unique_ptr<ScratchFolder> scratch, Path path)
      : scratch_(std::move(scratch)), path_(std::move(path)) {}

  std::unique_ptr<ScratchFolder> scratch_;
  Path path_;
};

}  // namespace nbreplay::process
