#pragma once

#include <string>

#include "nbreplay/base/file.h"
#include "nbreplay/process/installation.h"

namespace nbreplay::cli {

/// The parts of nbreplay beside its executable: PREFIX/bin/nbreplay, PREFIX/libexec/nbreplay,
/// PREFIX/share/nbreplay. The build tree has the same layout as an installed prefix. Nothing is
/// checked here: a missing part is an error of whoever needs it.
[[nodiscard]] process::Installation find_installation();

/// Identifies the worker's build: changes with any of its files. For keys of the trial cache.
[[nodiscard]] std::string worker_identity(const process::Installation& installation);

}  // namespace nbreplay::cli
