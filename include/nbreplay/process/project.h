#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/units.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay::process {

/// What a person said about where a notebook runs.
struct ProjectRequest {
  Path notebook;
  std::optional<Path> working_directory;  ///< --cwd
  std::vector<Path> inputs;               ///< --input
  std::vector<Path> hidden;               ///< Files that nbreplay wrote.
  Bytes copy_cap = gib(2);
};

/// The visible project: the folder of the nearest `.git` or `pyproject.toml` at or above the
/// working directory (--cwd, else the notebook's folder), else the working directory itself. The
/// home directory and `/` are never taken for a project because of a marker in them.
///
/// Not visible: `.git`, virtual environments, folders with a CACHEDIR.TAG, `node_modules`,
/// `__pycache__`, `.ipynb_checkpoints`, `.nbreplay` and what nbreplay wrote (`hidden`); FIFOs,
/// sockets and devices. Symbolic links
/// stay links: one that leads out of the project leads to the same place from the copy.
///
/// kUsage when a folder does not exist or the project is larger than `copy_cap` or has more than
/// 200,000 entries; the message names what is large, the hint what to do.
[[nodiscard]] Result<std::shared_ptr<const Project>> make_project(const ProjectRequest& request);

}  // namespace nbreplay::process
