#pragma once

#include <string>
#include <vector>

#include "nbreplay/base/file.h"

namespace nbreplay {

struct PackageVersion {
  std::string name;  ///< Normalised as in PEP 503: lower case, dashes.
  std::string version;
  friend bool operator==(const PackageVersion&, const PackageVersion&) = default;
};

/// A CPython that can run notebooks.
struct Interpreter {
  Path executable;       ///< As found; not resolved, since a virtual environment's link matters.
  std::string version;   ///< "3.11.7"
  std::string minor;     ///< "3.11"
  Path libpython;        ///< Its shared library; empty when it was built without one.
  Path base_prefix;      ///< Where the standard library's installation lives.
  Path prefix;           ///< The environment: equals base_prefix outside virtual environments.
  std::string found_by;  ///< "NBREPLAY_PYTHONS", "PATH", "pyenv", "uv", "conda", "--python" …
};

/// Where the notebook's libraries come from. Immutable once found.
struct Environment {
  Interpreter interpreter;
  std::vector<PackageVersion> packages;  ///< Sorted by name.
  std::vector<Path> site_packages;       ///< Folders whose change would be a change of packages.
  std::string hash;    ///< Of Python version and packages; the environment's identity in keys.
  std::string source;  ///< "--environment", "project", "--python", "PATH".
  std::string why;     ///< One line: why this one was chosen.
  std::string display_name;  ///< ".venv", "python 3.11": short, for the terminal's first line.
  bool has_ipython = false;
  std::string ipython_version;
  /// Folders with IPython to come along, when the environment has none (docs/environments.md).
  std::vector<Path> append_path;
  std::vector<Path> prepend_path;
};

/// What stands in the folders of an environment: changes whenever a package is installed, removed
/// or replaced there, and does not change by importing (which writes __pycache__ folders). Only
/// the top level is looked at, with a stamp of time and size of files and of packages' metadata:
/// a file edited by hand inside a package goes unnoticed.
struct EnvironmentState {
  std::vector<std::pair<std::string, std::string>> entries;  ///< Entry name, stamp; sorted.
  friend bool operator==(const EnvironmentState&, const EnvironmentState&) = default;
};

[[nodiscard]] EnvironmentState environment_state(const Environment& environment);

/// "numpy 1.26.4 removed, numpy 2.0.0 added"; empty when nothing changed.
[[nodiscard]] std::string describe_change(const EnvironmentState& before,
                                          const EnvironmentState& after);

}  // namespace nbreplay
