#pragma once

// What a process must know about itself before it forks a copy that goes on alone: a child has
// none of the parent's threads and timers, and is no parent of its children. What it shares with
// the parent is told by open_descriptors.h and shared_maps.h. Facts are told here; which threads
// are harmless is judged in nbreplay_worker/fork_safety.py, whose table people can read.
//
// To be called from the thread that forks, while nothing of the notebook runs. Knows no Python.

#include <sys/types.h>

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

/// Living and uncollected children, without `ours`, as words for a person.
[[nodiscard]] std::vector<std::string> child_hazards(const std::vector<pid_t>& ours);
/// Timers that end with the process that set them.
[[nodiscard]] std::vector<std::string> timer_hazards();

/// Ends the calling thread's pool in every loaded OpenMP runtime; it starts again at its next use.
/// Returns how many runtimes said that they did. The threads end soon, not at once.
int pause_openmp();

}  // namespace nbreplay::worker
