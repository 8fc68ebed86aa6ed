#pragma once

#include <sys/types.h>

#include <string>

#include "failure.h"
#include "mounts.h"

namespace nbreplay::launcher {

/// Below it, relative to the broker's own folder (kHidden).
inline constexpr const char* kProjectLayer = "in";
inline constexpr const char* kScratchLayer = "sc";
/// `b0`, `b1` …: mounts that each view gets again, because they lie in what it replaces.
inline constexpr const char* kLateBind = "b";
/// The broker's own folder: covered by an empty one before the notebook starts.
inline constexpr const char* kHidden = "/run";

/// Whether `path` is `folder` or lies in it.
[[nodiscard]] bool is_below(const std::string& path, const std::string& folder);

/// Whether a path lies in HOME, TMPDIR or /dev/shm.
[[nodiscard]] bool is_in_scratch(const std::string& path);

/// Whether a path is replaced by every view: it is in the project or one of those.
[[nodiscard]] bool is_in_view(const protocol::SandboxSpec& spec, const std::string& path);

/// In a mount namespace of its own, whose mounts this process may change: makes a new root from
/// what `spec` names, enters it and lets go of the old one. `owner` (a user of the initial
/// namespace) will own what the broker makes; when `map_owner`, the project's owner is shown as it.
/// The new root cannot be written to but through `writable_root`.
[[nodiscard]] Outcome build_root(const protocol::SandboxSpec& spec, uid_t owner, bool map_owner,
                                 Handle& writable_root);

}  // namespace nbreplay::launcher
