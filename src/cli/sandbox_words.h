#pragma once

#include <string>

#include "nbreplay/trial/sandbox.h"

namespace nbreplay::cli {

/// What a person is warned of before the first notebook runs: that there is no sandbox, or which
/// of its layers are missing, in one line. Empty when all are there and for `--sandbox off`, which
/// was asked for.
[[nodiscard]] std::string missing_layers_warning(const SandboxFacts& facts);

/// The layers in force, for --verbose and the log.
[[nodiscard]] std::string layers_in_force(const SandboxFacts& facts);

}  // namespace nbreplay::cli
