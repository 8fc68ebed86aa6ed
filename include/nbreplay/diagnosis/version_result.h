#pragma once

// What comparing versions showed: plain data, part of a crash's finding.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/clock.h"
#include "nbreplay/crash/crash.h"
#include "nbreplay/diagnosis/verdict.h"
#include "nbreplay/trial/packages.h"
#include "nbreplay/trial/runner.h"

namespace nbreplay {

/// What was compared: releases of one package, two environments, interpreters.
enum class VersionMode { kPackage, kEnvironments, kPythonVersions };
/// "package", "environments", "python-versions".
[[nodiscard]] std::string_view to_string(VersionMode mode);

/// How the notebook ended with some versions, against the crash under test (at level B).
enum class VersionEnd {
  kPasses,      ///< "passes"
  kSame,        ///< "same"
  kReworded,    ///< "reworded": at the same statement, in other words, in a consistent environment.
  kDifferent,   ///< "different": another crash. Says nothing of the one under test.
  kUnresolved,  ///< "unresolved": time-out, limit, …
  kNotMade,     ///< "not-made": there is no such environment; `trouble` says why.
  kNotRun,      ///< "not-run": a stop came first.
};
[[nodiscard]] std::string_view to_string(VersionEnd end);

/// Some versions, and how the notebook ended with them.
struct VersionTest {
  std::string version;  ///< The release, or the Python, in short; of several packages empty.
  std::vector<PackageVersion> set;          ///< In what it differs from the base.
  std::vector<std::string> removed;         ///< Packages of the base that are left out.
  std::vector<PackageVersion> added;        ///< What these need and the base lacks.
  std::vector<UnmetRequirement> conflicts;  ///< Requirements that are not satisfied.
  std::vector<PackageChange> replaced;      ///< What has no file for another Python.
  VersionEnd end = VersionEnd::kNotRun;
  std::optional<PackageTrouble> trouble;  ///< Of kNotMade.
  std::optional<Crash> crash;             ///< What was raised, whichever it is.
  std::string why;                        ///< Why it says nothing.
  std::optional<Origin> origin;           ///< Unset: not run.
  Duration wall{};
};

/// Three fresh runs, with different hash seeds, at one side of the boundary.
struct VersionSide {
  VersionTest test;  ///< The first of them.
  std::size_t fresh_runs = 0;
  std::size_t matching = 0;  ///< That ended as this side should.
  std::vector<std::uint32_t> hash_seeds;
};

/// A package (or "python") on both sides.
struct PackageBoundary {
  std::string name;
  std::optional<std::string> last_good;  ///< Unset: not installed on that side, or not known.
  std::optional<std::string> first_bad;
};

/// Two packages, each on its good and on its bad side.
struct FourCorners {
  PackageBoundary first;
  PackageBoundary second;
  VersionTest both_good;
  VersionTest first_bad;   ///< Only the first on its bad side.
  VersionTest second_bad;  ///< Only the second.
  VersionTest both_bad;

  /// Only together do they fail.
  [[nodiscard]] bool only_together() const;
};

/// A package that both sides of a comparison have in another release than the environment.
struct VersionCompanion {
  std::string name;
  std::string version;
  std::optional<std::string> was;  ///< Nothing: the environment does not have it.
};

struct VersionsFinding {
  VersionMode mode = VersionMode::kPackage;
  /// kConfirmed: a boundary, with three fresh runs on both sides; kAmbiguous: one that these deny;
  /// kRefuted: every version that could be run crashes; kBlocked, kUnknown: see `why`.
  Verdict verdict = Verdict::kUnknown;
  std::string why;  ///< One or two sentences for a person.
  std::vector<PackageBoundary> packages;
  std::vector<VersionTest> tested;  ///< In the order of the versions.
  /// Between last good and first bad there are releases that say nothing; they, in order.
  std::vector<std::string> between;
  /// Where the outcome changes once more: a release next to the boundary, or that was tested on the
  /// way, which passes on the bad side or fails on the good one.
  std::vector<std::string> against;
  std::size_t releases = 0;     ///< That could be tried.
  std::size_t tried = 0;        ///< Distinct ones, confirmations apart.
  std::size_t most = 0;         ///< 2·⌈log₂ releases⌉ + 3; 0: not a search over releases.
  std::size_t unbuildable = 0;  ///< Releases left out: only source, no file for this Python.
  std::optional<VersionSide> good;
  std::optional<VersionSide> bad;
  std::optional<FourCorners> corners;
  std::string requirement;  ///< "pandas<2.0.0": the line that fixes the notebook; may be empty.
  /// What was renewed to the age of the package's releases, on both sides, since these do not work
  /// beside what is installed.
  std::vector<VersionCompanion> companions;
  /// Requirements that held packages do not satisfy: they keep other releases from working.
  std::vector<UnmetRequirement> held;

  [[nodiscard]] bool established() const { return verdict == Verdict::kConfirmed; }
};

}  // namespace nbreplay
