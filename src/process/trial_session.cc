#include "process/trial_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "nbreplay/base/check.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/notebook/output.h"
#include "nbreplay/process/installation.h"
#include "nbreplay/protocol/codec.h"
#include "nbreplay/trial/ending.h"

#include "process/translate.h"
#include "process/worker_request.h"

namespace nbreplay::process {
namespace {

constexpr std::size_t kMaxNotes = 200;
constexpr std::size_t kMaxNoteSize = 4096;
constexpr std::size_t kMaxRequirements = 1000;
/// A request is one frame, which has other fields as well.
constexpr std::size_t kMaxSource = protocol::kMaxFrame.count - 4096;
constexpr std::size_t kSetupTail = 8192;

/// Whether a cell can have raised because something had no room left: the layer that it writes to,
/// the table of processes.
bool may_be_a_limit(const protocol::CellDone& done) {
  const auto& bases = done.base_types;
  const auto is_a = [&](const char* type) {
    return done.type == type || std::find(bases.begin(), bases.end(), type) != bases.end();
  };
  return is_a("OSError") || is_a("MemoryError") || is_a("RuntimeError");
}

SetupFailed other_version() {
  return {"worker", "the worker belongs to another version of nbreplay; build or install it again"};
}

std::string shortened(const std::string& text) {
  return to_valid_utf8(std::string_view(text).substr(0, kMaxNoteSize));
}

}  // namespace

TrialSession::TrialSession(SessionContext context, Trial trial, TrialEvents events,
                           FileSpace& files, std::optional<Branch> branch, Done done)
    : context_(context),
      trial_(std::move(trial)),
      events_(std::move(events)),
      files_(files),
      branch_(std::move(branch)),
      done_(std::move(done)),
      log_(trial_.limits, trial_.keep_outputs),
      started_(std::chrono::steady_clock::now()),
      phase_timer_(context.io),
      cell_timer_(context.io),
      budget_timer_(context.io),
      grace_timer_(context.io),
      watch_timer_(context.io) {
  for (std::size_t position = 0; position < trial_.executions.size(); ++position) {
    CellOutcome cell;
    cell.position = position;
    cell.cell = trial_.executions[position].cell;
    outcome_.cells.push_back(std::move(cell));
  }
  if (!branch_) return;
  first_ = next_ = branch_->done.size();
  for (CellOutcome& cell : branch_->done) {
    log_.begin();
    last_count_ = cell.execution_count.value_or(last_count_);
    outcome_.cells[cell.position] = std::move(cell);
  }
  outcome_.requirements = std::move(branch_->requirements);
  outcome_.notes = std::move(branch_->notes);
}

void TrialSession::start() {
  for (const Execution& execution : trial_.executions)
    if (execution.source.size() + execution.cell_id.size() > kMaxSource)
      return give_up(SetupFailed{
          "cell", fmt::format("a cell's source has {}; at most {} can be sent to a worker",
                              format_bytes(Bytes{execution.source.size()}),
                              format_bytes(Bytes{kMaxSource}))});
  const auto request = launch_request(context_, trial_, files_);
  if (!request) return give_up(SetupFailed{"worker", request.error().message});
  environment_before_ = environment_state(*trial_.environment);
  limits_.emplace(trial_.limits, files_, context_.settings.sandbox.has_value());

  const auto weak = weak_from_this();
  ConnectionEvents events;
  events.message = [weak](protocol::Message message) {
    if (const auto self = weak.lock()) self->on_message(std::move(message));
  };
  events.text = [weak](StreamName stream, std::string_view bytes) {
    if (const auto self = weak.lock()) self->on_text(stream, bytes);
  };
  events.violation = [weak](const std::string& why) {
    if (const auto self = weak.lock()) self->on_violation(why);
  };
  events.ended = [weak](WorkerEnd end) {
    if (const auto self = weak.lock()) self->on_ended(std::move(end));
  };
  auto opened = WorkerConnection::open(context_.io, context_.launcher, *request, std::move(events));
  if (!opened)
    return give_up(SetupFailed{"launch", opened.error().message + ": " + opened.error().cause});
  connection_ = std::move(*opened);
  memory_kills_ = connection_->worker().group_use().memory_kills;
  arm(phase_timer_, context_.settings.setup_timeout, &TrialSession::setup_timed_out);
  if (trial_.limits.budget)
    arm(budget_timer_, *trial_.limits.budget, &TrialSession::budget_used_up);
  watch();
  if (!branch_) connection_->send(configure_request(context_, trial_));
}

/// The extra files that an execution is to find.
Status TrialSession::add_files(std::size_t before) {
  for (const ExtraFile& file : trial_.extra_files)
    if (file.before == before) NBREPLAY_TRY_VOID(files_.add(file));
  return {};
}

void TrialSession::run_next() {
  if (next_ == trial_.executions.size()) return finish_run();
  if (const Status added = add_files(next_); !added)
    return stop(SetupFailed{"files", added.error().message + ": " + added.error().cause});
  running_ = next_++;
  phase_ = Phase::kRunning;
  in_cell_ = true;
  log_.begin();
  cell_started_ = std::chrono::steady_clock::now();
  if (events_.cell_started) events_.cell_started(running_);
  if (trial_.limits.cell_timeout)
    arm(cell_timer_, *trial_.limits.cell_timeout, &TrialSession::cell_timed_out);
  const Execution& execution = trial_.executions[running_];
  protocol::RunCell run;
  run.position = static_cast<std::uint32_t>(running_);
  run.cell = static_cast<std::uint32_t>(execution.cell);
  run.cell_id = execution.cell_id;
  run.source = execution.source;
  run.observe = trial_.observe;
  connection_->send(run);
}

void TrialSession::finish_run() {
  phase_ = Phase::kFinishing;
  arm(phase_timer_, context_.settings.finish_timeout, &TrialSession::finish_timed_out);
  connection_->send(protocol::Finish{});
}

void TrialSession::end_cell(CellEnd end) {
  in_cell_ = false;
  disarm(cell_timer_);
  CellOutcome& cell = current();
  cell.end = std::move(end);
  cell.wall = std::chrono::steady_clock::now() - cell_started_;
  cell.outputs = log_.outputs(running_, cell.execution_count);
  cell.output_truncated = log_.truncated(running_);
  if (events_.cell_ended) events_.cell_ended(cell);
}

// ---- what the worker says -------------------------------------------------------------------

void TrialSession::on_message(protocol::Message message) {
  if (phase_ == Phase::kOver) return;
  check_flood();
  std::visit([this](const auto& said) { on(said); }, message);
}

void TrialSession::on(const protocol::Ready& ready) {
  if (phase_ != Phase::kStarting || next_ != first_)
    return on_violation("a worker said twice that it is ready");
  if (ready.version != protocol::kProtocolVersion) return stop(other_version());
  disarm(phase_timer_);
  outcome_.python_version = shortened(ready.python_version);
  outcome_.ipython_version = shortened(ready.ipython_version);
  run_next();
}

/// Freezes the worker where that is wanted; false when the run goes on at once.
bool TrialSession::freeze() {
  if (!branch_ || next_ == trial_.executions.size()) return false;
  const auto socket = branch_->freeze_after(running_);
  if (!socket) outcome_.taints.push_back({running_, socket.error().message});
  if (!socket || !*socket) return false;
  if (!connection_->send(protocol::TakeSnapshot{}, (*socket)->get())) return false;
  freezing_ = true;
  arm(phase_timer_, context_.settings.setup_timeout, &TrialSession::freezing_timed_out);
  return true;
}

void TrialSession::on(const protocol::SetupFailed& failed) {
  if (phase_ != Phase::kStarting)
    return on_violation("a worker that was ready said that its set-up failed");
  stop(SetupFailed{shortened(failed.stage), shortened(failed.message)});
}

void TrialSession::on(const protocol::Output& output) {
  if (phase_ == Phase::kStarting) return on_violation("an output before the first cell");
  // As for text: what exit handlers show belongs to no cell.
  if (phase_ != Phase::kFinishing && !log_.add(output))
    note("an output that was not proper JSON was left out");
  connection_->send(protocol::Proceed{});
}

void TrialSession::on(const protocol::Sync&) {
  connection_->send(protocol::Proceed{});
}

void TrialSession::on(const protocol::CellDone& done) {
  if (!in_cell_ || done.position != running_)
    return on_violation("the end of a cell that does not run");
  if (done.execution_count) {
    last_count_ = static_cast<int>(*done.execution_count & 0x7fffffffU);
    current().execution_count = last_count_;
  }
  disarm(grace_timer_);
  if (stopped_) {
    // It came back after our interrupt: that it did says nothing about the notebook.
    end_cell(Interrupted{});
    connection_->kill();
    return;
  }
  if (done.observed) current().observed = to_observed(*done.observed);
  const bool raised = done.status == protocol::CellStatus::kRaised;
  // A process that the notebook had started. What it does because of that is not its own doing.
  if (auto exceeded = killed_for_memory()) return stop(std::move(*exceeded));
  if (raised && may_be_a_limit(done))
    if (auto exceeded = limits_->check(connection_->processes(), std::chrono::steady_clock::now()))
      return stop(std::move(*exceeded));
  if (raised) {
    Raised end{to_crash(done, trial_), false};
    end.caused_by_limit = caused_by_limit(end.crash);
    if (end.caused_by_limit && end.crash.message->starts_with(kCannotRename))
      note(
          "a sandbox cannot rename a folder of the project; shutil.move can, as can a run with "
          "--sandbox off");
    end_cell(std::move(end));
  } else {
    end_cell(Completed{});
  }
  const bool may_go_on = !raised || trial_.executions[running_].may_fail;
  if (branch_ && done.status != protocol::CellStatus::kExitRequested)
    branch_->cell_ended(current(), outcome_);
  if (done.status == protocol::CellStatus::kExitRequested || !may_go_on) return finish_run();
  if (!freeze()) run_next();
}

void TrialSession::on(const protocol::Requirement& requirement) {
  if (outcome_.requirements.size() >= kMaxRequirements) return;
  outcome_.requirements.push_back(
      {shortened(requirement.command), shortened(requirement.requirement), requirement.satisfied});
}

void TrialSession::on(const protocol::Note& said) {
  std::string text = shortened(said.text);
  // Those words are ours.
  if (text.starts_with(kViolationNote) || text.starts_with(kLauncherLostNote))
    text.insert(0, "the worker says: ");
  note(std::move(text));
}

void TrialSession::on(const protocol::CellFactsReply&) {
  on_violation("facts that nobody asked for");
}

void TrialSession::on(const protocol::SnapshotReply& reply) {
  if (!std::exchange(freezing_, false)) return on_violation("a snapshot that nobody asked for");
  disarm(phase_timer_);
  if (stopped_) return;
  const auto frozen = branch_->frozen(running_, reply);
  if (!frozen) return stop(SetupFailed{"snapshot", frozen.error().message});
  if (!frozen->hazard.empty()) outcome_.taints.push_back({running_, shortened(frozen->hazard)});
  if (!frozen->enter_view) return run_next();
  entering_ = true;
  arm(phase_timer_, context_.settings.setup_timeout, &TrialSession::freezing_timed_out);
  connection_->send(protocol::EnterView{});
}

void TrialSession::on(const protocol::ViewEntered& entered) {
  if (!std::exchange(entering_, false)) return on_violation("a view that nobody sent it to");
  disarm(phase_timer_);
  if (stopped_) return;
  if (!entered.problem.empty())
    return stop(
        SetupFailed{"snapshot", "a file could not be opened again: " + shortened(entered.problem)});
  run_next();
}

void TrialSession::on(const protocol::ForkReply&) {
  on_violation("a runner that nobody asked for");
}

void TrialSession::on(const protocol::Finished& finished) {
  if (phase_ != Phase::kFinishing) return on_violation("last words before the last cell");
  if (finished.widget_state_json.empty()) return;
  if (check_json_object(finished.widget_state_json))
    outcome_.widget_state_json = finished.widget_state_json;
  else
    note("the state of widgets was not proper JSON and was left out");
}

void TrialSession::on_text(StreamName stream, std::string_view bytes) {
  check_flood();
  // What exit handlers write belongs to no cell: a kernel's front end has gone by then.
  if (phase_ == Phase::kFinishing) return;
  if (next_ > first_) return log_.add_text(stream, bytes);
  setup_text_ += bytes;
  if (setup_text_.size() > kSetupTail) setup_text_.erase(0, setup_text_.size() - kSetupTail);
}

void TrialSession::on_violation(const std::string& why) {
  std::string text = std::string(kViolationNote) + why;
  // More of them may follow until the worker is dead.
  stopped_ ? note(std::move(text)) : own_note(std::move(text));
  // Before it has run anything of a notebook's it is not the notebook that lies.
  const bool first_words = phase_ == Phase::kStarting && next_ == 0;
  stop(first_words ? Termination(other_version()) : Killed{});
}

void TrialSession::note(std::string text) {
  if (outcome_.notes.size() < kMaxNotes) outcome_.notes.push_back(std::move(text));
}

void TrialSession::own_note(std::string text) {
  outcome_.notes.push_back(std::move(text));
}

}  // namespace nbreplay::process
