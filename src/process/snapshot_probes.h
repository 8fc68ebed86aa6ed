#pragma once

#include <string_view>
#include <vector>

namespace nbreplay::process {

/// A small use of one library, for the snapshot self-test. `source` defines `use()`, which uses it
/// and returns what it computed; it can be called again and again and then returns what it would
/// have in a process that was never forked.
struct SnapshotProbe {
  std::string_view name;
  std::vector<std::string_view> packages;  ///< Needed; none: part of every environment.
  std::string_view source;
};

[[nodiscard]] std::vector<SnapshotProbe> system_probes();
[[nodiscard]] std::vector<SnapshotProbe> numeric_probes();
[[nodiscard]] std::vector<SnapshotProbe> learning_probes();
[[nodiscard]] std::vector<SnapshotProbe> data_probes();

}  // namespace nbreplay::process
