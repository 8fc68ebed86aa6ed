#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/result.h"
#include "nbreplay/diagnosis/result.h"

namespace nbreplay {

/// A saved document of `diagnose`, `reproduce`, `minimize` or `bisect`, read back.
struct SavedFindings {
  std::string command;
  std::vector<NotebookFinding> findings;
};

/// Reads what findings_json wrote, as far as rendering it again needs (limits, packages'
/// contents and the like are left at their defaults). The text is taken as hostile: every field
/// is checked for its type, and kBadInput names the first that is wrong by its JSON path. A
/// document of a newer minor version is read, one of another major version refused.
[[nodiscard]] Result<SavedFindings> read_findings(std::string_view json);

}  // namespace nbreplay
