#include "control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "nbreplay/base/check.h"

namespace nbreplay::worker {
namespace {

/// Seen by nobody but a person who debugs: the controller is gone.
constexpr int kControllerGone = 4;
/// A request brings four descriptors at most.
constexpr std::size_t kMostDescriptors = 4;

[[noreturn]] void leave() {
  ::_exit(kControllerGone);
}

void wait_for(int fd, short events) {
  pollfd item{fd, events, 0};
  // Any failure, a signal included, only means to try the read or write again.
  (void)::poll(&item, 1, -1);
}

int make_wake() {
  return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/// Makes `number` stand for what `from` does, and closes `from`.
void move_descriptor(int from, int number) {
  ::dup3(from, number, O_CLOEXEC);
  ::close(from);
}

/// As recv(), keeping descriptors that come along.
ssize_t receive(int socket, char* into, std::size_t size, int flags,
                std::vector<int>& descriptors) {
  iovec part{into, size};
  alignas(cmsghdr) char space[CMSG_SPACE(kMostDescriptors * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  const ssize_t count = ::recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  if (count < 0) return count;
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
       item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t given = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const std::size_t before = descriptors.size();
    descriptors.resize(before + given);
    std::memcpy(descriptors.data() + before, CMSG_DATA(item), given * sizeof(int));
  }
  return count;
}

}  // namespace

Control::Control(int socket) : socket_(socket), wake_(make_wake()), process_(::getpid()) {
  CHECK(wake_ >= 0, "an eventfd can be made at the start of a process");
  ::fcntl(socket_, F_SETFD, FD_CLOEXEC);
}

bool Control::in_forked_child() const {
  return ::getpid() != process_;
}

std::vector<int> Control::descriptors() const {
  const std::scoped_lock lock(mutex_);
  std::vector<int> all = {socket_, wake_};
  all.insert(all.end(), descriptors_.begin(), descriptors_.end());
  return all;
}

std::vector<int> Control::take_descriptors() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(descriptors_, {});
}

pid_t Control::fork_with(const std::function<pid_t()>& fork_process) {
  const std::scoped_lock lock(mutex_);
  return fork_process();
}

void Control::adopt(int socket) {
  const std::scoped_lock lock(mutex_);
  move_descriptor(socket, socket_);
  move_descriptor(make_wake(), wake_);
  process_ = ::getpid();
  decoder_ = {};
  queue_.clear();
  for (const int left : std::exchange(descriptors_, {})) ::close(left);
  last_stream_ = 0;
}

protocol::Request Control::wait_request() {
  const std::scoped_lock lock(mutex_);
  while (queue_.empty()) read_locked(true);
  protocol::Request request = std::move(queue_.front());
  queue_.pop_front();
  return request;
}

std::optional<protocol::Request> Control::take_request() {
  if (in_forked_child()) leave();
  const std::scoped_lock lock(mutex_);
  std::uint64_t ignored = 0;
  (void)!::read(wake_, &ignored, sizeof ignored);
  if (queue_.empty()) read_locked(false);
  if (queue_.empty()) return std::nullopt;
  protocol::Request request = std::move(queue_.front());
  queue_.pop_front();
  return request;
}

void Control::send(const protocol::Message& message) {
  if (in_forked_child()) return;
  const std::scoped_lock lock(mutex_);
  send_locked(message);
}

void Control::send_in_order(const protocol::Message& message) {
  if (in_forked_child()) return;
  const std::scoped_lock lock(mutex_);
  send_locked(message);
  wait_proceed_locked();
}

int Control::write_stream(int stream, std::string_view& rest) {
  std::unique_lock<std::mutex> lock(mutex_, std::defer_lock);
  if (!in_forked_child()) {
    lock.lock();
    if (last_stream_ != 0 && last_stream_ != stream) {
      send_locked(protocol::Sync{});
      wait_proceed_locked();
    }
    last_stream_ = stream;
  }
  while (!rest.empty()) {
    const ssize_t count = ::write(stream, rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Some child made the shared pipe non-blocking.
      wait_for(stream, POLLOUT);
    } else {
      return errno;
    }
  }
  return 0;
}

void Control::send_locked(const protocol::Message& message) {
  const std::string frame = protocol::encode(message);
  std::string_view rest = frame;
  while (!rest.empty()) {
    const ssize_t count = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(socket_, POLLOUT);
    } else if (errno != EINTR) {
      leave();
    }
  }
}

void Control::wait_proceed_locked() {
  last_stream_ = 0;
  while (true) {
    read_locked(true);
    while (!queue_.empty() && std::holds_alternative<protocol::Proceed>(queue_.back())) {
      queue_.pop_back();
      if (!queue_.empty()) {
        // The main thread may sleep on the socket, whose bytes were taken here.
        const std::uint64_t one = 1;
        (void)!::write(wake_, &one, sizeof one);
      }
      return;
    }
  }
}

void Control::read_locked(bool wait) {
  while (true) {
    auto request = decoder_.next_request();
    if (!request) {
      // The first word of another version may be no word of this one's at all.
      if (!heard_) send_locked(protocol::SetupFailed{"worker", kOtherVersion});
      leave();
    }
    if (*request) {
      heard_ = true;
      queue_.push_back(std::move(**request));
      return;
    }
    char buffer[65536];
    const ssize_t count =
        receive(socket_, buffer, sizeof buffer, wait ? 0 : MSG_DONTWAIT, descriptors_);
    if (count > 0) {
      decoder_.feed(std::string_view(buffer, static_cast<std::size_t>(count)));
    } else if (count == 0) {
      leave();
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait) return;
      wait_for(socket_, POLLIN);
    } else if (errno != EINTR) {
      leave();
    }
  }
}

}  // namespace nbreplay::worker
