#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "nbreplay/base/clock.h"
#include "nbreplay/trial/limits.h"
#include "nbreplay/trial/outcome.h"

#include "process/file_space.h"

namespace nbreplay::process {

/// What lies in a folder.
struct SpaceUsed {
  Bytes size;
  std::uint64_t files = 0;  ///< Folders, too.
};

/// What a disk has room for.
struct FreeSpace {
  Bytes size;
  std::uint64_t files = 0;
  bool nearly_full = false;
};

/// Looks from outside at what a run uses: memory and number of all its processes, and what it
/// wrote. What it writes outside of the folder that is looked at (without a sandbox), and to files
/// that have no name there any more, is bounded by the file size limit only, and ends the run once
/// the disk is nearly full.
class LimitWatch {
 public:
  /// Borrows the space. Processes and files are counted only when `sandboxed`.
  LimitWatch(const Limits& limits, FileSpace& files, bool sandboxed);

  /// The limit that the processes of a run exceed, if they do.
  [[nodiscard]] std::optional<LimitExceeded> check(const std::vector<pid_t>& processes,
                                                   TimePoint now);

  /// When to look again: sooner when the memory is nearly used.
  [[nodiscard]] Duration interval() const;

 private:
  [[nodiscard]] std::optional<LimitExceeded> check_memory(const std::vector<pid_t>& processes,
                                                          TimePoint now);
  [[nodiscard]] std::optional<LimitExceeded> check_processes(
      const std::vector<pid_t>& processes) const;
  [[nodiscard]] std::optional<LimitExceeded> check_disk(TimePoint now);
  [[nodiscard]] bool fills_the_disk(const FreeSpace& free_now);

  Bytes memory_cap_;
  Bytes disk_cap_;
  std::uint64_t file_cap_;  ///< 0: none.
  std::size_t process_cap_;
  FileSpace& files_;
  Bytes resident_;
  SpaceUsed initially_used_;
  FreeSpace free_at_walk_;
  std::optional<Bytes> free_at_start_;  ///< Of the disk with the folder.
  TimePoint next_rollup_;
  TimePoint next_disk_check_;
  TimePoint next_walk_;
};

/// The space that a workspace takes on disk, with everything in it but our own copies for
/// snapshots (kLayersFolder); links are not followed. A folder that forbids it is not looked into.
[[nodiscard]] SpaceUsed space_used(const Path& folder);

}  // namespace nbreplay::process
