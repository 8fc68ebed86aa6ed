#pragma once

#include <cstddef>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce {

/// Removes elements one by one, last to first, again and again until no single removal fails. With
/// several jobs, neighbours are tried at the same time, and those that may go singly are tried
/// together. 1-minimal for any oracle unless stopped; with one job and a monotone oracle at most
/// 2n queries.
[[nodiscard]] Reduction backward_elimination(std::size_t n, Oracle& oracle);

}  // namespace nbreplay::reduce
