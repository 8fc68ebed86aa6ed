#pragma once

#include "diagnosis/investigation.h"
#include "diagnosis/reproduce.h"

namespace nbreplay {

/// The smallest part of R0 that still crashes the same way (level A), by interval and certify.
[[nodiscard]] MinimalSequence minimise_cells(Investigation& investigation, const BaseRun& base);

/// Reduces the statements of each execution, last to first; fills `minimal.statements`. The text
/// of the statement that crashes is never changed; what encloses it may be unwrapped. Every text
/// kept was run and crashed alike (level A); a stop keeps the best so far.
void minimise_statements(Investigation& investigation, const BaseRun& base,
                         MinimalSequence& minimal);

/// Runs the result in three fresh processes with different hash seeds, comparing at level S.
void confirm_minimal(Investigation& investigation, const BaseRun& base, MinimalSequence& minimal);

/// The trial of a minimal sequence, with reduced sources where there are any.
[[nodiscard]] Trial trial_of(const Investigation& investigation, const BaseRun& base,
                             const MinimalSequence& minimal);

}  // namespace nbreplay
