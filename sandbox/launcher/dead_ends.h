#pragma once

#include <string>
#include <vector>

#include "failure.h"

namespace nbreplay::launcher {

/// A folder that is shown as it is.
struct PlainFolder {
  std::string path;
  int error = 0;  ///< Why the kernel refused an overlay: errno.
};

/// Covers the folders of the person that `spec` shows, each with a read-only overlay of itself. In
/// an overlay a socket or a FIFO has an inode of the overlay's own: it is seen, and leads nowhere,
/// whoever listens on the host. (A folder that is only mounted read-only lets through what is
/// written to those.) Says in `plain` where that cannot be done: in a user namespace no overlay may
/// stand on a folder that another mount lies in, and some file systems bear none.
///
/// For the broker (views.h), before its first view.
[[nodiscard]] Outcome make_dead_ends(const protocol::SandboxSpec& spec,
                                     std::vector<PlainFolder>& plain);

}  // namespace nbreplay::launcher
