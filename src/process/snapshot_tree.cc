#include "process/snapshot_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <map>
#include <utility>

#include "nbreplay/base/check.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/trial/ending.h"

#include "process/branch_launcher.h"
#include "process/process_tree.h"

namespace nbreplay::process {
namespace {

/// A snapshot must save more than this many times what it takes.
constexpr double kWorthwhile = 1.5;
/// Measuring walks the page tables of every snapshot: a tenth of the time at most.
constexpr int kMeasureShare = 10;
constexpr std::size_t kMaxHazards = 20;
/// Of files, for all snapshots of a tree.
constexpr Bytes kMostSaved = gib(1);

/// Each snapshot holds three descriptors, one of them of its files; some are left for everything
/// else.
std::size_t most_frozen(std::size_t jobs) {
  constexpr std::uint64_t kForOthers = 200;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::uint64_t left = limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, kForOthers);
  const std::uint64_t trees = 2 * std::max<std::size_t>(1, jobs);
  return std::clamp<std::uint64_t>(left / 3 / trees, 8, 512);
}

/// Whether an end says something of the notebook also when it came in a forked process.
bool is_conclusive(const Outcome& outcome) {
  const auto* exited = std::get_if<Exited>(&outcome.termination);
  const auto* late = std::get_if<TimedOut>(&outcome.termination);
  return (exited != nullptr && exited->code == 0) ||
         (late != nullptr && late->limit == TimeLimit::kBudget);
}

/// Whether a cell failed for what is ours and may be another one in a process of its own.
bool was_limited(const Outcome& outcome) {
  return std::any_of(outcome.cells.begin(), outcome.cells.end(), [](const CellOutcome& cell) {
    const auto* raised = std::get_if<Raised>(&cell.end);
    return raised != nullptr && raised->caused_by_limit;
  });
}

/// How many executions the deepest living snapshot on a path of prefixes saves.
std::size_t deepest_snapshot(const std::vector<Prefix*>& path) {
  for (std::size_t depth = path.size(); depth-- > 1;)
    if (path[depth]->snapshot && path[depth]->snapshot->alive()) return depth;
  return 0;
}

/// The last of the executions that a frozen copy behind `depth` would have saved, had it lived.
std::optional<std::size_t> deepest_lost(const std::vector<Prefix*>& path, std::size_t depth) {
  for (std::size_t deeper = path.size(); deeper-- > depth + 1;)
    if (path[deeper]->snapshot && !path[deeper]->snapshot->alive()) return deeper - 1;
  return std::nullopt;
}

void drop_snapshot(Prefix& prefix) {
  prefix.snapshot.reset();
  prefix.files.reset();
}

/// Why something is run again: a process was killed, or said what cannot be. The notebook can have
/// done so.
std::string hostile(const std::string& what) {
  return "hostile: replayed: " + what;
}

/// Why a branch says nothing and is run again.
std::string why_again(const Outcome& outcome) {
  const std::string words = "a forked process ended so: ";
  if (const auto* setup = std::get_if<SetupFailed>(&outcome.termination))
    return words + setup->stage + ": " + setup->message;
  const auto* signaled = std::get_if<Signaled>(&outcome.termination);
  const bool killed = std::holds_alternative<Killed>(outcome.termination) ||
                      (signaled != nullptr && signaled->signal == SIGKILL);
  return killed ? hostile(words + describe_end(outcome)) : words + describe_end(outcome);
}

/// How the worker that runners are forked from was lost.
std::string words_of_lost_root(const WorkerEnd& end) {
  const bool killed = !end.status || (WIFSIGNALED(*end.status) && WTERMSIG(*end.status) == SIGKILL);
  return killed ? "the worker that runners are forked from was killed"
                : "the worker that runners are forked from has ended";
}

std::string hazards_text(const protocol::SnapshotReply& reply) {
  if (reply.hazards.empty()) return "the worker did not say why";
  const auto count = static_cast<std::ptrdiff_t>(std::min(reply.hazards.size(), kMaxHazards));
  return to_valid_utf8(
      fmt::format("{}", fmt::join(reply.hazards.begin(), reply.hazards.begin() + count, "; ")));
}

}  // namespace

