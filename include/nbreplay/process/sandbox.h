#pragma once

#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/result.h"
#include "nbreplay/process/installation.h"
#include "nbreplay/process/worker_trial_runner.h"
#include "nbreplay/trial/sandbox.h"

namespace nbreplay::process {

/// Tries everything that a sandbox needs, step by step, as the user who runs this, and says what is
/// there and what each missing layer would need; with `bubblewrap`, when it is not empty, in the
/// place of our launcher. With `layers_on_disk` what runs write is to lie there, and in memory only
/// where that cannot be. Takes a few hundredths of a second. An Error when the launcher itself
/// cannot be run.
[[nodiscard]] Result<SandboxFacts> probe_sandbox(const Installation& installation,
                                                 const Path& bubblewrap = {},
                                                 bool layers_on_disk = !memory_has_attributes());

/// Where bubblewrap is; empty when it is nowhere in PATH.
[[nodiscard]] Path find_bubblewrap();

}  // namespace nbreplay::process
