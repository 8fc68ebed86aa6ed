#pragma once

#include <string>

#include "nbreplay/report/terminal.h"
#include "nbreplay/trial/probe_result.h"

#include "report/json_parts.h"

namespace nbreplay {

/// One line per probe, and the count of each verdict, every line after `indent` spaces.
[[nodiscard]] std::string snapshots_text(const SnapshotFacts& facts, std::size_t indent);
[[nodiscard]] Json json_of(const SnapshotFacts& facts);

}  // namespace nbreplay