SnapshotTree::SnapshotTree(SessionContext context, WorkspacePool& workspaces, Bytes memory,
                           std::string key)
    : context_(context),
      workspaces_(workspaces),
      memory_(memory),
      key_(std::move(key)),
      root_timer_(context.io) {}

SnapshotTree::~SnapshotTree() {
  drop_snapshots();
  root_.reset();
}

// ---- the worker before its first cell -----------------------------------------------------------

void SnapshotTree::start_root() {
  state_ = State::kStarting;
  auto space = workspaces_.acquire(trial_->project);
  if (!space) return break_down(space.error().message);
  space_ = std::move(*space);
  auto request = launch_request(context_, *trial_, *space_);
  if (!request) return break_down(request.error().message);
  root_variables_ = request->variables;
  // Shared with the frozen copies.
  request->together.memory.count += memory_.count;
  if (request->sandbox) {
    request->sandbox->processes += most_frozen(context_.settings.jobs);
    request->together.processes += most_frozen(context_.settings.jobs);
  }
  ConnectionEvents events;
  const std::weak_ptr<int> alive = alive_;
  events.message = [this, alive](const protocol::Message& message) {
    if (!alive.expired()) on_root_message(message);
  };
  events.violation = [this, alive](const std::string& why) {
    if (!alive.expired()) lose_root(std::string(kViolationNote) + why);
  };
  events.ended = [this, alive](const WorkerEnd& end) {
    if (alive.expired()) return;
    root_ended_ = true;
    lose_root(words_of_lost_root(end));
  };
  auto opened = WorkerConnection::open(context_.io, context_.launcher, *request, std::move(events));
  if (!opened) return break_down(opened.error().message);
  root_connection_ = std::move(*opened);
  protocol::Configure configure = configure_request(context_, *trial_);
  configure.preload = context_.settings.preload;
  root_connection_->send(configure);
  expect_root();
}

void SnapshotTree::on_root_message(const protocol::Message& message) {
  if (state_ != State::kStarting) return;
  if (const auto* ready = std::get_if<protocol::Ready>(&message)) {
    python_version_ = to_valid_utf8(ready->python_version);
    ipython_version_ = to_valid_utf8(ready->ipython_version);
    freeze_root();
  } else if (const auto* reply = std::get_if<protocol::SnapshotReply>(&message)) {
    auto root =
        Snapshot::take(context_.io, reply->pid, root_connection_->pid(), std::move(root_socket_));
    if (!root)
      return break_down(reply->hazards.empty() ? root.error().message + ": " + root.error().cause
                                               : hazards_text(*reply));
    root_ = std::move(*root);
    // Or it would go with what the first runner leaves behind.
    root_connection_->worker().keep(reply->pid);
    state_ = State::kReady;
    if (done_) begin();
  } else if (std::holds_alternative<protocol::Sync>(message) ||
             std::holds_alternative<protocol::Output>(message)) {
    root_connection_->send(protocol::Proceed{});
  } else if (std::holds_alternative<protocol::SetupFailed>(message)) {
    // Said in full by the fresh process that the trial runs in now.
    break_down("a worker cannot be started");
  }
}

/// A worker that does not answer, whatever keeps it, is given up.
void SnapshotTree::expect_root() {
  root_timer_.expires_after(context_.settings.setup_timeout);
  root_timer_.async_wait(
      [this, alive = std::weak_ptr<int>(alive_)](boost::system::error_code cancelled) {
        if (!cancelled && !alive.expired() && state_ == State::kStarting)
          break_down("the worker that runners are forked from did not answer in time");
      });
}

/// The worker itself stays as it is, so that it can be frozen again.
void SnapshotTree::freeze_root() {
  state_ = State::kStarting;
  expect_root();
  auto pair = make_socket_pair();
  if (!pair || !root_connection_->send(protocol::TakeSnapshot{}, pair->theirs.get()))
    return break_down("no socket could be made");
  root_socket_ = std::move(pair->ours);
}

