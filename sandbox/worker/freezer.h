#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "nbreplay/protocol/messages.h"

#include "control.h"

namespace nbreplay::worker {

/// Serves TakeSnapshot: forks a copy of this process that is frozen inside this call, says so
/// with SnapshotReply, and returns nothing: the caller goes on as before. In every runner that
/// the frozen copy is later asked to fork the call returns too, with the request: the caller then
/// is a new worker, with its own streams and socket, that has to find its place (files, event
/// loop, folder) and say Ready.
///
/// Forks through CPython's hooks and with its lock held (PyOS_BeforeFork and its companions in
/// CPython's Modules/posixmodule.c, os.fork), so that locks of the interpreter and of extension
/// modules are sound in the copy. Whether forking is safe has been decided before. `apart`: in a
/// sandbox the copy and its runners are kept from each other (branch_confinement.h).
[[nodiscard]] std::optional<protocol::ForkRunner> freeze(Control& control, bool apart);

/// The frozen copies that are children of this process: no reason not to freeze another.
[[nodiscard]] std::vector<pid_t> frozen_copies();

}  // namespace nbreplay::worker
