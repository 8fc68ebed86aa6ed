#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process/runner_fixture.h"

namespace nbreplay::test {

/// Where the attacking cell runs: in a sandbox of its own, or in a process forked from a snapshot
/// of the cells before it.
enum class Mode { kFresh, kBranched };

/// One notebook whose last cell attacks. What every case demands is looked at when its test ends:
/// the same runner still runs the notebook's next version, which finds variables and files as they
/// were before the attack; files and mounts of the host are untouched; no process is left.
class Attack : public RunnerTest, public ::testing::WithParamInterface<Mode> {
 protected:
  Attack();
  void SetUp() override;
  void TearDown() override;

  using Change = std::function<void(Trial&)>;

  /// The end of a trial of a harmless first cell and `cell`. A branch that ends badly is replayed
  /// fresh: then it must have ended in the same way as the fresh process.
  Answer attack(const std::string& cell, const Change& change = {});
  /// What an attack saw: the text of the variable `saw` at the end of `cell`.
  std::string saw(const std::string& cell, const Change& change = {});
  /// Limits a cell to less than a second: for attacks whose verdict is a time-out.
  static void hurry(Trial& trial);

  [[nodiscard]] bool branched() const { return GetParam() == Mode::kBranched; }
  /// Where a host's secrets lie.
  [[nodiscard]] Path canary() const { return folder_.path() / "canary"; }
  /// Cells before the attack, instead of the usual one.
  std::vector<std::string> prefix_;
  /// The next attack runs in the process that a snapshot of the prefix has just been taken of,
  /// instead of in one that was forked from it.
  bool attack_first_ = false;
  /// The attack may cost the snapshots: the next trial need not come from one.
  bool snapshots_may_be_lost_ = false;
  /// The branch may end in another way than its replay.
  bool ends_may_differ_ = false;
  /// Runs all trials of the test.
  std::unique_ptr<process::WorkerTrialRunner> shared_;

 private:
  Answer answer(Trial asked);
  Trial limited(const std::vector<std::string>& cells);
  std::string look(const std::string& which);

  std::string digest_;
  std::string mounts_;
  std::string seen_before_;
};

/// That a limit of this kind ended the run.
void expect_limit(const Answer& answer, Resource resource);
/// What the notebook itself printed of it, unless its end came before it could.
void expect_saw(const Answer& answer, const std::string& words);
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