/// Before it was frozen it has run nothing of a notebook's.
void SnapshotTree::lose_root(const std::string& why) {
  break_down(root_ ? hostile(why) : why);
}

void SnapshotTree::break_down(std::string why) {
  state_ = State::kBroken;
  if (broken_.empty()) broken_ = std::move(why);
  drop_snapshots();
  root_.reset();
  if (session_) {
    session_->kill();
  } else if (done_) {
    boost::asio::post(context_.io, [this, alive = std::weak_ptr<int>(alive_)] {
      if (!alive.expired() && done_ && !session_) answer(environment_error(broken_));
    });
  }
}

void SnapshotTree::close() {
  state_ = State::kBroken;
  drop_snapshots();
  root_.reset();
  if (root_connection_ && !root_ended_) root_connection_->kill();
}

// ---- one trial
// ------------------------------------------------------------------------------------

std::size_t SnapshotTree::saved(const Trial& trial) {
  return deepest_snapshot(trie_.known(trial));
}

void SnapshotTree::run(Trial trial, TrialEvents events, bool branch, Done done) {
  CHECK(!done_, "one trial at a time");
  trial_ = std::move(trial);
  events_ = std::move(events);
  may_branch_ = branch;
  done_ = std::move(done);
  killed_ = false;
  ++uses_;
  switch (state_) {
    case State::kCold:
      return start_root();
    case State::kReady:
      return begin();
    case State::kStarting:
    case State::kBroken:
      return break_down("it is not ready");
  }
}

void SnapshotTree::begin() {
  if (!root_->alive()) return freeze_root();  // which begins again
  const std::vector<Prefix*> path = trie_.known(*trial_);
  if (may_branch_) {
    if (auto outcome = remembered(path)) {
      boost::asio::post(context_.io, [this, alive = std::weak_ptr<int>(alive_),
                                      outcome = std::move(*outcome)]() mutable {
        if (!alive.expired() && done_) answer(Answered{std::move(outcome), Origin::kBranched});
      });
      return;
    }
  }
  const std::size_t start = may_branch_ ? deepest_snapshot(path) : 0;
  lost_copy_ = may_branch_ ? deepest_lost(path, start) : std::nullopt;
  if (const Status ready = prepare_files(*path[start]); !ready) {
    // Of no use any more, as is every snapshot that works in them.
    space_.reset();
    return break_down(ready.error().message);
  }
  origin_ = start == 0 ? Origin::kWarm : Origin::kBranched;
  at_ = path[start];
  at_->last_use = uses_;
  since_snapshot_ = {};
  launcher_ = std::make_unique<BranchLauncher>(BranchLauncher::Origin{
      start == 0 ? root_ : at_->snapshot, root_connection_, [this] { return frozen_processes(); },
      start == 0, root_variables_, context_.settings.sandbox ? trial_->limits.processes : 0});
  session_ = std::make_shared<TrialSession>(
      SessionContext{context_.io, *launcher_, context_.settings}, *trial_, events_, *space_,
      branch_from(path, start), [this](Outcome outcome) { session_ended(std::move(outcome)); });
  session_->start();
}

Status SnapshotTree::prepare_files(const Prefix& from) {
  if (from.files) return space_->go_back(from.files);
  if (space_ && space_->can_show(*trial_->project)) return space_->reset(trial_->project);
  drop_snapshots();
  if (space_) workspaces_.release(std::move(space_));
  NBREPLAY_TRY(space_, workspaces_.acquire(trial_->project));
  return {};
}

