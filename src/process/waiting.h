#pragma once

#include <chrono>

namespace nbreplay::process {

/// How late a stop request or a deadline may be noticed.
inline constexpr auto kSlice = std::chrono::milliseconds(50);

/// What a run gets to end in: a launcher gives up killing after ten seconds, and is itself killed
/// after fifteen.
inline constexpr auto kFarewell = std::chrono::seconds(20);

}  // namespace nbreplay::process
