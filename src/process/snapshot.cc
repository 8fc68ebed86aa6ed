#include "process/snapshot.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>

#include "nbreplay/base/check.h"

#include "process/runner_process.h"

namespace nbreplay::process {

namespace asio = boost::asio;

Result<std::shared_ptr<Snapshot>> Snapshot::take(asio::io_context& io, pid_t number, pid_t parent,
                                                 Descriptor socket) {
  NBREPLAY_TRY(auto child, RunnerProcess::open_child(number, parent));
  auto snapshot =
      std::make_shared<Snapshot>(io, child.pid, std::move(child.handle), std::move(socket));
  snapshot->read();
  return snapshot;
}

Snapshot::Snapshot(asio::io_context& io, pid_t pid, Descriptor handle, Descriptor socket)
    : io_(io), pid_(pid), handle_(std::move(handle)), socket_(io, socket.release()) {}

Snapshot::~Snapshot() {
  kill();
}

void Snapshot::kill() {
  ::syscall(SYS_pidfd_send_signal, handle_.get(), SIGKILL, nullptr, 0);
  lose("it was killed");
}

void Snapshot::fork(const protocol::ForkRunner& request, std::span<const int> descriptors,
                    Forked done) {
  CHECK(!forked_, "a snapshot forks one runner at a time");
  forked_ = std::move(done);
  const bool sent = alive_ && send_with_descriptors(socket_.native_handle(),
                                                    protocol::encode(request), descriptors);
  if (!sent) lose("it does not listen");
}

void Snapshot::reap(pid_t runner) {
  if (!alive_) return;
  if (!send_with_descriptors(socket_.native_handle(),
                             protocol::encode(protocol::ReapRunner{runner}), {}))
    lose("it does not listen");
}

void Snapshot::read() {
  socket_.async_wait(WatchedDescriptor::wait_read,
                     [weak = weak_from_this()](boost::system::error_code failed) {
                       const auto self = weak.lock();
                       if (!self || failed || !self->alive_) return;
                       self->take_replies();
                       if (self->alive_) self->read();
                     });
}

void Snapshot::take_replies() {
  std::string bytes;
  const ReadEnd end = read_available(socket_.native_handle(), bytes, 64 * 1024);
  decoder_.feed(bytes);
  auto message = decoder_.next_message();
  if (!message) return lose("it broke the protocol");
  if (*message) {
    const auto* reply = std::get_if<protocol::ForkReply>(&**message);
    if (reply == nullptr || !forked_) return lose("it spoke without being asked");
    const Forked done = std::exchange(forked_, {});
    if (reply->pid > 0) {
      done(reply->pid);
    } else {
      done(environment_error("no runner could be forked", std::strerror(reply->error)));
    }
  }
  if (end == ReadEnd::kClosed) lose("it is gone");
}

/// Asks are answered from the io_context, never from within the call that asked.
void Snapshot::lose(const char* why) {
  alive_ = false;
  socket_.shut();
  if (forked_)
    asio::post(io_, [done = std::exchange(forked_, {}), why] {
      done(Error{ErrorCode::kProtocol, "no runner was forked from a snapshot", why});
    });
}

}  // namespace nbreplay::process
