#pragma once

#include "diagnosis/release_search.h"
#include "diagnosis/version_runs.h"

namespace nbreplay {

/// A crash whose versions are compared, and what was found of it.
struct VersionCase {
  Investigation& investigation;
  VersionRuns& runs;
  CrashFinding& crash;  ///< Reproduced, unless a mode finds it elsewhere.
  std::optional<Target>& target;
  VersionsFinding& versions;

  void give_up(Verdict verdict, std::string why) const {
    versions.verdict = verdict;
    versions.why = std::move(why);
  }
  [[nodiscard]] bool reproduced() const {
    return crash.reproduction.verdict == ReproductionVerdict::kReproduced;
  }
};

// Each fills `versions`; the crash is reproduced where that can be done.
void compare_releases(VersionCase& compared, const ReleaseQuestion& question);
void compare_environments(VersionCase& compared, const EnvironmentsQuestion& question);
void compare_pythons(VersionCase& compared, const std::vector<std::string>& minors);

/// Reproduces the crash in an environment, and compares with it from then on.
void reproduce_in(VersionCase& compared, std::shared_ptr<const Environment> environment);

/// Searches the releases of a package, of which `start` is known to crash in the base.
/// `good` passes, where one is known.
void search_releases(VersionCase& compared, ReleaseSearch& search, std::size_t start,
                     std::optional<std::size_t> good);

/// A test of a release that the reproduction has shown to crash.
[[nodiscard]] VersionTest reproduced_test(const VersionCase& compared, const MadeEnvironment& made);

}  // namespace nbreplay
