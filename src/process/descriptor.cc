#include "process/descriptor.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace nbreplay::process {
namespace {

Error no_descriptors() {
  return environment_error("no pipe to a new process could be made", std::strerror(errno),
                           "run fewer trials at a time (--jobs) or raise `ulimit -n`");
}

bool make_non_blocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

Result<DescriptorPair> finish(const std::array<int, 2>& fds) {
  DescriptorPair pair{Descriptor(fds[0]), Descriptor(fds[1])};
  if (!make_non_blocking(pair.ours.get())) return no_descriptors();
  return pair;
}

}  // namespace

void Descriptor::reset() {
  if (fd_ >= 0) ::close(release());
}

Result<DescriptorPair> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return no_descriptors();
  return finish(fds);
}

Result<DescriptorPair> make_socket_pair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0)
    return no_descriptors();
  return finish(fds);
}

ReadEnd read_available(int fd, std::string& into, std::size_t cap) {
  std::array<char, 64 * 1024> buffer;
  while (cap > 0) {
    const ssize_t got = ::read(fd, buffer.data(), std::min(cap, buffer.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return ReadEnd::kWouldBlock;
    if (got <= 0) return ReadEnd::kClosed;
    into.append(buffer.data(), static_cast<std::size_t>(got));
    cap -= static_cast<std::size_t>(got);
  }
  return ReadEnd::kMore;
}

bool send_with_descriptors(int socket, std::string_view bytes, std::span<const int> descriptors) {
  constexpr std::size_t kMost = 8;
  if (descriptors.size() > kMost) return false;
  // sendmsg() does not write to it.
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMost * sizeof(int))> space{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = space.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* item = CMSG_FIRSTHDR(&message);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(item), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t sent = 0;
  while ((sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT)) < 0 && errno == EINTR) {
  }
  return sent == static_cast<ssize_t>(bytes.size());
}

std::size_t bytes_waiting(int fd) {
  int count = 0;
  if (::ioctl(fd, FIONREAD, &count) != 0 || count < 0) return 0;
  return static_cast<std::size_t>(count);
}

}  // namespace nbreplay::process
