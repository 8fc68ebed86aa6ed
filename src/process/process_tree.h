#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "nbreplay/base/units.h"

namespace nbreplay::process {

/// From /proc/PID/stat (proc(5)).
struct ProcessFacts {
  pid_t parent = 0;
  std::size_t threads = 1;
  bool zombie = false;  ///< Ended, and not collected by its parent.
  int exit_status = 0;  ///< Of a zombie, as waitpid(2) would say it.
};
/// Nothing when there is no such process.
[[nodiscard]] std::optional<ProcessFacts> process_facts(pid_t pid);

/// `root` and all processes below it, by /proc; empty when `root` is gone. A snapshot of
/// something that moves: processes may be missed or gone by the time of return.
[[nodiscard]] std::vector<pid_t> processes_below(pid_t root);

/// The one of `processes` that its own process namespace calls `number` (the last of NSpid in
/// proc_pid_status(5)), in the innermost namespace that has one; outside of a sandbox that is its
/// process id.
[[nodiscard]] std::optional<pid_t> find_numbered(const std::vector<pid_t>& processes, pid_t number);

/// The inverse: what the process's own namespace calls it.
[[nodiscard]] std::optional<pid_t> number_inside(pid_t pid);

/// The children of `parent`.
[[nodiscard]] std::vector<pid_t> children_of(pid_t parent);

/// The threads of all of them.
[[nodiscard]] std::size_t thread_count(const std::vector<pid_t>& processes);

/// Resident memory of all of them added up. What several share counts several times, so the
/// truth is at most this; it costs one small read per process.
[[nodiscard]] Bytes resident_memory(const std::vector<pid_t>& processes);

/// Proportional set size (smaps_rollup) of all of them added up: shared pages count once. Walks
/// the page tables of every process, so ask only when `resident_memory` is not good enough. A
/// process that does not let us look counts with its resident memory.
[[nodiscard]] Bytes proportional_memory(const std::vector<pid_t>& processes);

}  // namespace nbreplay::process
