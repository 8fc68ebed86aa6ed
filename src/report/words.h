#pragma once

#include <string>

#include "nbreplay/diagnosis/result.h"
#include "nbreplay/trial/packages.h"

namespace nbreplay {

/// "NB specific: execution order", "data confusion", "unknown".
[[nodiscard]] std::string cause_name(const Cause& cause);

/// "pandas 1.5.3 wants numpy<2, and 2.0.0 is there", "pandas 1.5.3 wants numpy, which is not
/// there".
[[nodiscard]] std::string requirement_words(const UnmetRequirement& unmet);

}  // namespace nbreplay
