#pragma once

#include <string>

#include "nbreplay/notebook/notebook.h"

#include "notebook/source.h"

namespace nbreplay {

/// Decodes one cell of nbformat 4. `path` is where it stands (`cells[3]`), for messages.
[[nodiscard]] Result<Cell> read_cell(const Source& source, json::View cell,
                                     const std::string& path);

/// A string, or the list of its lines joined.
[[nodiscard]] Result<std::string> read_text(const Source& source, json::View text,
                                            const std::string& path);

/// The string there, or "" when it is absent or null.
[[nodiscard]] Result<std::string> read_optional_string(const Source& source, json::View object,
                                                       std::string_view key,
                                                       const std::string& path);

}  // namespace nbreplay
