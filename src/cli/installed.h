#pragma once

#include <string>

#include "nbreplay/base/file.h"
#include "nbreplay/process/installation.h"

namespace nbreplay::cli {

/// The parts of nbreplay beside its executable, PREFIX/bin/nbreplay.
[[nodiscard]] process::Installation find_installation();

/// Identifies the worker's build: changes with any of its files. For keys of the trial cache.
[[nodiscard]] std::string worker_identity(const process::Installation& installation);

}  // namespace nbreplay::cli
