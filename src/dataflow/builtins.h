#pragma once

#include <string_view>

namespace nbreplay {

/// Whether every notebook has `name` without binding it: Python's builtins, and what IPython adds.
[[nodiscard]] bool is_builtin(std::string_view name);

}  // namespace nbreplay
