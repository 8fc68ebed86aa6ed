#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "nbreplay/process/worker_trial_runner.h"
#include "nbreplay/trial/runner.h"

#include "process/limit_watch.h"
#include "process/output_log.h"
#include "process/worker_connection.h"
#include "process/worker_request.h"

namespace nbreplay::process {

/// How an OSError begins that renaming a folder of a lower layer raises: EXDEV.
inline constexpr const char* kCannotRename = "[Errno 18]";

/// How a session goes on from a prefix that another one has executed, and shares its own. A
/// session without one is fresh.
struct Branch {
  /// The executions that need not be run, as they ended, and what was collected in them.
  std::vector<CellOutcome> done;
  std::vector<PipRequirement> requirements;
  std::vector<std::string> notes;
  /// After every execution that ended by itself.
  std::function<void(const CellOutcome& cell, const Outcome& so_far)> cell_ended;
  /// Whether to freeze the worker after execution `position`: a socket for the copy. Everything
  /// that it says comes to `frozen`.
  /// An Error says why it cannot be.
  std::function<Result<std::optional<Descriptor>>(std::size_t position)> freeze_after;
  struct Frozen {
    std::string hazard;       ///< Why there is no copy; empty when there is one.
    bool enter_view = false;  ///< The worker's files are elsewhere now.
  };
  /// The reply to that. An Error: the run cannot go on.
  std::function<Result<Frozen>(std::size_t position, const protocol::SnapshotReply&)> frozen;
};

/// One trial in one worker process, from launch to Outcome.
///
/// How the process ended is decided here: by the first of our own reasons to end it (time-out,
/// limit, cancellation), else by the wait status. What the worker says decides only how cells
/// ended that it survived.
class TrialSession : public std::enable_shared_from_this<TrialSession> {
 public:
  using Done = std::function<void(Outcome)>;

  /// `files` is pristine (with a branch: as the branch's prefix left it) and stays alive until
  /// `done` was called.
  TrialSession(SessionContext context, Trial trial, TrialEvents events, FileSpace& files,
               std::optional<Branch> branch, Done done);

  /// `done` is called once, from the io_context.
  void start();
  /// 0 before it was started.
  [[nodiscard]] pid_t worker_pid() const { return connection_ ? connection_->pid() : 0; }
  /// Ends the run for a reason outside of it; `done` follows with Killed.
  void kill();

 private:
  enum class Phase { kStarting, kRunning, kFinishing, kOver };
  using Timer = boost::asio::steady_timer;

  // trial_session.cc: the course of a run
  [[nodiscard]] Status add_files(std::size_t before);
  void run_next();
  [[nodiscard]] bool freeze();
  void finish_run();
  void end_cell(CellEnd end);
  void on_message(protocol::Message message);
  void on(const protocol::Ready& ready);
  void on(const protocol::SetupFailed& failed);
  void on(const protocol::Output& output);
  void on(const protocol::Sync& sync);
  void on(const protocol::CellDone& done);
  void on(const protocol::Requirement& requirement);
  void on(const protocol::Note& note);
  void on(const protocol::CellFactsReply& reply);
  void on(const protocol::SnapshotReply& reply);
  void on(const protocol::ForkReply& reply);
  void on(const protocol::ViewEntered& entered);
  void on(const protocol::Finished& finished);
  void on_text(StreamName stream, std::string_view bytes);
  void on_violation(const std::string& why);

  // session_end.cc: limits, and what the end was
  void stop(Termination why);
  void interrupt(TimeLimit limit);
  void watch();
  void check_flood();
  void on_ended(WorkerEnd end);
  [[nodiscard]] Termination termination(const WorkerEnd& end);
  [[nodiscard]] std::optional<LimitExceeded> killed_for_memory();
  [[nodiscard]] bool caused_by_limit(const Crash& crash) const;
  void keep_files();
  void complete_outcome();
  void give_up(Termination why);
  void arm(Timer& timer, Duration after, void (TrialSession::*then)());
  static void disarm(Timer& timer);
  void setup_timed_out();
  void freezing_timed_out();
  void cell_timed_out();
  void budget_used_up();
  void grace_over();
  void finish_timed_out();

  /// Of those that a notebook can bring about any number, only the first are kept.
  void note(std::string text);
  /// Said once, and never crowded out.
  void own_note(std::string text);
  [[nodiscard]] CellOutcome& current() { return outcome_.cells[running_]; }

  SessionContext context_;
  Trial trial_;
  TrialEvents events_;
  FileSpace& files_;
  std::optional<Branch> branch_;
  Done done_;

  std::shared_ptr<WorkerConnection> connection_;
  Phase phase_ = Phase::kStarting;
  std::size_t first_ = 0;    ///< The execution to run first.
  std::size_t next_ = 0;     ///< The execution to run next.
  std::size_t running_ = 0;  ///< The one that runs or ran last, once next_ > first_.
  bool in_cell_ = false;
  bool freezing_ = false;
  bool entering_ = false;               ///< The view after a copy was frozen.
  std::optional<Termination> stopped_;  ///< Our own reason for ending it; the first stays.

  Outcome outcome_;
  OutputLog log_;
  std::string setup_text_;  ///< The tail of what it wrote before the first cell.
  int last_count_ = 0;
  EnvironmentState environment_before_;
  std::optional<LimitWatch> limits_;
  std::uint64_t memory_kills_ = 0;  ///< Seen so far.
  TimePoint started_;
  TimePoint cell_started_;

  Timer phase_timer_;  ///< Set-up, then finishing.
  Timer cell_timer_;
  Timer budget_timer_;
  Timer grace_timer_;
  Timer watch_timer_;
};

}  // namespace nbreplay::process
