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

Result<Descriptor> RunnerProcess::open_child(pid_t pid, pid_t parent) {
  const auto refuse = [&](const char* why) {
    return Error{ErrorCode::kProtocol, fmt::format("a worker named process {} as its child", pid),
                 why};
  };
  if (pid <= 1) return refuse("that is no process of a notebook");
  Descriptor handle = open_process(pid);
  if (!handle.valid()) return refuse("there is no such process");
  // After the handle was opened: what it stands for cannot change any more.
  const auto facts = process_facts(pid);
  if (!facts || facts->parent != parent) return refuse("that is a child of somebody else");
  return handle;
}

Result<std::shared_ptr<RunnerProcess>> RunnerProcess::watch(asio::io_context& io, pid_t pid,
                                                            pid_t parent, Ended ended) {
  NBREPLAY_TRY(Descriptor handle, open_child(pid, parent));
  auto runner = std::make_shared<RunnerProcess>(io, pid, std::move(handle), std::move(ended));
  runner->wait();
  return runner;
}

RunnerProcess::RunnerProcess(asio::io_context& io, pid_t pid, Descriptor handle, Ended ended)
    : pid_(pid),
      handle_(std::make_shared<WatchedDescriptor>(io, handle.release())),
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
