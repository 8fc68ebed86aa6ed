#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process/runner_fixture.h"

namespace nbreplay::test {

/// Where the attacking cell runs: in a sandbox of its own; with the cells before it in a process
/// forked from a worker that ran none; or in a process forked from a snapshot of the cells before
/// it.
enum class Mode { kFresh, kWarm, kBranched };

/// One notebook whose last cell attacks. What every case demands is looked at when its test ends:
/// the same runner still runs the notebook's next version, which finds variables and files as they
/// were before the attack; files and mounts of the host are untouched; no process is left. What
/// runs were forked from before the attack, they are forked from after it.
class Attack : public RunnerTest, public ::testing::WithParamInterface<Mode> {
 protected:
  Attack();
  void SetUp() override;
  void TearDown() override;

  using Change = std::function<void(Trial&)>;

  /// The end of a trial of a harmless first cell and `cell`. A forked process that ends badly is
  /// replayed fresh: then it must have ended in the same way as the fresh process.
  Answer attack(const std::string& cell, const Change& change = {});
  /// The same of an attack that says `words` as it meets the limit that ends it. That end comes
  /// from outside, and may come before the words: then it is tried again.
  Answer attack_that_says(const std::string& words, const std::string& cell,
                          const Change& change = {});
  /// What an attack saw: the text of the variable `saw` at the end of `cell`.
  std::string saw(const std::string& cell, const Change& change = {});
  /// Limits a cell to less than a second: for attacks whose verdict is a time-out.
  static void hurry(Trial& trial);

  [[nodiscard]] bool warm() const { return GetParam() == Mode::kWarm; }
  [[nodiscard]] bool branched() const { return GetParam() == Mode::kBranched; }
  [[nodiscard]] bool forked() const { return GetParam() != Mode::kFresh; }
  /// What a trial of this mode is asked for. From a snapshot nothing is answered that keeps
  /// outputs.
  [[nodiscard]] Freshness freshness() const;
  /// Where a host's secrets lie.
  [[nodiscard]] Path canary() const { return folder_.path() / "canary"; }
  /// Cells before the attack, instead of the usual one.
  std::vector<std::string> prefix_;
  /// Of all trials: those that share snapshots have the same.
  Bytes memory_ = mib(512);
  Bytes files_written_ = mib(64);
  /// Nothing is run before the next attack. So in a branch it runs in the process that a snapshot
  /// of the prefix has just been taken of, instead of in one that was forked from it.
  bool attack_first_ = false;
  /// The attack may cost the snapshots, and the worker that ran no cell: the next trial need not
  /// come from them.
  bool snapshots_may_be_lost_ = false;
  /// The forked process may end in another way than its replay.
  bool ends_may_differ_ = false;
  /// Runs all trials of the test.
  std::unique_ptr<process::WorkerTrialRunner> shared_;

 private:
  Answer answer(Trial asked);
  Trial limited(const std::vector<std::string>& cells);
  std::string look(const std::string& which);
  void look_before();

  std::string digest_;
  std::string mounts_;
  std::string seen_before_;
  std::vector<pid_t> workers_before_;
};

/// That a limit of this kind ended the run.
void expect_limit(const Answer& answer, Resource resource);
/// That the limit of a cell's time ended it.
void expect_time_out(const Answer& answer);
void expect_signal(const Answer& answer, int signal);

/// Why this machine has no sandbox; nothing when it has one.
[[nodiscard]] std::optional<std::string> no_sandbox_because();

/// Whether this layer (SandboxFacts) is in force.
[[nodiscard]] bool has_layer(const std::string& name);

/// Of Landlock; 0 when there is none.
[[nodiscard]] long landlock_version();

}  // namespace nbreplay::test
