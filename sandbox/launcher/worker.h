#pragma once

#include <sys/types.h>

#include "failure.h"

namespace nbreplay::launcher {

/// The descriptors that the worker gets, as this process has them.
struct WorkerDescriptors {
  int output = -1;   ///< Becomes 1.
  int errors = -1;   ///< Becomes 2.
  int control = -1;  ///< Becomes protocol::kControlFd.
  int fault = -1;    ///< Becomes protocol::kFaultFd.
};

struct StartResult {
  pid_t pid = -1;
  Outcome failure;  ///< When set nothing runs.
};

/// Forks and executes the worker: in its own process group, dying with this process, with the
/// limits, folder and variables of `spec`, standard input at end of file and no descriptor but
/// those given; confined (confine.h) when `spec` says so.
[[nodiscard]] StartResult start_worker(const protocol::LaunchSpec& spec,
                                       const WorkerDescriptors& descriptors);

}  // namespace nbreplay::launcher
