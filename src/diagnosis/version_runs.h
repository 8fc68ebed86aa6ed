#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/diagnosis/versions.h"
#include "nbreplay/reduce/oracle.h"

#include "diagnosis/investigation.h"
#include "diagnosis/reproduce.h"

namespace nbreplay {

/// What every version is compared with.
struct VersionReference {
  ExecutionOrder order;
  std::optional<Crash> crash;  ///< Unset: whatever is raised.
  std::vector<std::string> placeholder_modules;
};

/// An environment to try, or why there is none.
struct MadeEnvironment {
  VersionTest test;  ///< What it consists of; not run yet.
  std::shared_ptr<const Environment> environment;

  /// What an editor made, or why it did not.
  void take(EditedEnvironment edited);
};

/// Makes environments that differ from a base, and runs the notebook in them.
class VersionRuns {
 public:
  VersionRuns(Investigation& investigation, const VersionServices& services,
              std::shared_ptr<const Environment> base)
      : investigation_(investigation), services_(services), base_(std::move(base)) {}

  /// Edits are made of this environment from now on.
  void start_from(std::shared_ptr<const Environment> base) { base_ = std::move(base); }
  void compare_with(VersionReference reference) { reference_ = std::move(reference); }
  [[nodiscard]] const VersionReference& reference() const { return reference_; }
  [[nodiscard]] Investigation& investigation() const { return investigation_; }
  [[nodiscard]] const VersionServices& services() const { return services_; }
  [[nodiscard]] const std::shared_ptr<const Environment>& base() const { return base_; }
  /// No environment can be made at all: nothing more is.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] bool stopped() const { return failure_ || investigation_.stopped(); }

  /// The base with an edit; the base itself when the edit changes nothing. `version` names it.
  [[nodiscard]] MadeEnvironment make(std::string version, const PackageEdit& edit);
  [[nodiscard]] MadeEnvironment make(const Interpreter& interpreter);
  [[nodiscard]] static MadeEnvironment ready(std::string version,
                                             std::shared_ptr<const Environment> environment);
  /// These may be made soon.
  void prepare(const std::vector<PackageEdit>& edits);
  void prepare(const std::vector<Interpreter>& interpreters);

  /// Runs the notebook there once; kNotRun where a stop came first.
  [[nodiscard]] VersionTest run(const MadeEnvironment& made, Freshness freshness);
  [[nodiscard]] std::vector<VersionTest> run_all(const std::vector<MadeEnvironment>& made,
                                                 Freshness freshness);
  /// Fresh runs with different hash seeds, as many as confirm something, that should end as a run
  /// of the `passing` side does, or of the crashing one.
  [[nodiscard]] VersionSide confirm(const MadeEnvironment& made, bool passing);
  /// Names of the packages that are loaded when the crash happens there, as the run itself says:
  /// good enough to try these first. Empty when it does not say.
  [[nodiscard]] std::vector<std::string> loaded_packages(const MadeEnvironment& made);

 private:
  [[nodiscard]] Trial trial(const MadeEnvironment& made) const;
  [[nodiscard]] bool is_own_failure(const VersionTest& test, const Crash& crash,
                                    const Environment& environment) const;
  void judge_into(VersionTest& test, const Trial& trial, const Ran& ran) const;

  Investigation& investigation_;
  const VersionServices& services_;
  std::shared_ptr<const Environment> base_;
  VersionReference reference_;
  std::optional<Error> failure_;
};

/// Whether a test shows the crash to be there; or to be gone.
[[nodiscard]] bool crashes(const VersionTest& test);
/// For searches: what says nothing, and what cannot be made, is unresolved.
[[nodiscard]] reduce::TestOutcome outcome_of(const VersionTest& test);

/// The version of a package, by its normalised name; nothing when it is not there.
[[nodiscard]] std::optional<std::string> version_in(const Environment& environment,
                                                    const std::string& package);
/// The package whose code raised, as far as the modules of frames tell; empty for the notebook's
/// own.
[[nodiscard]] std::string owner_of(const Crash& crash, const VersionServices& services,
                                   const Environment& environment);
/// "passes", "KeyError: 'a'", "unbuildable: only source": in few words.
[[nodiscard]] std::string words_of(const VersionTest& test);

/// Finds the crash to compare, and reproduces it in the investigation's environment. A finding
/// whose reproduction says why there is none has no target.
struct ReproducedTarget {
  std::optional<Target> target;
  CrashFinding crash;
};
[[nodiscard]] ReproducedTarget reproduce_for_versions(Investigation& investigation);
[[nodiscard]] VersionReference reference_of(const Reproduction& reproduction);

}  // namespace nbreplay
