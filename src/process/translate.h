#pragma once

#include "nbreplay/crash/crash.h"
#include "nbreplay/dataflow/facts.h"
#include "nbreplay/protocol/messages.h"
#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay::process {

// From what a worker says to the types that the rest knows. All claims: numbers are brought into
// range, texts made valid UTF-8.

/// The crash that ended the execution `done.position` of `trial`. `statement` stays unset.
[[nodiscard]] Crash to_crash(const protocol::CellDone& done, const Trial& trial);
[[nodiscard]] Observed to_observed(const protocol::WireObserved& observed);
[[nodiscard]] CellFacts to_facts(const protocol::WireCellFacts& facts, std::size_t source_size);

}  // namespace nbreplay::process