/// The outcome of a trial of which every execution has been run already.
std::optional<Outcome> SnapshotTree::remembered(const std::vector<Prefix*>& path) const {
  const Prefix& last = *path.back();
  if (!last.record) return std::nullopt;
  const bool whole = last.depth == trial_->executions.size();
  const bool raised = std::holds_alternative<Raised>(last.record->cell.end);
  if (!whole && (!raised || trial_->executions[last.depth - 1].may_fail)) return std::nullopt;
  Outcome outcome;
  for (std::size_t position = 0; position < trial_->executions.size(); ++position) {
    CellOutcome cell;
    cell.position = position;
    cell.cell = trial_->executions[position].cell;
    if (position < last.depth) cell = path[position + 1]->record->cell;
    outcome.cells.push_back(std::move(cell));
  }
  outcome.termination = Exited{0};
  outcome.finished = whole;
  outcome.requirements = last.record->requirements;
  outcome.notes = last.record->notes;
  outcome.python_version = python_version_;
  outcome.ipython_version = ipython_version_;
  return outcome;
}

Branch SnapshotTree::branch_from(const std::vector<Prefix*>& path, std::size_t start) {
  Branch branch;
  for (std::size_t depth = 1; depth <= start; ++depth)
    branch.done.push_back(path[depth]->record->cell);
  if (start > 0) {
    branch.requirements = path[start]->record->requirements;
    branch.notes = path[start]->record->notes;
  }
  branch.cell_ended = [this](const CellOutcome& cell, const Outcome& so_far) {
    record(cell, so_far);
  };
  branch.freeze_after = [this](std::size_t position) { return freeze_after(position); };
  branch.frozen = [this](std::size_t, const protocol::SnapshotReply& reply) {
    return frozen(reply);
  };
  return branch;
}

void SnapshotTree::record(const CellOutcome& cell, const Outcome& so_far) {
  if (!may_branch_) return;
  at_ = &trie_.extend(*at_, *trial_, cell.position);
  at_->last_use = uses_;
  since_snapshot_ += cell.wall;
  if (at_->snapshot && !at_->snapshot->alive()) drop_snapshot(*at_);
  // What a limit of ours caused is not what the notebook does: nothing goes on from there.
  const auto* raised = std::get_if<Raised>(&cell.end);
  if (raised != nullptr && raised->caused_by_limit) {
    may_branch_ = false;
    return;
  }
  if (at_->snapshot) return;
  // What was seen behind another end says nothing of this one.
  if (at_->record && at_->record->cell.end.index() != cell.end.index()) at_->longer.clear();
  at_->record = {cell, so_far.requirements, so_far.notes};
}

// ---- snapshots
// --------------------------------------------------------------------------------------

Result<std::optional<Descriptor>> SnapshotTree::freeze_after(std::size_t) {
  const bool worthwhile =
      context_.settings.snapshot_every_cell || since_snapshot_ > kWorthwhile * snapshot_cost_;
  if (!may_branch_ || at_->snapshot || !at_->hazard.empty() || !worthwhile)
    return std::optional<Descriptor>();
  freezing_since_ = std::chrono::steady_clock::now();
  auto files = space_->save();
  if (!files) {
    at_->hazard = files.error().message;
    return files.error();
  }
  files_ = std::move(*files);
  NBREPLAY_TRY(DescriptorPair pair, make_socket_pair());
  socket_ = std::move(pair.ours);
  return std::optional<Descriptor>(std::move(pair.theirs));
}

Result<Branch::Frozen> SnapshotTree::frozen(const protocol::SnapshotReply& reply) {
  snapshot_cost_ = std::chrono::steady_clock::now() - freezing_since_;
  Descriptor socket = std::move(socket_);
  auto files = std::exchange(files_, nullptr);
  if (reply.pid == 0) {
    at_->hazard = hazards_text(reply);
    return Branch::Frozen{at_->hazard, false};
  }
  auto snapshot = Snapshot::take(context_.io, reply.pid, session_->worker_pid(), std::move(socket));
  if (!snapshot) return Branch::Frozen{snapshot.error().message, false};
  root_connection_->worker().keep(reply.pid);
  at_->snapshot = std::move(*snapshot);
  at_->files = std::move(files);
  since_snapshot_ = {};
  // What comes now must not change what the copy will find.
  const auto enter_view = space_->part_from_saved();
  if (!enter_view) {
    drop_snapshot(*at_);
    return enter_view.error();
  }
  make_room();
  if (context_.settings.sandbox)
    limit_runner(root_connection_->worker(), session_->worker_pid(),
                 frozen_processes().size() + trial_->limits.processes);
  return Branch::Frozen{{}, *enter_view};
}

