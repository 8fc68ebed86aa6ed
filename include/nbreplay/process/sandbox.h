#pragma once

#include <string>
#include <vector>

#include "nbreplay/base/result.h"
#include "nbreplay/process/installation.h"
#include "nbreplay/trial/sandbox.h"

namespace nbreplay::process {

/// Tries everything that a sandbox needs, step by step, as the user who runs this, and says what is
/// there and what each missing layer would need. Takes a few hundredths of a second. An Error when
/// the launcher itself cannot be run.
[[nodiscard]] Result<SandboxFacts> probe_sandbox(const Installation& installation);

}  // namespace nbreplay::process
