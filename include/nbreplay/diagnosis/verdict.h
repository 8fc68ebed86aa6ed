#pragma once

#include <string_view>

namespace nbreplay {

/// Of a cause or a given label: "confirmed", "refuted", "ambiguous", "blocked", "unknown".
enum class Verdict { kConfirmed, kRefuted, kAmbiguous, kBlocked, kUnknown };
[[nodiscard]] std::string_view to_string(Verdict verdict);

}  // namespace nbreplay
