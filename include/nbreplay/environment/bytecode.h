#pragma once

#include "nbreplay/trial/environment.h"

namespace nbreplay {

/// Whether most packages of the environment lack compiled bytecode, as after `uv pip install`.
/// Trials write none, so each would compile anew whatever it imports: seconds, every time.
[[nodiscard]] bool lacks_bytecode(const Environment& environment);

}  // namespace nbreplay
