#pragma once

#include <cstddef>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce {

/// Binary reduction (Kalhauge and Palsberg, "Binary Reduction of Dependency Graphs", ESEC/FSE
/// 2019) without dependencies: for very many elements of which few are needed, such as the rows of
/// a table. Finds the shortest failing prefix by bisection, whose last element is needed, and goes
/// on before it; then certifies each survivor. 1-minimal for any oracle unless stopped; with one
/// job, a monotone oracle and k elements needed at most 1 + k(⌈log₂ n⌉ + 3) queries, and about
/// three per element where neighbours are needed. With several jobs each step splits in more parts
/// than two.
[[nodiscard]] Reduction binary_reduction(std::size_t n, Oracle& oracle);

}  // namespace nbreplay::reduce
