#pragma once

#include <optional>
#include <string>

namespace nbreplay::worker {

// Snapshots and the runners that are forked from them are processes of one user, and a runner is
// the notebook's: what keeps it from the processes it came from.

/// A frozen copy: nobody of the same user may trace it or look into its memory
/// (PR_SET_DUMPABLE, proc_pid_mem(5)).
void protect_frozen();

/// A runner: visible to itself again, and, where the kernel can, unable to signal or trace what
/// stands outside of it (a Landlock domain, landlock(7): "scoped"). Children stay inside. Why not,
/// where the kernel could but did not: then it must run nothing.
[[nodiscard]] std::optional<std::string> confine_runner();

/// Why no runner of a copy of this process could be confined; nothing while it could. A domain
/// stands in that of the process that it was forked from, and the kernel counts.
[[nodiscard]] std::optional<std::string> no_more_confinement();

}  // namespace nbreplay::worker
