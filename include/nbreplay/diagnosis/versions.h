#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/diagnosis/engine.h"
#include "nbreplay/trial/packages.h"

namespace nbreplay {

/// What comparing versions works with, besides Services. All must outlive the call.
struct VersionServices {
  ReleaseSource& releases;
  EnvironmentEditor& editor;
  std::vector<Interpreter> interpreters;  ///< That notebooks can run in.
  /// The package that a module belongs to ("sklearn" → "scikit-learn"); empty: not known.
  std::function<std::string(const std::string& module)> package_of = {};
  bool build = false;  ///< Releases of which only the source exists may be built.
  /// investigate() also tries versions where a crash only happens inside of a library.
  bool always = false;
};

/// One package: all else is held still.
struct ReleaseQuestion {
  std::string package;
  std::optional<std::string> good;  ///< A release that passes, where one is known ...
  std::optional<std::string> bad;   ///< ... and one that crashes.
};

/// Which difference of two environments matters.
struct EnvironmentsQuestion {
  std::shared_ptr<const Environment> good;
  std::shared_ptr<const Environment> bad;
};

struct VersionsSettings {
  /// `cell` and `order` name the crash and how to reach it, as for investigate.
  InvestigationSettings investigation;
  // Exactly one of these.
  std::optional<ReleaseQuestion> package;
  std::optional<EnvironmentsQuestion> environments;
  std::vector<std::string> python_versions;  ///< "3.8", "3.9", …: oldest first.
};

/// Where the crash of a notebook begins: which release, which package, which Python. The finding's
/// one crash carries how it was reproduced and, in `versions`, what was found; what could not be
/// done is said there (docs/versions.md tells what each claim rests on).
///
/// `environment` is the base; for EnvironmentsQuestion the bad one.
[[nodiscard]] NotebookFinding bisect_versions(const Notebook& notebook,
                                              std::shared_ptr<const Environment> environment,
                                              std::shared_ptr<const Project> project,
                                              const Services& services,
                                              const VersionServices& versions,
                                              const VersionsSettings& settings);

}  // namespace nbreplay