/// Keeps the snapshots within their memory. What they share with each other counts once.
void SnapshotTree::make_room() {
  drop_beyond(most_frozen(context_.settings.jobs));
  const TimePoint now = std::chrono::steady_clock::now();
  if (now < next_measure_ || resident_memory(frozen_processes()) <= memory_) return;
  Bytes used;
  trie_.each([&](Prefix& prefix) {
    if (!prefix.snapshot) return;
    prefix.memory = proportional_memory({prefix.snapshot->pid()});
    used.count += prefix.memory.count;
  });
  next_measure_ = now + (std::chrono::steady_clock::now() - now) * kMeasureShare;
  while (used > memory_) {
    Prefix* least = least_valuable(trie_, uses_, at_);
    if (least == nullptr) return;
    used.count -= std::min(used.count, least->memory.count);
    drop_snapshot(*least);
  }
}

/// Each holds descriptors and a process number, and what its prefix wrote takes room.
void SnapshotTree::drop_beyond(std::size_t most) {
  for (;;) {
    std::size_t count = 0;
    std::map<const void*, std::uint64_t> saved;
    trie_.each([&](Prefix& prefix) {
      if (!prefix.snapshot) return;
      ++count;
      prefix.files->add_sizes(saved);
    });
    std::uint64_t bytes = 0;
    for (const auto& [file, size] : saved) bytes += size;
    if (count <= most && bytes <= kMostSaved.count) return;
    Prefix* least = least_valuable(trie_, uses_, at_);
    if (least == nullptr) return;
    drop_snapshot(*least);
  }
}

void SnapshotTree::drop_snapshots() {
  trie_.each(drop_snapshot);
}

std::vector<pid_t> SnapshotTree::frozen_processes() {
  std::vector<pid_t> all;
  trie_.each([&](Prefix& prefix) {
    if (prefix.snapshot && prefix.snapshot->alive()) all.push_back(prefix.snapshot->pid());
  });
  if (root_ && root_->alive()) all.push_back(root_->pid());
  return all;
}

// ---- the end
// ----------------------------------------------------------------------------------------

void SnapshotTree::kill() {
  killed_ = true;
  if (session_) return session_->kill();
  // The worker is being started for it: nobody else waits for that one. Else its answer is on
  // the way already.
  if (done_ && state_ == State::kStarting) break_down("it was cancelled");
}

void SnapshotTree::session_ended(Outcome outcome) {
  if (killed_) outcome.termination = Killed{};
  // The worker was lost while it was being frozen: not there again.
  if (!killed_ && socket_.valid() && at_ != nullptr)
    at_->hazard = "the worker did not come back from being frozen";
  if (!killed_ && !is_conclusive(outcome))
    return answer(environment_error(broken_.empty() ? why_again(outcome) : broken_));
  if (!killed_ && was_limited(outcome))
    return answer(environment_error("a limit was met in a forked process"));
  if (lost_copy_)
    outcome.taints.push_back({*lost_copy_, hostile("a frozen copy was killed, or lied; the machine "
                                                   "may have done so for want of memory")});
  answer(Answered{std::move(outcome), origin_});
}

void SnapshotTree::answer(Result<Answered> answered) {
  const auto session = std::exchange(session_, nullptr);
  const Done done = std::exchange(done_, nullptr);
  trial_.reset();
  events_ = {};
  at_ = nullptr;
  socket_.reset();
  files_.reset();
  // A session may still be within the call that brought us here, and it uses the launcher.
  boost::asio::post(context_.io, [session, launcher = std::shared_ptr(std::move(launcher_))] {});
  done(std::move(answered));
}

}  // namespace nbreplay::process
