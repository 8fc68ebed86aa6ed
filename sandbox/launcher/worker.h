#pragma once

#include <sys/types.h>

#include <optional>

#include "nbreplay/protocol/launch.h"

namespace nbreplay::launcher {

/// The descriptors that the worker gets, as this process has them.
struct WorkerDescriptors {
  int output = -1;   ///< Becomes 1.
  int errors = -1;   ///< Becomes 2.
  int control = -1;  ///< Becomes protocol::kControlFd.
  int fault = -1;    ///< Becomes protocol::kFaultFd.
};

struct StartFailure {
  protocol::LaunchReport::Stage stage = protocol::LaunchReport::Stage::kFork;
  int error = 0;  ///< errno
};

struct StartResult {
  pid_t pid = -1;
  std::optional<StartFailure> failure;  ///< When set nothing runs.
};

/// Forks and executes the worker: in its own process group, dying with this process, with the
/// limits, folder and variables of `spec`, standard input at end of file and no descriptor but
/// those given.
[[nodiscard]] StartResult start_worker(const protocol::LaunchSpec& spec,
                                       const WorkerDescriptors& descriptors);

}  // namespace nbreplay::launcher
