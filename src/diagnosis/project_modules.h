#pragma once

#include <optional>
#include <string>

#include "nbreplay/trial/trial.h"

namespace nbreplay {

/// A module that is a file or a package of the project itself.
struct ProjectModule {
  std::string file;        ///< Seen from the project's root: "src/helpers.py", "src/helpers".
  std::string folder;      ///< What sys.path lacks, seen from the root; "." is the root itself.
  std::string from_start;  ///< The same folder, seen from where the notebook starts: "../src".
};

/// Where the visible project has `module` ("helpers", "shop.prices"), outside of the folder that
/// the notebook starts in: in a folder above it, the nearest first, else anywhere below the root.
/// Nothing where it has none, or under a path that no Python literal holds as it is.
[[nodiscard]] std::optional<ProjectModule> find_in_project(const Project& project,
                                                           const std::string& module);

}  // namespace nbreplay
