#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "nbreplay/report/terminal.h"

namespace nbreplay {

/// Width of the column of keys at the left.
inline constexpr std::size_t kKeyWidth = 12;

enum class Colour { kNone, kRed, kGreen, kYellow, kCyan, kBold };
[[nodiscard]] std::string paint(const TextStyle& style, Colour colour, std::string_view text);

/// Columns that `text` takes on a terminal, near enough: bytes that begin a character.
[[nodiscard]] std::size_t columns(std::string_view text);

/// `left`, and `right` at the right margin, or on the next line when both do not fit.
[[nodiscard]] std::string two_sided(std::string_view left, std::string_view right,
                                    std::size_t width, std::size_t indent);

/// Text broken at spaces so that it fits, continuation lines under the first one's text.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width);

/// "key         value", wrapped, or with a note at the right margin.
[[nodiscard]] std::string row_text(std::string_view key, std::string_view value,
                                   std::string_view right, Colour colour, const TextStyle& style);

// Parts that the texts of several commands share.
/// "Python 3.11, .venv (61 packages)".
[[nodiscard]] std::string environment_words(const NotebookFinding& finding);
/// "18 trials, 3.1 s".
[[nodiscard]] std::string trials_words(const NotebookFinding& finding);
/// What stopped the command before its end; empty when nothing did.
[[nodiscard]] std::string stop_text(const NotebookFinding& finding, const TextStyle& style);
/// The errors that a finding carries.
[[nodiscard]] std::string problem_text(const NotebookFinding& finding, const TextStyle& style);

}  // namespace nbreplay
