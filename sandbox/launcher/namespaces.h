#pragma once

#include "failure.h"
#include "mounts.h"

namespace nbreplay::launcher {

/// What only the broker has of it.
struct BrokersFolders {
  Handle hidden;         ///< kSandboxHidden, which is covered.
  Handle writable_root;  ///< The root, which nobody else can write to.
};

/// Puts this process, which must have one thread, into namespaces of its own and builds the file
/// system that the notebook will see; it ends with all capabilities over those namespaces and none
/// over anything else, as an ordinary user whatever it was before.
///
/// Root builds first and then gives itself up: files that only root may reach are shown to the
/// notebook where the specification names them, and the project's owner becomes the notebook's
/// user (an id-mapped mount, mount_setattr(2)) where its file system can do that. Everybody else
/// enters a user namespace first, in which mounting is allowed. Where the specification says that
/// it is prepared, bubblewrap has done most of this, with the same result.
[[nodiscard]] Outcome enter_sandbox(const protocol::SandboxSpec& spec, BrokersFolders& folders);

}  // namespace nbreplay::launcher
