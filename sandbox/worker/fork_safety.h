#pragma once

// What a process must know about itself before it forks a copy that goes on alone: a child has
// none of the parent's threads, shares its open descriptions and shared maps, and is no parent
// of its children. Facts are told here; which threads are harmless is judged in
// nbreplay_worker/fork_safety.py, whose table people can read.
//
// To be called from the thread that forks, while nothing of the notebook runs. Knows no Python.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace nbreplay::worker {

/// A thread besides the calling one.
struct ThreadFacts {
  pid_t tid = 0;
  std::string name;
  std::string owner;  ///< Path of the library that made it (thread_owners.h); empty: unknown.
};

[[nodiscard]] std::vector<ThreadFacts> other_threads();

/// Paths of all loaded libraries.
[[nodiscard]] std::vector<std::string> mapped_libraries();

/// What else would be shared with a child, or lost in it, as words for a person: "open socket
/// (descriptor 12)". Regular files and folders are none of it: see open_files().
///
/// `ours` are descriptors that the caller replaces or closes in the child.
[[nodiscard]] std::vector<std::string> descriptor_hazards(const std::vector<int>& ours);
/// Memory that a child would write into its parent. `known` are addresses (any byte of a map) that
/// the caller takes care of in the child.
[[nodiscard]] std::vector<std::string> map_hazards(const std::vector<std::uintptr_t>& known);
/// Living and uncollected children, without `ours`.
[[nodiscard]] std::vector<std::string> child_hazards(const std::vector<pid_t>& ours);
/// Timers that end with the process that set them.
[[nodiscard]] std::vector<std::string> timer_hazards();

/// A regular file or folder that is open.
struct OpenFile {
  int descriptor = -1;
  std::string path;
  int flags = 0;  ///< As open() takes them: access mode, status flags and O_CLOEXEC.
  off_t offset = 0;
};

/// To be asked when a snapshot is made: what the path of a descriptor is, may look different later.
[[nodiscard]] std::vector<OpenFile> open_files(const std::vector<int>& ours);
/// In the child: opens each file again under its number, so that the offset is no longer shared
/// with the parent. Never creates nor empties a file. Returns what went wrong, or nothing.
[[nodiscard]] std::string reopen(const std::vector<OpenFile>& files);

/// Ends the calling thread's pool in every loaded OpenMP runtime; it starts again at its next use.
/// Returns how many runtimes said that they did. The threads end soon, not at once.
int pause_openmp();

}  // namespace nbreplay::worker
