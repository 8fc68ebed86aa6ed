#pragma once

#include <sys/types.h>

#include <string>

#include "failure.h"
#include "mounts.h"

namespace nbreplay::launcher {

/// In a mount namespace of its own, whose mounts this process may change: makes a new root from
/// what `spec` names, enters it and lets go of the old one. `owner` (a user of the initial
/// namespace) will own what the broker makes; when `map_owner`, the project's owner is shown as it.
/// The new root cannot be written to but through `writable_root`.
[[nodiscard]] Outcome build_root(const protocol::SandboxSpec& spec, uid_t owner, bool map_owner,
                                 Handle& writable_root);

/// The same where bubblewrap has entered namespaces and mounted all that it could: completes it.
[[nodiscard]] Outcome complete_root(const protocol::SandboxSpec& spec, Handle& writable_root);

}  // namespace nbreplay::launcher
