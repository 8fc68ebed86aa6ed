#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "nbreplay/base/units.h"

namespace nbreplay {

/// What this machine offers, as `doctor` shows it.
struct MachineFacts {
  std::string system;      ///< "Debian GNU/Linux 12 (bookworm)"
  std::string kernel;      ///< "6.1.0-18-amd64"
  std::size_t cores = 1;   ///< That this process may run on.
  Bytes memory;            ///< Of the machine, or of the control group where that is less.
  Bytes memory_available;  ///< Now.
  bool memory_from_cgroup = false;
  bool root = false;  ///< Whether this process runs as root.
  /// Whether a process without privileges may make user namespaces; unset: cannot be told.
  std::optional<bool> user_namespaces;
  std::string cgroup;  ///< "v2", "v1" or empty.
};

}  // namespace nbreplay
