#pragma once

#include <sys/types.h>

#include "views.h"

namespace nbreplay::launcher {

/// Serves BrokerRequests from `socket` until the controller is gone or `reaper`, a child whose end
/// makes `wakeup` readable, has ended. Then that child, and with it every process of its namespace,
/// is dead and collected.
void serve_broker(Views& views, int socket, pid_t reaper, int wakeup);

}  // namespace nbreplay::launcher
