#pragma once

#include "nbreplay/base/file.h"

#include "process/project_tree.h"

namespace nbreplay::process {

/// Copies one regular file to a name that does not exist, with permissions and modification
/// time; shares the data where the file system can (reflink). kUsage when `from` is no longer as
/// `expected`: the project changed while nbreplay was running. Gives the copy's own stamp.
[[nodiscard]] Result<Stamp> copy_file(const Path& from, const Stamp& expected, const Path& to);

/// Removes a file or a folder with all it holds, whatever permissions a notebook left on it;
/// never follows links. Nothing there is fine.
[[nodiscard]] Status remove_tree(const Path& path);

}  // namespace nbreplay::process
