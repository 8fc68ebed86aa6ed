#pragma once

#include <cstddef>
#include <optional>

#include "nbreplay/base/clock.h"
#include "nbreplay/base/units.h"

namespace nbreplay {

/// What a run may use. An unset time is unlimited. Limits that a person gave are part of a
/// trial's identity (`given`); those that nbreplay derives are not.
struct Limits {
  std::optional<Duration> cell_timeout;
  std::optional<Duration> budget;  ///< Wall clock of the whole run.
  Bytes memory = gib(8);           ///< Proportional set size of all its processes.
  Bytes output_per_stream = mib(1);
  Bytes output_per_run = mib(64);
  Bytes files_written = gib(4);
  std::size_t files = 200'000;         ///< Files and folders written; in a sandbox only.
  std::size_t processes = 512;         ///< Threads count as well; in a sandbox only.
  std::optional<Bytes> address_space;  ///< RLIMIT_AS, only on request.

  struct Given {
    bool cell_timeout = false;
    bool budget = false;
    bool memory = false;
    bool output = false;
    bool files = false;
  } given;
};

}  // namespace nbreplay
