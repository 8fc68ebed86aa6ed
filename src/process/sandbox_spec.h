#pragma once

#include <string>
#include <vector>

#include "nbreplay/process/worker_trial_runner.h"
#include "nbreplay/protocol/launch.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay::process {

/// Processes of a sandbox that are no notebook's: its reaper, a first worker, and some to spare.
inline constexpr std::size_t kOwnProcesses = 8;

/// The part of every sandbox: the system's programs and libraries and a few files of /etc.
[[nodiscard]] protocol::SandboxSpec system_spec(bool network);

/// What the worker of `trial` sees and may use: the system's programs and libraries, its
/// environment and nbreplay's own parts, all read-only and where they are on the host; a few files
/// of /etc, among them made-up users; the project, less `hidden`, and the inputs, where they are on
/// the host.
[[nodiscard]] protocol::SandboxSpec sandbox_spec(const RunnerSettings& settings, const Trial& trial,
                                                 std::vector<std::string> hidden);

}  // namespace nbreplay::process
