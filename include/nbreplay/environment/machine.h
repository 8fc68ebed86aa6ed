#pragma once

#include "nbreplay/trial/machine.h"

namespace nbreplay {

/// Read from the kernel's own files each time; what cannot be read keeps its default.
[[nodiscard]] MachineFacts machine_facts();

}  // namespace nbreplay
