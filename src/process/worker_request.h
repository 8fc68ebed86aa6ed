#pragma once

#include <boost/asio/io_context.hpp>

#include "nbreplay/process/worker_trial_runner.h"
#include "nbreplay/protocol/messages.h"
#include "nbreplay/trial/trial.h"

#include "process/file_space.h"
#include "process/launcher.h"

namespace nbreplay::process {

/// What all sessions of a runner borrow from it.
struct SessionContext {
  boost::asio::io_context& io;
  Launcher& launcher;
  const RunnerSettings& settings;
};

/// How to launch the worker of `trial` with the files of a space. Errors as `worker_command`.
[[nodiscard]] Result<LaunchRequest> launch_request(const SessionContext& context,
                                                   const Trial& trial, FileSpace& space);

/// The worker's first request.
[[nodiscard]] protocol::Configure configure_request(const SessionContext& context,
                                                    const Trial& trial);

/// Identifies all that a worker is started with, in a sandbox its project, too: trials of equal
/// keys can go on from the same worker before its first cell.
[[nodiscard]] std::string start_key(const SessionContext& context, const Trial& trial);

}  // namespace nbreplay::process
