#pragma once

#include <string>

#include "nbreplay/protocol/messages.h"

namespace nbreplay::worker {

/// Starts CPython as if the environment's own interpreter had been started: it finds pyvenv.cfg,
/// standard library and site-packages. Returns what went wrong, or nothing.
[[nodiscard]] std::string start_interpreter(const protocol::Configure& configure);

}  // namespace nbreplay::worker
