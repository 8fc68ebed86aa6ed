#pragma once

#include <optional>
#include <string_view>

#include "nbreplay/base/result.h"
#include "nbreplay/notebook/notebook.h"

namespace nbreplay {

// Outputs as nbformat 4 stores them, made from what a run produced. JSON texts come from a run
// and are not trusted: every function checks them whole, and its Error (kProtocol) says what is
// wrong.

/// Whether `text` is one JSON object in UTF-8, as Python's json module defines JSON.
[[nodiscard]] Status check_json_object(std::string_view text);

/// `name` is "stdout" or "stderr"; `text` is UTF-8.
[[nodiscard]] OutputJson stream_output(std::string_view name, std::string_view text);
/// `data` is a MIME bundle.
[[nodiscard]] Result<OutputJson> display_output(std::string_view data, std::string_view metadata);
[[nodiscard]] Result<OutputJson> result_output(std::string_view data, std::string_view metadata,
                                               std::optional<int> execution_count);
/// `error` has the strings `ename` and `evalue` and the list of strings `traceback`; whatever
/// else it has is left out.
[[nodiscard]] Result<OutputJson> error_output(std::string_view error);

}  // namespace nbreplay
