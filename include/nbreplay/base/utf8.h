#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nbreplay {

/// The offset of the first byte that is not part of well-formed UTF-8, or npos. Surrogate code
/// points (U+D800 to U+DFFF) in three-byte form count as well formed when `allow_surrogates`:
/// that is how text from JSON escapes such as "\ud800" travels inside nbreplay (WTF-8), so that
/// it can be written back unchanged.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text, bool allow_surrogates = false);

/// `text` with every ill-formed sequence, surrogates included, replaced by U+FFFD; for text from
/// outside that must be shown or put into JSON.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

/// `text` with control characters, ESC included, made visible as \x1b; newline and tab stay. For
/// anything from a notebook that goes to a terminal.
[[nodiscard]] std::string escape_control(std::string_view text);

/// `text` without ANSI escape sequences (the ECMA-48 forms that IPython and tools emit).
[[nodiscard]] std::string strip_ansi(std::string_view text);

}  // namespace nbreplay
