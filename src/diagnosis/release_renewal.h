#pragma once

#include <cstddef>

#include "diagnosis/release_search.h"

namespace nbreplay {

/// Searches once more where nothing passes since older releases do not work beside what is
/// installed, as pandas 1.5 does not beside NumPy 2: what the nearest of them needs is taken in
/// releases of its age, for both sides of the comparison, so that again only one package differs.
///
/// `held` has been searched, and `start` crashes. When that establishes a boundary `finding` tells
/// of it, with its companions, and the answer is true; the base of `runs` is as before either way.
[[nodiscard]] bool search_renewed(VersionRuns& runs, const ReleaseSearch& held, std::size_t start,
                                  VersionsFinding& finding);

}  // namespace nbreplay
