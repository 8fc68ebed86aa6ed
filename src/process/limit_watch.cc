#include "process/limit_watch.h"

#include <fmt/format.h>
#include <fts.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <string>

#include "process/process_tree.h"
#include "process/workspace_layer.h"

namespace nbreplay::process {
namespace {

using std::chrono::milliseconds;

/// Walking a large workspace takes a while: it gets at most a twentieth of the time.
constexpr int kWalkShare = 20;
/// So does walking the page tables of processes that share much memory: a tenth.
constexpr int kRollupShare = 10;
/// A workspace is walked when the disk has lost this share of a limit, or seldom anyway: other
/// programs free space while the run takes it.
constexpr std::uint64_t kFreeSpaceShare = 32;
constexpr auto kSeldom = std::chrono::seconds(5);
/// A disk with less than this share of it free is nearly full.
constexpr std::uint64_t kNearlyFullShare = 20;

/// Nothing when there is no such folder.
std::optional<FreeSpace> free_space(const Path& path) {
  struct statvfs facts {};
  if (::statvfs(path.c_str(), &facts) != 0) return std::nullopt;
  return FreeSpace{Bytes{static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize},
                   facts.f_favail,
                   facts.f_bavail < static_cast<std::uint64_t>(facts.f_blocks) / kNearlyFullShare};
}

std::uint64_t more_than(std::uint64_t now, std::uint64_t before) {
  return now - std::min(now, before);
}

}  // namespace

SpaceUsed space_used(const Path& folder) {
  std::string root = folder.string();
  char* roots[] = {root.data(), nullptr};
  FTS* walk = ::fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, nullptr);
  SpaceUsed used;
  if (walk == nullptr) return used;
  while (FTSENT* entry = ::fts_read(walk)) {
    if (entry->fts_level == 1 && kLayersFolder == entry->fts_name) {
      ::fts_set(walk, entry, FTS_SKIP);
      continue;
    }
    if (entry->fts_info == FTS_DP || entry->fts_statp == nullptr || entry->fts_info == FTS_NS)
      continue;
    used.size.count += static_cast<std::uint64_t>(entry->fts_statp->st_blocks) * 512;
    ++used.files;
  }
  ::fts_close(walk);
  return used;
}

LimitWatch::LimitWatch(const Limits& limits, FileSpace& files, bool sandboxed)
    : memory_cap_(limits.memory),
      disk_cap_(limits.files_written),
      file_cap_(sandboxed ? limits.files : 0),
      process_cap_(sandboxed ? limits.processes : 0),
      files_(files) {
  const auto folder = files.folder();
  if (!folder) return;
  initially_used_ = space_used(*folder);
  free_at_walk_ = free_space(*folder).value_or(FreeSpace());
}

std::optional<LimitExceeded> LimitWatch::check(const std::vector<pid_t>& processes, TimePoint now) {
  if (auto exceeded = check_memory(processes, now)) return exceeded;
  if (auto exceeded = check_processes(processes)) return exceeded;
  return check_disk(now);
}

Duration LimitWatch::interval() const {
  return resident_.count > memory_cap_.count / 2 ? milliseconds(50) : milliseconds(200);
}

std::optional<LimitExceeded> LimitWatch::check_memory(const std::vector<pid_t>& processes,
                                                      TimePoint now) {
  resident_ = resident_memory(processes);
  if (resident_ <= memory_cap_ || now < next_rollup_) return std::nullopt;
  const TimePoint start = std::chrono::steady_clock::now();
  const Bytes used = proportional_memory(processes);
  next_rollup_ = now + (std::chrono::steady_clock::now() - start) * kRollupShare;
  if (used <= memory_cap_) return std::nullopt;
  return LimitExceeded{Resource::kMemory,
                       fmt::format("{} used of {}", format_bytes(used), format_bytes(memory_cap_))};
}

std::optional<LimitExceeded> LimitWatch::check_processes(
    const std::vector<pid_t>& processes) const {
  if (process_cap_ == 0) return std::nullopt;
  const std::size_t count = thread_count(processes);
  if (count < process_cap_) return std::nullopt;
  return LimitExceeded{Resource::kProcesses,
                       fmt::format("{} processes and threads of {}", count, process_cap_)};
}

/// By this run, as it seems: it may hide what it writes (files without a name, closed folders), but
/// not that there is less room by more than it may write.
bool LimitWatch::fills_the_disk(const FreeSpace& free_now) {
  if (!free_at_start_) free_at_start_ = free_now.size;
  return free_now.nearly_full &&
         more_than(free_at_start_->count, free_now.size.count) > disk_cap_.count;
}

std::optional<LimitExceeded> LimitWatch::check_disk(TimePoint now) {
  const auto folder = files_.folder();
  if (!folder) return files_.full();
  if (now < next_disk_check_) return std::nullopt;
  next_disk_check_ = now + milliseconds(200);
  const auto free_now = free_space(*folder);
  if (!free_now) return std::nullopt;  // a sandbox makes it once it is there itself
  if (fills_the_disk(*free_now))
    return LimitExceeded{Resource::kDisk,
                         fmt::format("the disk is nearly full: {} left of {} at the start",
                                     format_bytes(free_now->size), format_bytes(*free_at_start_))};
  const bool shrunk = more_than(free_at_walk_.size.count, free_now->size.count) >
                          disk_cap_.count / kFreeSpaceShare ||
                      (file_cap_ > 0 && more_than(free_at_walk_.files, free_now->files) >
                                            file_cap_ / kFreeSpaceShare);
  if (!shrunk && now < next_walk_) return std::nullopt;
  const TimePoint start = std::chrono::steady_clock::now();
  const SpaceUsed used = space_used(*folder);
  const Duration took = std::chrono::steady_clock::now() - start;
  free_at_walk_ = *free_now;
  next_disk_check_ = now + std::max<Duration>(milliseconds(200), took * kWalkShare);
  next_walk_ = now + std::max<Duration>(kSeldom, took * kWalkShare);
  const Bytes written{more_than(used.size.count, initially_used_.size.count) +
                      files_.written_before().count};
  if (written > disk_cap_)
    return LimitExceeded{Resource::kDisk, fmt::format("{} written of {}", format_bytes(written),
                                                      format_bytes(disk_cap_))};
  const std::uint64_t files = more_than(used.files, initially_used_.files);
  if (file_cap_ == 0 || files <= file_cap_) return std::nullopt;
  return LimitExceeded{Resource::kDisk, fmt::format("{} files written of {}", files, file_cap_)};
}

}  // namespace nbreplay::process
