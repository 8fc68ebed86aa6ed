#pragma once

#include <string>

#include "nbreplay/crash/crash.h"

namespace nbreplay {

// What a crash says was not there, by its type and its message. Each is empty for every other
// crash, whatever its message looks like.

/// The name that a NameError says is not defined.
[[nodiscard]] std::string undefined_name(const Crash& crash);

/// The text key that a KeyError says is missing ("'tenure'" → "tenure").
[[nodiscard]] std::string missing_key(const Crash& crash);

/// The module that an import error says is missing ("google.colab").
[[nodiscard]] std::string missing_module(const Crash& crash);

/// The path that an error of a missing file names.
[[nodiscard]] std::string missing_path(const Crash& crash);

}  // namespace nbreplay
