#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/environment.h"

namespace nbreplay::environment {

/// More of a METADATA file is not read.
inline constexpr Bytes kMaxMetadata = mib(4);

/// What pyvenv.cfg says (PEP 405).
struct VirtualEnvironment {
  Path home;            ///< Folder of the base interpreter's executable.
  std::string version;  ///< "3.11.7" or "3.11"; may be missing.
  bool system_site_packages = false;
};

/// Nothing when `folder` is no virtual environment.
[[nodiscard]] std::optional<VirtualEnvironment> read_virtual_environment(const Path& folder);

/// The executable of a virtual environment or conda prefix; empty when there is none.
[[nodiscard]] Path executable_in(const Path& folder);

/// Whether `folder` is a conda prefix.
[[nodiscard]] bool is_conda_prefix(const Path& folder);

/// The packages whose metadata stands in `folders`, sorted by name; the first folder that has a
/// package wins, as for Python. Read from names alone: nothing is opened but metadata of old
/// style without a version in its name.
[[nodiscard]] std::vector<PackageVersion> packages_in(const std::vector<Path>& folders);

}  // namespace nbreplay::environment
