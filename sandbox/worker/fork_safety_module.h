#pragma once

#include <pybind11/pybind11.h>

namespace nbreplay::worker {

/// Adds fork_safety.h to _nbreplay, for nbreplay_worker/fork_safety.py and snapshots.py.
void define_fork_safety(pybind11::module_& module);

}  // namespace nbreplay::worker
