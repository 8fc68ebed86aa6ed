#pragma once

#include <cstddef>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce {

/// ddmin with three outcomes (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
/// Input", TSE 2002): for elements of which nothing is known, many of which can go at once. Chunks,
/// then complements, are tested at ever finer granularity. 1-minimal for any oracle unless stopped;
/// at most n² + 3n queries.
[[nodiscard]] Reduction ddmin(std::size_t n, Oracle& oracle);

}  // namespace nbreplay::reduce
