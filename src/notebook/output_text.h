#pragma once

#include <string>
#include <string_view>

#include "notebook/json_edit.h"

namespace nbreplay {

/// Whether nbformat writes data of this media type as a list of lines.
[[nodiscard]] bool is_split_media(std::string_view type);

/// An output object of version 4 written as nbformat writes it at `depth`: sorted, text of
/// streams and of textual media types split into lines.
[[nodiscard]] std::string format_output(json::View output, const json::Style& style,
                                        std::size_t depth);

}  // namespace nbreplay
