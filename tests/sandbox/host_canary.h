#pragma once

#include <string>

#include "nbreplay/base/file.h"

namespace nbreplay::test {

/// Files of the host that no notebook may read or change: keys, a socket's place, a nested folder.
void plant_canary(const Path& folder);

/// What planted files hold that must never be seen.
inline constexpr const char* kSecret = "canary-9f3c2e71";

/// Names, kinds, permissions, times and content of all that is below `folder`.
[[nodiscard]] std::string tree_digest(const Path& folder);

/// The mounts of this process.
[[nodiscard]] std::string mounts();

}  // namespace nbreplay::test
