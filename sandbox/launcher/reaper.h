#pragma once

#include <sys/types.h>

#include <map>
#include <optional>

#include "mounts.h"

namespace nbreplay::launcher {

/// Collects ended children: the worker, and every orphan of the run, since this process is
/// their subreaper, or process 1 of their namespace. Remembers how the worker ended.
class Reaper {
 public:
  explicit Reaper(pid_t worker) : worker_(worker) {}

  /// Takes everything that has ended, without waiting. True while children are left.
  bool reap();

  /// Kills the worker and asks all others to end, and waits for half a second at most. Python's
  /// resource trackers then see that the rest is gone, and remove shared memory that would
  /// otherwise stay on the machine. Ends early when `commands` becomes readable.
  void settle(int wakeup, int commands);

  /// `pid` survives `tidy`, until it has ended.
  void keep(pid_t pid);

  /// Kills and collects every child that is neither the worker nor kept, as process 1 every
  /// other process, for at most ten seconds; false when some were left.
  bool tidy(int wakeup);

  /// Kills and collects until no process of the run is left, for at most ten seconds; false
  /// when some were. `wakeup` is a descriptor that becomes readable when a child ends.
  bool clear(int wakeup);

  /// Set once the worker has ended.
  [[nodiscard]] std::optional<int> worker_status() const { return worker_status_; }
  /// The worker's process group, as long as its number cannot have gone to somebody else.
  [[nodiscard]] std::optional<pid_t> group() const {
    return worker_status_ ? std::nullopt : std::optional<pid_t>(worker_);
  }

 private:
  /// How many were signalled.
  int signal_children(int number, bool spare_kept = false) const;
  int signal_all(int number, bool spare_kept) const;
  void stop_others() const;
  pid_t worker_;
  std::optional<int> worker_status_;
  [[nodiscard]] bool is_kept(pid_t pid) const;
  std::map<pid_t, Handle> kept_;  ///< With a pidfd: numbers come round.
};

}  // namespace nbreplay::launcher
