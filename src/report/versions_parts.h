#pragma once

#include <string>

#include "nbreplay/diagnosis/version_result.h"
#include "nbreplay/report/terminal.h"

#include "report/json_parts.h"

namespace nbreplay {

/// `versions` of a crash in a result document.
[[nodiscard]] Json json_of(const VersionsFinding& finding);
/// The rows that show it to a person; `brief`: what was found only, not every test.
[[nodiscard]] std::string versions_text(const VersionsFinding& finding, bool brief,
                                        const TextStyle& style);

}  // namespace nbreplay
