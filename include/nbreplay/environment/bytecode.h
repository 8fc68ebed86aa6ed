#pragma once

#include "nbreplay/trial/environment.h"

namespace nbreplay {

/// Whether hardly any package of the environment has compiled bytecode, as after `uv pip install`
/// when nothing was imported since. Trials write none, so each compiles anew whatever it imports:
/// seconds, every time.
[[nodiscard]] bool lacks_bytecode(const Environment& environment);

}  // namespace nbreplay
