#pragma once

#include <string_view>

#include "nbreplay/crash/crash.h"

namespace nbreplay {

/// Whether exceptions of this type are of type `base` too. Bases are taken from the crash, where
/// it was observed, and are known for Python's own types and some common ones.
[[nodiscard]] bool is_a(const Crash& crash, std::string_view base);

/// Whether the exceptions are of the same type or one's type derives from the other's, short of
/// Exception itself.
[[nodiscard]] bool same_or_relative(const Crash& one, const Crash& other);

}  // namespace nbreplay
