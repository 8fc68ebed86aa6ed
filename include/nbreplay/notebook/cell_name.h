#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "nbreplay/base/result.h"
#include "nbreplay/notebook/notebook.h"

namespace nbreplay {

// How people name code cells. All errors are kUsage and say which names would do.

/// The index of the code cell that `name` means: its ordinal from 1 (`3`), its id (`id:abc`), or
/// its recorded execution count (`In[22]`).
[[nodiscard]] Result<std::size_t> parse_cell_name(const Notebook& notebook, std::string_view name);

/// Cell indices of a comma-separated list of names, repeats allowed: `1,3,2,3`. Ordinals may be
/// given as a range, which runs downwards when its first is larger: `1-5,9`, `3-1`.
[[nodiscard]] Result<std::vector<std::size_t>> parse_order(const Notebook& notebook,
                                                           std::string_view text);

}  // namespace nbreplay
