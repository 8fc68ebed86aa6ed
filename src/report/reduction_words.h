#pragma once

#include <string>
#include <vector>

#include "nbreplay/diagnosis/result.h"

namespace nbreplay {

/// What a person should know of a reduced file besides its size, one sentence a line, escaped: why
/// it is partial, which rows are left, which values were changed, what the crash says now.
[[nodiscard]] std::vector<std::string> reduction_words(const InputReduction& input);

}  // namespace nbreplay
