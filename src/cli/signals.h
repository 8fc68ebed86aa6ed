#pragma once

#include "nbreplay/base/stop_request.h"

namespace nbreplay::cli {

/// From now on Ctrl-C and SIGTERM ask `stop` to end the command with its best result so far; a
/// second Ctrl-C ends it at once. SIGPIPE is ignored: a closed pipe is a write error. `stop` must
/// live until the process ends.
void stop_on_signals(StopRequest& stop);

}  // namespace nbreplay::cli
