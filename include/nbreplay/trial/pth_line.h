#pragma once

#include <optional>
#include <string_view>

#include "nbreplay/base/file.h"

namespace nbreplay {

/// The folder that a line of a .pth file (Python's site module) makes importable, as it stands
/// there: a path, or the argument of "import site; site.addsitedir('…')". Nothing for comments and
/// for any other code, which nobody can know the meaning of without running it.
[[nodiscard]] std::optional<Path> folder_in_pth_line(std::string_view line);

}  // namespace nbreplay
