#pragma once

#include <string>

#include "nbreplay/crash/crash.h"

namespace nbreplay {

/// The crash type of the taxonomy in docs/labels.md: "variable not found", "key error", "tensor
/// shape mismatch" … "other".
[[nodiscard]] std::string crash_type(const Crash& crash);

/// The import name of the library whose code raised ("pandas"), from the innermost library
/// frame; empty for the notebook's own code or the standard library.
[[nodiscard]] std::string crash_library(const Crash& crash);

}  // namespace nbreplay
