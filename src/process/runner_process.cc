#include "process/runner_process.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

#include "process/process_end.h"
#include "process/process_tree.h"

namespace nbreplay::process {

namespace asio = boost::asio;

Result<RunnerProcess::Child> RunnerProcess::open_child(pid_t number, pid_t parent) {
  const auto refuse = [&](const char* why) {
    return Error{ErrorCode::kProtocol,
                 fmt::format("a worker named process {} as its child", number), why};
  };
  if (number <= 1) return refuse("that is no process of a notebook");
  const auto found = find_numbered(children_of(parent), number);
  if (!found) return refuse("it has no such child");
  Child child{*found, open_process(*found)};
  // After the handle was opened: what it stands for cannot change any more.
  const auto facts = process_facts(child.pid);
  if (!child.handle.valid() || !facts || facts->parent != parent)
    return refuse("it has no such child");
  return child;
}

Result<std::shared_ptr<RunnerProcess>> RunnerProcess::watch(asio::io_context& io, pid_t number,
                                                            pid_t parent, Ended ended) {
  NBREPLAY_TRY(Child child, open_child(number, parent));
  auto runner = std::make_shared<RunnerProcess>(io, number, std::move(child), std::move(ended));
  runner->wait();
  return runner;
}

RunnerProcess::RunnerProcess(asio::io_context& io, pid_t number, Child child, Ended ended)
    : number_(number),
      pid_(child.pid),
      handle_(std::make_shared<WatchedDescriptor>(io, child.handle.release())),
      ended_(std::move(ended)) {}

/// Holds on to itself: the end is always seen, whoever asked for it.
void RunnerProcess::wait() {
  const auto over = [pid = pid_] {
    const auto facts = process_facts(pid);
    return !facts || facts->zombie;
  };
  await_end(handle_, over, [self = shared_from_this()] {
    self->over_ = true;
    std::optional<int> status;
    if (const auto facts = process_facts(self->pid_)) status = facts->exit_status;
    if (const auto ended = std::exchange(self->ended_, {})) ended(status);
  });
}

void RunnerProcess::interrupt() {
  if (over_) return;
  // Its number is its own until it is collected, and so is that of the group it leads.
  if (::getpgid(pid_) == pid_) {
    ::kill(-pid_, SIGINT);
  } else {
    ::syscall(SYS_pidfd_send_signal, handle_->native_handle(), SIGINT, nullptr, 0);
  }
}

void RunnerProcess::kill() {
  if (!over_) ::syscall(SYS_pidfd_send_signal, handle_->native_handle(), SIGKILL, nullptr, 0);
}

}  // namespace nbreplay::process
