#pragma once

#include <cstddef>
#include <functional>

#include "reduce/search.h"

namespace nbreplay::reduce {

/// What is removed from `best` together with an element: at least the element itself.
using Companions = std::function<Subset(const Subset& best, std::size_t element)>;

/// One pass: tries to remove each of `elements` that is still there, last to first, with its
/// companions. Returns whether anything was removed.
bool eliminate(Search& search, Subset elements, const Companions& companions);

/// Passes over all elements, each alone, until a pass removes nothing.
void eliminate_to_fixpoint(Search& search);

}  // namespace nbreplay::reduce
