#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/result.h"
#include "nbreplay/notebook/notebook.h"

namespace nbreplay {

// Parameters as papermill has them: a code cell of assignments, put after the cell tagged
// `parameters`, which holds the defaults.

inline constexpr std::string_view kTagParameters = "parameters";
inline constexpr std::string_view kTagInjectedParameters = "injected-parameters";

/// One assignment: a Python name and the Python source of its value.
struct Parameter {
  std::string name;
  std::string literal;
};

/// `-p name value`: True, False, None, whole numbers and floating-point numbers (whatever
/// Python's int() and float() take in ASCII, `nan` and `inf` included) become such; everything
/// else is a string. kUsage when `name` is no Python name.
[[nodiscard]] Result<Parameter> typed_parameter(std::string_view name, std::string_view value);
/// `-r name value`: always a string.
[[nodiscard]] Result<Parameter> raw_parameter(std::string_view name, std::string_view value);

/// "# Parameters" and a line for each; of one name given twice the last value, at the first's
/// place.
[[nodiscard]] std::string parameters_source(const std::vector<Parameter>& parameters);

/// Where parameters went. Below `index` nothing moved; unless a cell was replaced, every cell
/// from `index` on moved down by one, and so did the ordinals of its code cells.
struct Injection {
  enum class Place { kReplaced, kAfterDefaults, kTop };
  std::size_t index = 0;
  Place place = Place::kTop;  ///< kTop: no cell is tagged `parameters`; worth a warning.
};

/// Puts a cell with parameters_source, tagged `injected-parameters`, in place of the first cell
/// that has this tag, else after the first tagged `parameters`, else at the top.
Injection inject_parameters(Notebook& notebook, const std::vector<Parameter>& parameters);

}  // namespace nbreplay
