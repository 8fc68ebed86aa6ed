#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/runner.h"
#include "nbreplay/trial/stored_environments.h"

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

/// When environments are made, which fetches packages.
enum class MakeEnvironments {
  kNever,
  kWhereNeeded,  ///< When nothing at hand holds what a notebook imports.
  kAlways,       ///< For every notebook whose environment is not named.
};

struct EnvironmentSettings {
  std::vector<std::string> worker_minors;  ///< Minors that workers were built for.
  Path ipython_supply;  ///< A folder per minor with an IPython to come along; may be missing.
  Path cache_folder;    ///< Where answers of interpreters are kept; empty: nowhere.
  Surroundings surroundings;
  MakeEnvironments make = MakeEnvironments::kNever;
};

class PackageTools;
namespace environment {
class Search;
}

/// The interpreters and environments of this machine.
///
/// An interpreter is asked once, by a short script that loads nothing of its site-packages; the
/// answer is kept in the cache folder for as long as the file keeps its time and size. Everything
/// about an environment is read from its files (pyvenv.cfg, names of *.dist-info folders), so that
/// a second call starts no Python at all.
///
/// `find` takes the first of:
///   1. what a person names: --environment; an environment made from --requirements, or made for
///      the notebook when --as-of or MakeEnvironments::kAlways ask for one; --python;
///   2. a virtual environment (.venv, venv, env) in the notebook's folder or above it up to the
///      project's root;
///   3. the active one (VIRTUAL_ENV, CONDA_PREFIX, or a virtual environment on PATH), else the
///      newest interpreter that has a worker, one of the notebook's own minor before others, those
///      on PATH before those of pyenv, uv and conda: when it holds what the notebook imports;
///   4. an environment made from what is recorded beside the notebook or in its project's root
///      (requirements.txt, environment.yml, pyproject.toml, uv.lock), else for its imports as
///      they were at its date;
///   5. what 3 would have been. Where 4 was tried in vain, `why` says so.
class LocalEnvironments final : public EnvironmentProvider {
 public:
  /// `children` must outlive this, and so must `packages`, without which none is made.
  LocalEnvironments(EnvironmentSettings settings, ChildRunner& children,
                    PackageTools* packages = nullptr);

  /// kUsage when what was asked for does not exist or excludes each other, kEnvironment when
  /// nothing fits.
  [[nodiscard]] Result<Environment> find(const EnvironmentRequest& request) override;

  /// The same without making any: steps 1 to 3.
  [[nodiscard]] Result<Environment> at_hand(const EnvironmentRequest& request);
  /// Whether `find` makes one whatever is at hand.
  [[nodiscard]] bool makes(const EnvironmentRequest& request) const;
  /// Whether `find` may make one instead of `at_hand`: nobody named it, and it lacks some of the
  /// request's imports or of what its %pip lines ask for.
  [[nodiscard]] bool may_be_replaced(const EnvironmentRequest& request,
                                     const Environment& at_hand) const;
  /// The interpreter of an environment that would be made, by itself.
  [[nodiscard]] Result<Environment> bare(const EnvironmentRequest& request);

  /// What would be made, where it is asked for; and the lock of that.
  [[nodiscard]] Result<EnvironmentPlan> plan(const EnvironmentRequest& request);
  [[nodiscard]] Result<Resolution> lock(const EnvironmentRequest& request,
                                        const EnvironmentPlan& plan);
  [[nodiscard]] Result<Environment> make(const EnvironmentRequest& request,
                                         const EnvironmentPlan& plan);

  /// All CPython interpreters of a minor that could be served (3.8 or newer), as found, each
  /// installation once. One without a shared library has an empty `libpython`.
  [[nodiscard]] std::vector<Interpreter> interpreters() override;

 private:
  Result<std::optional<Interpreter>> named_interpreter(environment::Search& search,
                                                       const EnvironmentRequest& request);
  Result<Environment> made_where_it_helps(const EnvironmentRequest& request,
                                          const Environment& at_hand);

  EnvironmentSettings settings_;
  ChildRunner& children_;
  PackageTools* packages_;
};

/// The version of the IPython that comes along with environments of `minor`; empty when none does.
[[nodiscard]] std::string supplied_ipython(const Path& supply, const std::string& minor);

}  // namespace nbreplay
