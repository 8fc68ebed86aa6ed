#pragma once

#include <string>
#include <string_view>

#include "nbreplay/diagnosis/result.h"

namespace nbreplay {

/// How text for a person is laid out.
struct TextStyle {
  bool colour = false;
  std::size_t width = 100;  ///< Columns; right-hand notes move to a line of their own when narrow.
};

/// What `diagnose`, `reproduce` and `minimize` show a person about one notebook.
[[nodiscard]] std::string finding_text(const NotebookFinding& finding, const TextStyle& style);

/// "error: …", with its cause and, after a blank line, "hint: …".
[[nodiscard]] std::string error_text(const Error& error, const TextStyle& style);

/// `text` as one word of a shell's command line.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace nbreplay
