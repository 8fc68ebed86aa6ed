// The second half of TrialSession: its limits, and the Outcome.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "nbreplay/base/utf8.h"
#include "nbreplay/trial/ending.h"

#include "process/sandbox_spec.h"
#include "process/trial_session.h"

namespace nbreplay::process {

using boost::system::error_code;

void TrialSession::arm(Timer& timer, Duration after, void (TrialSession::*then)()) {
  timer.expires_after(after);
  timer.async_wait([weak = weak_from_this(), then, &timer](error_code cancelled) {
    const auto self = weak.lock();
    if (!self || cancelled || self->phase_ == Phase::kOver) return;
    // A wait that was over before it was cancelled is answered as if it were not: its time has
    // come, but the timer stands for something else by now.
    if (timer.expiry() <= std::chrono::steady_clock::now()) ((*self).*then)();
  });
}

/// Also of a wait that is over and whose answer only waits for its turn.
void TrialSession::disarm(Timer& timer) {
  timer.expires_at(TimePoint::max());
}

// ---- ending a run ---------------------------------------------------------------------------

void TrialSession::kill() {
  if (phase_ == Phase::kOver) return;
  if (!connection_) return;  // `give_up` has already answered
  stop(Killed{});
}

void TrialSession::stop(Termination why) {
  if (!stopped_) stopped_ = std::move(why);
  connection_->kill();
}

void TrialSession::interrupt(TimeLimit limit) {
  if (stopped_) return;
  if (!in_cell_) return stop(TimedOut{limit});
  stopped_ = TimedOut{limit};
  connection_->interrupt();
  arm(grace_timer_, context_.settings.interrupt_grace, &TrialSession::grace_over);
}

void TrialSession::cell_timed_out() {
  interrupt(TimeLimit::kCell);
}
void TrialSession::budget_used_up() {
  interrupt(TimeLimit::kBudget);
}
void TrialSession::grace_over() {
  connection_->kill();
}

void TrialSession::setup_timed_out() {
  if (phase_ == Phase::kStarting && next_ == first_)
    stop(SetupFailed{"start", fmt::format("the worker was not ready within {}\n{}",
                                          format_duration(context_.settings.setup_timeout),
                                          to_valid_utf8(setup_text_))});
}

void TrialSession::freezing_timed_out() {
  if (freezing_ || entering_)
    stop(SetupFailed{"snapshot", "the worker did not come back from being frozen"});
}

void TrialSession::finish_timed_out() {
  note(fmt::format("the process did not end within {} after its last cell",
                   format_duration(context_.settings.finish_timeout)));
  stop(TimedOut{TimeLimit::kCell});
}

void TrialSession::watch() {
  if (auto exceeded = killed_for_memory()) return stop(std::move(*exceeded));
  if (auto exceeded = limits_->check(connection_->processes(), std::chrono::steady_clock::now()))
    return stop(std::move(*exceeded));
  arm(watch_timer_, limits_->interval(), &TrialSession::watch);
}

void TrialSession::check_flood() {
  const Bytes most = context_.settings.flood;
  if (connection_ && connection_->bytes_received() > most.count && !stopped_)
    stop(LimitExceeded{Resource::kOutput, fmt::format("more than {} written", format_bytes(most))});
}

// ---- what the end was -----------------------------------------------------------------------

/// A crash that our own limits made: of the address space, which Python meets as MemoryError, or
/// of file sizes, which it meets as EFBIG; in a sandbox of what is written, ENOSPC. There a folder
/// of a lower layer cannot be renamed either (EXDEV: overlayfs.rst, "redirect_dir"), nor, with an
/// older kernel and layers in memory, be made again.
bool TrialSession::caused_by_limit(const Crash& crash) const {
  const auto is_a = [&](std::string_view type) {
    return crash.type == type || std::find(crash.base_types.begin(), crash.base_types.end(),
                                           type) != crash.base_types.end();
  };
  if (trial_.limits.address_space && is_a("MemoryError")) return true;
  if (!is_a("OSError") || !crash.message) return false;
  if (crash.message->starts_with("[Errno 27]")) return true;
  if (!context_.settings.sandbox) return false;
  if (crash.message->starts_with("[Errno 5]") && !memory_has_attributes() &&
      !context_.settings.sandbox->layers_on_disk)
    return true;
  return crash.message->starts_with("[Errno 28]") || crash.message->starts_with(kCannotRename);
}

/// When the kernel has ended a process of the sandbox for its memory since this was asked last.
std::optional<LimitExceeded> TrialSession::killed_for_memory() {
  const GroupUse use = connection_->worker().group_use();
  if (use.memory_kills <= std::exchange(memory_kills_, use.memory_kills)) return std::nullopt;
  return LimitExceeded{Resource::kMemory,
                       fmt::format("{} used of {}: ended by the kernel",
                                   format_bytes(use.most_memory), format_bytes(use.memory_limit))};
}

Termination TrialSession::termination(const WorkerEnd& end) {
  if (stopped_) return *stopped_;
  if (end.failure)
    return SetupFailed{"launch", end.failure->cause.empty()
                                     ? end.failure->message
                                     : end.failure->message + ": " + end.failure->cause};
  if (!end.status) {
    if (auto exceeded = killed_for_memory()) return *exceeded;
    own_note(std::string(kLauncherLostNote) + ": processes of the run may be left");
    return Killed{};
  }
  const Termination ended = WIFSIGNALED(*end.status)
                                ? Termination(Signaled{WTERMSIG(*end.status)})
                                : Termination(Exited{WEXITSTATUS(*end.status)});
  const bool killed = WIFSIGNALED(*end.status) && WTERMSIG(*end.status) == SIGKILL;
  if (killed || phase_ != Phase::kFinishing)
    if (auto exceeded = killed_for_memory()) return std::move(*exceeded);
  if (next_ == first_ && phase_ == Phase::kStarting)
    return SetupFailed{"start", fmt::format("the worker {} before it was ready\n{}",
                                            describe(ended), to_valid_utf8(setup_text_))};
  // Python ignores it, and meets EFBIG; other code may not.
  if (WIFSIGNALED(*end.status) && WTERMSIG(*end.status) == SIGXFSZ)
    return LimitExceeded{Resource::kDisk, fmt::format("a file larger than {}",
                                                      format_bytes(trial_.limits.files_written))};
  if (killed)
    own_note(
        "nbreplay did not send this SIGKILL: the notebook itself may have, or the machine, when it "
        "ran out of memory");
  return ended;
}

void TrialSession::on_ended(WorkerEnd end) {
  if (phase_ == Phase::kOver) return;
  outcome_.termination = termination(end);
  for (const std::string& text : end.notes) note(text);
  if (std::holds_alternative<Signaled>(outcome_.termination))
    outcome_.python_stack = to_valid_utf8(end.fault);
  if (in_cell_) {
    // Jupyter's count belongs to a cell from its start on.
    current().execution_count = last_count_ + 1;
    end_cell(Interrupted{});
  }
  const auto* exited = std::get_if<Exited>(&outcome_.termination);
  outcome_.finished = phase_ == Phase::kFinishing && next_ == trial_.executions.size() &&
                      exited != nullptr && exited->code == 0;
  if (phase_ == Phase::kFinishing && !stopped_ && (exited == nullptr || exited->code != 0))
    note(fmt::format("the process {} after its last cell", describe(outcome_.termination)));
  if (trial_.keep_files) keep_files();
  outcome_.environment_change =
      describe_change(environment_before_, environment_state(*trial_.environment));
  complete_outcome();
}

void TrialSession::keep_files() {
  const auto kept = files_.copy_written(*trial_.keep_files);
  if (!kept) return note(fmt::format("no files were kept: {}", kept.error().message));
  note(fmt::format("{} file{} kept in {} ({})", kept->files, kept->files == 1 ? "" : "s",
                   trial_.keep_files->string(), format_bytes(kept->size)));
  for (const std::string& path : kept->left_out) note("not kept: " + to_valid_utf8(path));
}

/// Before anything was launched.
void TrialSession::give_up(Termination why) {
  outcome_.termination = std::move(why);
  boost::asio::post(context_.io, [self = shared_from_this()] { self->complete_outcome(); });
}

void TrialSession::complete_outcome() {
  phase_ = Phase::kOver;
  for (Timer* timer : {&phase_timer_, &cell_timer_, &budget_timer_, &grace_timer_, &watch_timer_})
    disarm(*timer);
  // Again, since a later cell may have updated an earlier one's display.
  for (std::size_t position = first_; position < next_; ++position) {
    CellOutcome& cell = outcome_.cells[position];
    cell.outputs = log_.outputs(position, cell.execution_count);
    cell.output_truncated = log_.truncated(position);
  }
  outcome_.wall = std::chrono::steady_clock::now() - started_;
  const auto self = shared_from_this();  // `done` may let go of us
  done_(std::move(outcome_));
}

}  // namespace nbreplay::process
