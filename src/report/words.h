#pragma once

#include <string>

#include "nbreplay/diagnosis/result.h"

namespace nbreplay {

/// "NB specific: execution order", "data confusion", "unknown".
[[nodiscard]] std::string cause_name(const Cause& cause);

}  // namespace nbreplay
