#pragma once

#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/runner.h"

namespace nbreplay {

/// The variables that say where interpreters may be. Empty: not set.
struct Surroundings {
  std::string nbreplay_pythons;  ///< When set, these are the only candidates.
  std::string path;
  Path home;
  Path pyenv_root;
  Path virtual_env;
  Path conda_prefix;

  /// Those of this process.
  [[nodiscard]] static Surroundings of_process();
};

struct EnvironmentSettings {
  std::vector<std::string> worker_minors;  ///< Minors that workers were built for.
  Path ipython_supply;  ///< A folder per minor with an IPython to come along; may be missing.
  Path cache_folder;    ///< Where answers of interpreters are kept; empty: nowhere.
  Surroundings surroundings;
};

/// The interpreters and environments of this machine.
///
/// An interpreter is asked once, by a short script that loads nothing of its site-packages; the
/// answer is kept in the cache folder for as long as the file keeps its time and size. Everything
/// about an environment is read from its files (pyvenv.cfg, names of *.dist-info folders), so that
/// a second call starts no Python at all.
///
/// `find` takes the first of: --environment; --python; a virtual environment (.venv, venv, env) in
/// the notebook's folder or above it up to the project's root; the active one (VIRTUAL_ENV,
/// CONDA_PREFIX, or a virtual environment on PATH); the newest interpreter that has a worker, one
/// of the notebook's own minor before others, those on PATH before those of pyenv, uv and conda.
class LocalEnvironments final : public EnvironmentProvider {
 public:
  /// `children` must outlive this.
  LocalEnvironments(EnvironmentSettings settings, ChildRunner& children);

  /// kUsage when what was asked for does not exist, kEnvironment when nothing fits.
  [[nodiscard]] Result<Environment> find(const EnvironmentRequest& request) override;

  /// All CPython interpreters of a minor that could be served (3.8 or newer), as found, each
  /// installation once. One without a shared library has an empty `libpython`.
  [[nodiscard]] std::vector<Interpreter> interpreters() override;

 private:
  EnvironmentSettings settings_;
  ChildRunner& children_;
};

/// The version of the IPython that comes along with environments of `minor`; empty when none does.
[[nodiscard]] std::string supplied_ipython(const Path& supply, const std::string& minor);

}  // namespace nbreplay
