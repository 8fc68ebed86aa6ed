#pragma once

#include <vector>

#include "nbreplay/base/file.h"

namespace nbreplay::process {

/// The folders outside of a site-packages folder that it makes importable: those that its .pth
/// files name (Python's site module), and the sources of packages that were installed to be edited
/// (direct_url.json, PEP 610), and what an environment of ours links to (its _nbreplay.pth). Only
/// those that are there.
[[nodiscard]] std::vector<Path> linked_folders(const Path& site_packages);

}  // namespace nbreplay::process
