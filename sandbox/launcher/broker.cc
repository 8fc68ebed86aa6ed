#include "broker.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "nbreplay/protocol/broker.h"

namespace nbreplay::launcher {
namespace {

using protocol::BrokerReply;
using protocol::BrokerRequest;

struct Received {
  BrokerRequest request;
  Handle content;
};

/// Nothing at the end, or when something else than a request came.
std::optional<Received> receive(int socket) {
  static std::array<char, protocol::kMaxBrokerRequest> bytes;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec vector{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  while ((size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  Received received;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message);
      header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    received.content = Handle(fd);
  }
  if (size <= 0 || (message.msg_flags & MSG_TRUNC) != 0) return std::nullopt;
  auto request = protocol::decode_broker_request({bytes.data(), static_cast<std::size_t>(size)});
  if (!request) return std::nullopt;
  received.request = std::move(*request);
  return received;
}

void answer(int socket, const BrokerReply& reply, const Handle& layer) {
  BrokerReply sent = reply;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec vector{&sent, sizeof sent};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (layer.valid()) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = layer.get();
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

/// False when there is nobody to serve any more.
bool serve_one(Views& views, int socket) {
  const auto received = receive(socket);
  if (!received) return false;
  const BrokerRequest& request = received->request;
  Outcome failure;
  Handle layer;
  switch (request.kind) {
    case BrokerRequest::Kind::kMask:
      failure = views.make_mask(request.mask, request.names, request.over_first);
      break;
    case BrokerRequest::Kind::kView:
      failure = views.show(request.mask, request.layers);
      if (!failure) layer = views.current();
      break;
    case BrokerRequest::Kind::kLayer:
      layer = views.current();
      break;
    case BrokerRequest::Kind::kDrop:
      failure = views.drop(request.layers);
      break;
    case BrokerRequest::Kind::kPutFile:
      failure = views.put_file(request.path, received->content.get());
      break;
    case BrokerRequest::Kind::kPutFolder:
      failure = views.put_folder(request.path);
      break;
  }
  BrokerReply reply;
  if (failure) reply = {failure->error, static_cast<std::int32_t>(failure->stage)};
  answer(socket, reply, layer);
  return true;
}

}  // namespace

void serve_broker(Views& views, int socket, pid_t reaper, int wakeup) {
  pollfd waiting[2] = {{wakeup, POLLIN, 0}, {socket, POLLIN, 0}};
  for (;;) {
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) break;
    if (::waitpid(reaper, nullptr, WNOHANG) == reaper) return;
    char discard[1024];
    if (waiting[0].revents != 0)
      while (::read(wakeup, discard, sizeof discard) > 0) {
      }
    if (waiting[1].revents != 0 && !serve_one(views, socket)) break;
  }
  ::kill(reaper, SIGKILL);
  while (::waitpid(reaper, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace nbreplay::launcher
