#pragma once

#include <string_view>

namespace nbreplay {

/// nbreplay's own version, as in CMakeLists.txt.
inline constexpr std::string_view kVersion = NBREPLAY_VERSION;

}  // namespace nbreplay
