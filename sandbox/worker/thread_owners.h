#pragma once

#include <sys/types.h>

#include <cstddef>

// Which library made which thread of this process.
//
// The executable exports its own pthread_create, to which the libraries of wheels bind before
// they see the C library's (docs/snapshots.md: "What taints a snapshot"). It remembers, for every
// thread that it starts and until that thread ends, the library of the start routine. A start
// routine inside libstdc++ (std::thread) says nothing: there the owner is the library with the
// virtual table of what the thread runs, else the first caller outside the C and C++ libraries.
//
// Threads are unknown that do not come through the exported symbol: those of a library with a
// copy of its own (jemalloc), of the C library itself, and all in sanitizer builds, whose own
// interceptors are pthread_create. Whoever asks must treat an unknown owner as unsafe.

/// Writes the path of the library that made the thread and returns its length, cut at `size - 1`
/// and ended by a zero; 0 when nothing is known. From any thread, at any time; allocates nothing.
///
/// Modules look it up by name (dlsym), since the table lies in the executable and not in them.
extern "C" __attribute__((visibility("default"))) std::size_t nbreplay_thread_owner(
    pid_t tid, char* path, std::size_t size);

namespace nbreplay::worker {
using ThreadOwnerFunction = std::size_t (*)(pid_t, char*, std::size_t);
}  // namespace nbreplay::worker
