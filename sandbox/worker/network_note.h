#pragma once

#include "control.h"

namespace nbreplay::worker {

/// From here on a Note tells, once, that the notebook asked for the network, which is closed.
/// Libraries word what then happens in their own ways. Local addresses do not count. After the
/// interpreter was started (PySys_AddAuditHook; the events are CPython's audit events table).
void note_network_use(Control& control);

}  // namespace nbreplay::worker
