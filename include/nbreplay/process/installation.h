#pragma once

#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/result.h"
#include "nbreplay/trial/environment.h"

namespace nbreplay::process {

/// Where nbreplay's own parts lie; `cli` finds them beside its executable.
struct Installation {
  Path launcher;        ///< nbreplay-launcher
  Path worker;          ///< nbreplay-worker; knows no Python by itself.
  Path modules;         ///< Folder of nbreplay-worker-3.11.so and the like.
  Path share;           ///< Folder of data: the helper package, schemas and the like.
  Path worker_package;  ///< Folder with the worker's Python files.
  Path ipython_supply;  ///< IPython for environments that have none; `environment` looks in it.
};

/// The parts below a prefix: libexec/nbreplay and share/nbreplay. The build tree has the same
/// layout as an installed prefix. Nothing is checked here: a missing part is an error of whoever
/// needs it.
[[nodiscard]] Installation installation_in(const Path& prefix);

/// The minors that workers were built for ("3.9", "3.11"), by version.
[[nodiscard]] std::vector<std::string> built_minors(const Installation& installation);

/// The command of a worker for an environment. kEnvironment when a part is missing, the
/// interpreter has no shared library, or no worker was built for its minor.
[[nodiscard]] Result<std::vector<std::string>> worker_command(const Installation& installation,
                                                              const Environment& environment);

}  // namespace nbreplay::process
