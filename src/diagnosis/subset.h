#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace nbreplay {

/// A 1-minimal subset of 0..n-1 for which `holds` is true, given that it is true for all of them:
/// backward elimination until nothing more can be left out (reduce/). Ascending.
[[nodiscard]] std::vector<std::size_t> smallest_subset_that(
    std::size_t n, const std::function<bool(const std::vector<std::size_t>&)>& holds);

}  // namespace nbreplay
