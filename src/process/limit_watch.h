#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "nbreplay/base/clock.h"
#include "nbreplay/trial/limits.h"
#include "nbreplay/trial/outcome.h"

#include "process/file_space.h"

namespace nbreplay::process {

/// Looks from outside at what a run uses: memory and number of all its processes, and what it
/// wrote. Without a sandbox, what it writes outside of its workspace is bounded by the file size
/// limit only.
class LimitWatch {
 public:
  /// Borrows the space. Processes are counted only when `count_processes`.
  LimitWatch(const Limits& limits, FileSpace& files, bool count_processes);

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

  Bytes memory_cap_;
  Bytes disk_cap_;
  std::size_t process_cap_;
  FileSpace& files_;
  Bytes resident_;
  Bytes initially_used_;
  std::uint64_t free_at_walk_ = 0;
  TimePoint next_rollup_;
  TimePoint next_disk_check_;
  TimePoint next_walk_;
};

/// The space that a workspace takes on disk, with everything in it but our own copies for
/// snapshots (kLayersFolder); links are not followed.
[[nodiscard]] Bytes space_used(const Path& folder);

}  // namespace nbreplay::process
