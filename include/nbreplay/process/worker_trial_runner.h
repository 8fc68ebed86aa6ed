#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/stop_request.h"
#include "nbreplay/process/installation.h"
#include "nbreplay/trial/runner.h"

namespace nbreplay::process {

/// Whether files in memory carry user attributes (tmpfs, from Linux 6.6 on). Where they do not, an
/// overlay over them cannot mark a folder as new in the place of an old one: whoever removed a
/// folder of the project cannot make it again (EIO).
[[nodiscard]] bool memory_has_attributes();

/// Runs see their project, their environment and the system's programs, and reach nothing else
/// (docs/security.md).
struct SandboxSettings {
  bool network = false;  ///< The host's; else none.
  Path bubblewrap;       ///< Not empty: this program enters the namespaces, not our launcher.
  /// What runs write lies in a scratch folder and is watched, instead of in memory and capped.
  bool layers_on_disk = !memory_has_attributes();
};

struct RunnerSettings {
  Installation installation;
  Path cache_folder;  ///< For matplotlib's font cache, shared by all runs.
  std::size_t jobs = 1;
  /// Unset: runs see what the user sees, and work in copies of their projects.
  std::optional<SandboxSettings> sandbox;
  /// Without new privileges and with the filter of system calls, also outside of a sandbox.
  bool confined = false;
  /// Borrowed; may be null. Looked at every 50 ms inside `wait`.
  const StopRequest* stop = nullptr;

  Duration setup_timeout = std::chrono::seconds(60);
  /// Between the interrupt of a cell that took too long and the kill.
  Duration interrupt_grace = std::chrono::seconds(5);
  /// For exit handlers, after the last cell.
  Duration finish_timeout = std::chrono::seconds(10);
  /// Everything that one run may send; beyond it is killed, however little is kept.
  Bytes flood = gib(1);

  /// Memory for all frozen copies of workers; unset: every trial is run fresh.
  std::optional<Bytes> snapshot_memory;
  /// Modules that the workers which others are forked from import before the first cell. Fresh
  /// trials never have them.
  std::vector<std::string> preload;
  /// Freeze a copy after every cell, however cheap it was; to try snapshots out.
  bool snapshot_every_cell = false;
};

/// Runs every trial in a worker process of its own, at most `jobs` at a time, each with a pristine
/// view of its project. Each gets a share of the processors: as many threads as there are
/// processors for one job.
///
/// With snapshots (docs/snapshots.md) a trial that need not be fresh goes on from the longest
/// prefix of executions that an earlier one shares with it. An end that a forked process can owe
/// to being one (by a signal, a time-out of a cell, a limit) is never answered: that trial is run
/// again, fresh.
///
/// A trial that cannot be set up (its folder, its worker) is answered with SetupFailed; `wait`
/// gives an Error when the environment of a trial has no worker at all.
class WorkerTrialRunner final : public TrialRunner {
 public:
  explicit WorkerTrialRunner(RunnerSettings settings);
  /// Kills what runs and waits until it is gone.
  ~WorkerTrialRunner() override;

  TrialId submit(Trial trial, Freshness freshness, TrialEvents events) override;
  [[nodiscard]] Result<std::optional<Answer>> wait(std::optional<TimePoint> deadline) override;
  void cancel(TrialId id) override;
  [[nodiscard]] std::size_t jobs() const override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace nbreplay::process
