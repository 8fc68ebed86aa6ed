#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process/trial_session.h"
#include "process/trie.h"
#include "process/workspace_pool.h"

namespace nbreplay::process {

/// Runs trials that are started alike, one at a time, each from the longest prefix that an earlier
/// one has executed. Holds one worker before its first cell, from which everything is forked, the
/// frozen copies of workers after some cells, and one space of files that they all work in: a
/// runner finds them as its prefix left them.
///
/// A result is a hypothesis. What is known to need a fresh process before anything is concluded
/// (a death, a time-out of a cell, a limit, trouble with snapshots) is an Error.
class SnapshotTree {
 public:
  struct Answered {
    Outcome outcome;
    Origin origin = Origin::kBranched;
  };
  /// An Error: run it fresh; says why no answer is to be had here.
  using Done = std::function<void(Result<Answered>)>;

  SnapshotTree(SessionContext context, WorkspacePool& workspaces, Bytes memory, std::string key);
  /// Kills everything, without waiting.
  ~SnapshotTree();

  [[nodiscard]] const std::string& key() const { return key_; }  ///< start_key
  [[nodiscard]] bool busy() const { return static_cast<bool>(done_); }
  /// False once its worker has failed: every trial is then answered with an Error.
  [[nodiscard]] bool usable() const { return state_ != State::kBroken; }
  [[nodiscard]] std::size_t last_use() const { return uses_; }
  /// How many executions of `trial` need not be run.
  [[nodiscard]] std::size_t saved(const Trial& trial);

  /// `branch`: from any prefix; else from before the first cell. `done` is called once.
  void run(Trial trial, TrialEvents events, bool branch, Done done);
  /// Ends the running trial; its answer says Killed.
  void kill();
  /// Ends everything; `closed` tells when it is over.
  void close();
  [[nodiscard]] bool closed() const { return !root_connection_ || root_ended_; }

 private:
  enum class State { kCold, kStarting, kReady, kBroken };

  void start_root();
  void freeze_root();
  void on_root_message(const protocol::Message& message);
  void expect_root();
  void lose_root(const std::string& why);
  void break_down(std::string why);
  void begin();
  [[nodiscard]] Status prepare_files(const Prefix& from);
  [[nodiscard]] std::optional<Outcome> remembered(const std::vector<Prefix*>& path) const;
  [[nodiscard]] Branch branch_from(const std::vector<Prefix*>& path, std::size_t start);
  void record(const CellOutcome& cell, const Outcome& so_far);
  [[nodiscard]] Result<std::optional<Descriptor>> freeze_after(std::size_t position);
  [[nodiscard]] Result<Branch::Frozen> frozen(const protocol::SnapshotReply& reply);
  void make_room();
  void drop_beyond(std::size_t most);
  void drop_snapshots();
  void session_ended(Outcome outcome);
  void answer(Result<Answered> answered);
  [[nodiscard]] std::vector<pid_t> frozen_processes();

  SessionContext context_;
  WorkspacePool& workspaces_;
  Bytes memory_;
  std::string key_;
  State state_ = State::kCold;
  std::string broken_;  ///< Why it is.

  std::unique_ptr<FileSpace> space_;
  std::shared_ptr<WorkerConnection> root_connection_;
  bool root_ended_ = false;
  Variables root_variables_;
  Descriptor root_socket_;
  boost::asio::steady_timer root_timer_;  ///< For what the first worker owes.
  std::shared_ptr<Snapshot> root_;
  std::string python_version_;
  std::string ipython_version_;
  Trie trie_;
  std::uint64_t uses_ = 0;

  /// Gone with this tree: what is posted must not outlive it.
  std::shared_ptr<int> alive_ = std::make_shared<int>();

  // The trial that runs.
  std::optional<Trial> trial_;
  TrialEvents events_;
  bool may_branch_ = false;
  Done done_;
  std::unique_ptr<Launcher> launcher_;
  std::shared_ptr<TrialSession> session_;
  Origin origin_ = Origin::kBranched;
  bool killed_ = false;
  /// The execution behind which a frozen copy was found dead that this trial could have begun at.
  std::optional<std::size_t> lost_copy_;
  Prefix* at_ = nullptr;       ///< The prefix that was executed last.
  Duration since_snapshot_{};  ///< Spent in cells that no snapshot saves yet.
  Duration snapshot_cost_ = std::chrono::milliseconds(3);  ///< What the last one took.
  TimePoint freezing_since_;
  Descriptor socket_;                        ///< Ours, of the copy that is being made.
  std::shared_ptr<const SavedFiles> files_;  ///< Of that copy.
  TimePoint next_measure_;
};

}  // namespace nbreplay::process
