#pragma once

#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/protocol/launch.h"

namespace nbreplay::process {

/// The command, less the launcher's own arguments, by which bubblewrap enters the namespaces of a
/// sandbox and mounts what `spec` names; then it executes `launcher`, which does the rest
/// (SandboxSpec::prepared). Bubblewrap never runs as root: for root it does as nobody, who cannot
/// show the notebook what only root may read.
[[nodiscard]] std::vector<std::string> bubblewrap_command(const Path& bubblewrap,
                                                          const protocol::SandboxSpec& spec,
                                                          const Path& launcher);

}  // namespace nbreplay::process
