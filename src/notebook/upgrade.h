#pragma once

#include <string>

#include "notebook/source.h"

namespace nbreplay {

/// The JSON text of a version 3 notebook as version 4.5, in nbformat's own layout and with the
/// changes that nbformat.v4.upgrade makes: worksheets merged, `input`, `prompt_number`, `pyout`
/// and `pyerr` renamed, short output names turned into media types, headings into markdown.
/// A language other than Python, which version 3 has per cell, moves to metadata.language_info
/// unless the metadata says one (nbformat drops it, and an R notebook would pass for Python).
/// New ids are derived from `seed`.
[[nodiscard]] Result<std::string> upgrade_v3(const Source& source, json::View root,
                                             const std::string& seed);

/// A cell id of nbformat 4.5: the `number`th that is derived from `seed`.
[[nodiscard]] std::string derived_id(std::string_view seed, std::size_t number);

}  // namespace nbreplay
