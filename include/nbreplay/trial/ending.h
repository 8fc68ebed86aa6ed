#pragma once

#include <string>
#include <string_view>

#include "nbreplay/trial/outcome.h"

namespace nbreplay {

/// How the note begins that tells why nbreplay ended a run whose worker said what cannot be. No
/// note of a worker's begins so.
inline constexpr std::string_view kViolationNote = "protocol violation: ";

/// How the note begins that tells of a run whose launcher was killed. No note of a worker's begins
/// so.
inline constexpr std::string_view kLauncherLostNote = "the launcher was killed";

/// How a run ended, in the words of `describe`, or better where more than the termination tells:
/// "protocol violation", "its launcher was killed"; and of a process that ended within a cell
/// "exited early (code 0)", unlike one that ended as asked or by `exit()`.
[[nodiscard]] std::string describe_end(const Outcome& outcome);

}  // namespace nbreplay
