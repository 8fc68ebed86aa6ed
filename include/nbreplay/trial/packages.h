#pragma once

// Releases, locks and changed environments: plain data, and the interfaces through which versions
// are compared. `environment` implements them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/result.h"
#include "nbreplay/trial/environment.h"

namespace nbreplay {

/// "Scikit_Learn" → "scikit-learn": as PEP 503 compares names.
[[nodiscard]] std::string normalised_name(std::string_view name);

/// The name that a requirement (PEP 508) begins with, as written: "Pandas" of "Pandas[all]>=1.5".
[[nodiscard]] std::string_view required_name(std::string_view requirement);

/// A release of a package, as the index tells of it.
struct Release {
  std::string version;   ///< As the index writes it.
  std::string uploaded;  ///< "2023-04-03", of its earliest file; empty where the index gives none.
  bool wheel = false;    ///< Has a wheel for the interpreter that was asked for.
  bool source = false;   ///< Has a source distribution.
  bool yanked = false;   ///< All its files were withdrawn (PEP 592).
  bool prerelease = false;
};

/// The releases of a package.
class ReleaseSource {
 public:
  virtual ~ReleaseSource() = default;
  /// All of them, in the order of PEP 440, oldest first. kUsage: the index knows no such package;
  /// kEnvironment: the index cannot be reached, and nothing of it is cached.
  [[nodiscard]] virtual Result<std::vector<Release>> releases(const std::string& package,
                                                              const Interpreter& interpreter) = 0;
};

/// A package of a lock: nothing but the files with these digests may stand for it.
struct LockedPackage {
  std::string name;  ///< Normalised as in PEP 503.
  std::string version;
  std::vector<std::string> hashes;  ///< "sha256:…", sorted.
  friend bool operator==(const LockedPackage&, const LockedPackage&) = default;
};

/// Everything an environment consists of; independent of index and machine.
struct Lock {
  std::string python;                   ///< "3.11"
  std::vector<LockedPackage> packages;  ///< Sorted by name, complete.
  std::string hash;                     ///< Of the two above, hexadecimal.
};

/// Which packages are to differ from those of another environment; everything else is held still.
struct PackageEdit {
  std::vector<PackageVersion> set;   ///< At exactly these versions, installed or not so far.
  std::vector<std::string> removed;  ///< Gone.
  /// What `set` needs is replaced, where the base has it in a release that does not suit or that is
  /// younger than what needs it, by one of that age.
  bool renew = false;
  friend bool operator==(const PackageEdit&, const PackageEdit&) = default;
};

/// Why a changed environment could not be made.
enum class PackageTrouble {
  kUnbuildable,  ///< Only source exists, or no file for this Python; building was not allowed.
  kMissing,      ///< The index has no such release.
  kUnreachable,  ///< The index did not answer, and the file is not cached.
  kBroken,       ///< The file's digest is wrong, or it is no wheel.
};
[[nodiscard]] std::string_view to_string(PackageTrouble trouble);

/// A requirement of an installed package that is not satisfied.
struct UnmetRequirement {
  PackageVersion by;      ///< Who requires: pandas 1.5.3.
  std::string package;    ///< What is required, normalised: numpy.
  std::string specifier;  ///< "<2", as PEP 440 writes it; empty: every version would do.
  std::string present;    ///< The version that is there; empty: none.

  /// Whether it is one of, or on, this package.
  [[nodiscard]] bool concerns(std::string_view name) const {
    return by.name == name || package == name;
  }
  friend bool operator==(const UnmetRequirement&, const UnmetRequirement&) = default;
};

/// A package in another release than it was.
struct PackageChange {
  std::string name;
  std::string from;
  std::string to;  ///< Empty: left out.
  friend bool operator==(const PackageChange&, const PackageChange&) = default;
};

struct EditedEnvironment {
  std::optional<Environment> environment;  ///< Nothing: `trouble` says why.
  PackageTrouble trouble = PackageTrouble::kMissing;
  std::string why;  ///< One line for a person.
  /// Packages that were added because `set` needs them and the base lacks them; with `renew` also
  /// those that were replaced.
  std::vector<PackageVersion> added;
  /// Requirements by its packages' metadata that it does not satisfy. No obstacle: what really
  /// happens is what is to be found out.
  std::vector<UnmetRequirement> conflicts;
  /// Packages whose release has no file for another interpreter.
  std::vector<PackageChange> replaced;
};

/// Makes environments that differ from another in a few packages.
class EnvironmentEditor {
 public:
  virtual ~EnvironmentEditor() = default;
  /// `base` with the edit. Cheap when the files are in the store. An Error means that no
  /// environment can be made at all (disk full, the packaging tools are missing).
  [[nodiscard]] virtual Result<EditedEnvironment> edit(const Environment& base,
                                                       const PackageEdit& edit) = 0;
  /// These may be wanted soon: fetched and unpacked in the background, while trials run.
  virtual void prepare(const Environment& base, const std::vector<PackageEdit>& edits) = 0;
  /// The same for with_interpreter.
  virtual void prepare_interpreters(const Environment& base,
                                    const std::vector<Interpreter>& interpreters) = 0;
  /// The same packages under another interpreter: dependencies resolved anew where a pinned
  /// release has no wheel for it; `replaced` names these.
  [[nodiscard]] virtual Result<EditedEnvironment> with_interpreter(
      const Environment& base, const Interpreter& interpreter) = 0;
};

}  // namespace nbreplay
