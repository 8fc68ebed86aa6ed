#pragma once

#include <optional>
#include <string>

#include "nbreplay/trial/outcome.h"

namespace nbreplay {

/// An outcome as JSON text for the trial cache. Rich outputs are not kept: trials that keep them
/// are not cached.
[[nodiscard]] std::string outcome_to_json(const Outcome& outcome);
/// Nothing when the text is not what outcome_to_json writes.
[[nodiscard]] std::optional<Outcome> outcome_from_json(const std::string& text);

}  // namespace nbreplay
