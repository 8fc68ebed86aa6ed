#pragma once

#include <string>
#include <vector>

#include "nbreplay/environment/local_environments.h"

namespace nbreplay::environment {

/// Python 3.8: the oldest minor that workers are built for.
inline constexpr int kOldestMinor = 8;

struct Candidate {
  Path executable;
  std::string found_by;  ///< "NBREPLAY_PYTHONS", "PATH", "pyenv", "uv", "conda".
};

/// Interpreters to ask, in the order in which cmake/NbreplayPythons.cmake looks for them; each
/// installation once. Scripts are left out: they are shims (pyenv, asdf), whose answer depends on
/// the folder they are called from, and the versions behind them are looked for by themselves.
[[nodiscard]] std::vector<Candidate> candidates(const Surroundings& surroundings);

/// An executable file that is no script.
[[nodiscard]] bool is_program(const Path& file);

}  // namespace nbreplay::environment
