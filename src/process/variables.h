#pragma once

#include <cstdint>

#include "nbreplay/trial/environment.h"

#include "process/launcher.h"

namespace nbreplay::process {

struct VariableSources {
  const Environment& environment;
  Path home;
  Path temporary;
  Path matplotlib_folder;  ///< Shared by all runs: matplotlib's font cache takes seconds to make.
  unsigned threads = 1;    ///< For OpenMP, BLAS and the like.
  std::uint32_t hash_seed = 0;
};

/// Everything that a notebook finds in its environment: a fixed set (documented in
/// docs/isolation.md), then `added`, which wins. Of nbreplay's own environment only the time
/// zone and OPENBLAS_* come through: the latter say what the machine's processor can do.
[[nodiscard]] Variables notebook_variables(const VariableSources& sources, const Variables& added);

/// The processors that this process may use.
[[nodiscard]] unsigned usable_processors();

}  // namespace nbreplay::process
