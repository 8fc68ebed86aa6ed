#pragma once

#include <memory>
#include <vector>

#include "nbreplay/base/file.h"

#include "process/copy.h"
#include "process/descriptor.h"

namespace nbreplay::process {

/// A folder as it was made, told apart from a link or another folder that was put in its place.
class MadeFolder {
 public:
  MadeFolder() = default;
  /// `path` as it is now.
  explicit MadeFolder(Path path);

  [[nodiscard]] const Path& path() const { return path_; }
  [[nodiscard]] bool in_place() const;

 private:
  Path path_;
  Stamp made_;
};

/// Where scratch folders are made: TMPDIR first, then /var/tmp, which lies on disk.
[[nodiscard]] std::vector<Path> scratch_places();

/// nbreplay-XXXXXX in one of those, for one owner, who holds the file `lock` in it. Removed when it
/// is destroyed; what an owner left that was killed has a free lock, and `remove_stale` removes it.
class ScratchFolder {
 public:
  /// kEnvironment when it cannot be made.
  [[nodiscard]] static Result<std::unique_ptr<ScratchFolder>> create(
      const Path& where = scratch_places().front());
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const Path& path() const { return folder_.path(); }
  [[nodiscard]] bool in_place() const { return folder_.in_place(); }

  /// Removes those of this user whose owner is gone without having removed them.
  static void remove_stale();

 private:
  ScratchFolder() = default;
  static void remove_stale_in(const Path& where);

  MadeFolder folder_;
  Descriptor lock_;
};

/// That something in a scratch folder cannot be made; `errno` says why.
[[nodiscard]] Error scratch_error(const Path& path);

}  // namespace nbreplay::process
