#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nbreplay/crash/crash.h"
#include "nbreplay/dataflow/facts.h"

namespace nbreplay {

/// What of a crash says that a release of a library may be the matter.
struct VersionEvidence {
  std::vector<std::string> modules;  ///< Top-level modules, likeliest first.
  std::string why;                   ///< "an attribute of module 'numpy' is missing"
};

/// Looks at the crash, and at what the notebook imports for the names in it: an import that an
/// installed package does not serve, a missing attribute of a module or of a library's class, an
/// argument that a library's function does not know, a message about removal or binary
/// compatibility. Modules may be Python's own: the caller knows what is installed.
[[nodiscard]] std::optional<VersionEvidence> version_evidence(const Crash& crash,
                                                              const std::vector<CellFacts>& facts);

/// Top-level modules of the libraries whose frames the crash has, innermost first.
[[nodiscard]] std::vector<std::string> library_modules(const Crash& crash);

/// Whether the library's own code failed, in place of refusing: the innermost frame is a library's
/// and its line raises nothing. False where the line is not known.
[[nodiscard]] bool failed_inside_library(const Crash& crash);

}  // namespace nbreplay
