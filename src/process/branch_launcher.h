#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "process/launcher.h"
#include "process/snapshot.h"
#include "process/worker_connection.h"

namespace nbreplay::process {

/// In a sandbox: limits the processes of a runner, which the kernel counts together with the frozen
/// copies, so that it has to be said again when there is another one. The hard limit, which has
/// room for all, stays: the filter of system calls keeps the notebook from using it.
void limit_runner(LaunchedWorker& root, pid_t runner, std::size_t processes);

/// Starts workers by forking them from a snapshot. Of a request only what can differ from the
/// snapshot's own launch counts: folder and variables, and those only of a snapshot from before
/// the first cell. Resource limits are inherited, but for that on processes: the kernel counts
/// those of all branches together.
class BranchLauncher final : public Launcher {
 public:
  /// `root` is the worker below which the snapshot hangs. `frozen` tells the frozen copies that are
  /// alive, which do not count as processes of a run.
  struct Origin {
    std::shared_ptr<Snapshot> snapshot;
    std::shared_ptr<WorkerConnection> root;
    std::function<std::vector<pid_t>()> frozen;
    bool before_first_cell = false;
    Variables launched_with;  ///< The snapshot's own variables.
    /// In a sandbox: how many threads and processes a runner may have, frozen copies apart.
    std::size_t processes = 0;
  };

  explicit BranchLauncher(Origin origin) : origin_(std::move(origin)) {}
  [[nodiscard]] Result<Launched> launch(boost::asio::io_context& io, const LaunchRequest& request,
                                        LaunchEvents events) override;

 private:
  Origin origin_;
};

}  // namespace nbreplay::process
