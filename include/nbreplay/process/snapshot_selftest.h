#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/result.h"
#include "nbreplay/base/stop_request.h"
#include "nbreplay/trial/probe_result.h"
#include "nbreplay/trial/runner.h"

namespace nbreplay::process {

struct SnapshotSelftestSettings {
  std::shared_ptr<const Environment> environment;
  std::shared_ptr<const Project> project;  ///< An empty one.
  Limits limits;
  std::size_t repeats = 3;
  std::string only;          ///< Probes with this in their name; empty: all.
  bool try_tainted = false;  ///< Fork tainted ones too, to see whether the taint is needless.
  std::function<void(std::string_view probe)> started;
  const StopRequest* stop = nullptr;  ///< Borrowed; may be null.
};

/// Tries, for every library of an environment that has a probe, whether a worker that used it can
/// be forked: used again in the child and in a grandchild, `repeats` times each, with four threads,
/// and compared with a fresh process. `runner` must freeze a copy after every cell
/// (RunnerSettings::snapshot_every_cell) and answer `kAny` trials in branches.
///
/// An Error when no trial can be run at all. Once a stop is requested, only the probes that were
/// over are in the result.
[[nodiscard]] Result<std::vector<ProbeResult>> snapshot_selftest(
    TrialRunner& runner, const SnapshotSelftestSettings& settings);

}  // namespace nbreplay::process
