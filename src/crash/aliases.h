#pragma once

#include <string_view>

namespace nbreplay {

/// Whether two message templates say the same in the words of two releases of Python or of a
/// library, by a table of messages that were reworded. The names that both wordings carry must be
/// equal. Two templates of one wording are not compared here.
[[nodiscard]] bool reworded(std::string_view one, std::string_view other);

}  // namespace nbreplay
