#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/trial/runner.h"

namespace nbreplay::environment {

/// What an installed interpreter says of itself.
struct ProbeFacts {
  std::string implementation;  ///< "cpython", "cpython-free-threaded", "pypy".
  std::string version;
  Path libpython;  ///< Empty when there is none.
  Path base_prefix;
  std::vector<Path> site_packages;  ///< Of the installation itself.
};

/// Reads what the probe script, or the cache, wrote. Whatever stands there is checked: types,
/// lengths, absolute paths, a version that is one.
[[nodiscard]] Result<ProbeFacts> parse_probe(std::string_view json);

/// The same as JSON.
[[nodiscard]] std::string probe_json(const ProbeFacts& facts);

/// Asks `executable`, isolated from variables, user packages and site-packages.
[[nodiscard]] Result<ProbeFacts> ask(ChildRunner& children, const Path& executable);

}  // namespace nbreplay::environment
