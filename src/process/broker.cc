#include "process/broker.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace nbreplay::process {
namespace {

using protocol::BrokerReply;
using protocol::BrokerRequest;

constexpr int kPatienceMs = 10'000;

Error silent(const char* why) {
  return environment_error("the sandbox's files cannot be changed", why);
}

/// The reply and the descriptor that came with it.
Result<std::pair<BrokerReply, Descriptor>> receive(int socket) {
  pollfd waiting{socket, POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&waiting, 1, kPatienceMs)) < 0 && errno == EINTR) {
  }
  if (ready == 0) return silent("its broker does not answer");
  BrokerReply reply;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec vector{&reply, sizeof reply};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != static_cast<ssize_t>(sizeof reply))
    return silent("its broker is gone");
  Descriptor layer;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message);
      header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    layer = Descriptor(fd);
  }
  return std::pair(reply, std::move(layer));
}

}  // namespace

Result<std::pair<Broker, Descriptor>> Broker::make() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return environment_error("no socket could be made", std::strerror(errno));
  return std::pair(Broker(Descriptor(ends[0])), Descriptor(ends[1]));
}

Result<Descriptor> Broker::ask(const BrokerRequest& request, int content) {
  const std::string bytes = protocol::encode(request);
  if (bytes.size() > protocol::kMaxBrokerRequest) return silent("too many names");
  const std::span<const int> with =
      content >= 0 ? std::span<const int>(&content, 1) : std::span<const int>();
  if (!socket_.valid() || !send_with_descriptors(socket_.get(), bytes, with)) {
    socket_.reset();
    return silent("its broker is gone");
  }
  auto received_or = receive(socket_.get());
  if (!received_or) {
    // A late answer must not pass for that of the next question.
    socket_.reset();
    return received_or.error();
  }
  auto received = std::move(*received_or);
  if (received.first.error != 0) return silent(std::strerror(received.first.error));
  return std::move(received.second);
}

Status Broker::make_mask(std::uint32_t mask, const std::vector<std::string>& names,
                         bool over_first) {
  BrokerRequest request;
  request.kind = BrokerRequest::Kind::kMask;
  request.mask = mask;
  request.names = names;
  request.over_first = over_first;
  NBREPLAY_TRY([[maybe_unused]] const Descriptor none, ask(request));
  return {};
}

Result<Descriptor> Broker::ask_for_layer(const BrokerRequest& request) {
  NBREPLAY_TRY(Descriptor layer, ask(request));
  if (!layer.valid()) return silent("its broker gave no layer");
  return layer;
}

Result<Descriptor> Broker::show(std::uint32_t mask, const std::vector<std::uint32_t>& layers) {
  BrokerRequest request;
  request.kind = BrokerRequest::Kind::kView;
  request.mask = mask;
  request.layers = layers;
  return ask_for_layer(request);
}

Result<Descriptor> Broker::current() {
  BrokerRequest request;
  request.kind = BrokerRequest::Kind::kLayer;
  return ask_for_layer(request);
}

Status Broker::drop(const std::vector<std::uint32_t>& layers) {
  BrokerRequest request;
  request.kind = BrokerRequest::Kind::kDrop;
  request.layers = layers;
  NBREPLAY_TRY([[maybe_unused]] const Descriptor none, ask(request));
  return {};
}

Status Broker::put_file(const std::string& path, std::string_view content) {
  const Descriptor memory(::memfd_create("nbreplay-file", MFD_CLOEXEC));
  if (!memory.valid()) return silent(std::strerror(errno));
  while (!content.empty()) {
    const ssize_t written = ::write(memory.get(), content.data(), content.size());
    if (written < 0) return silent(std::strerror(errno));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  BrokerRequest request;
  request.kind = BrokerRequest::Kind::kPutFile;
  request.path = path;
  NBREPLAY_TRY([[maybe_unused]] const Descriptor none, ask(request, memory.get()));
  return {};
}

Status Broker::put_folder(const std::string& path) {
  BrokerRequest request;
  request.kind = BrokerRequest::Kind::kPutFolder;
  request.path = path;
  NBREPLAY_TRY([[maybe_unused]] const Descriptor none, ask(request));
  return {};
}

}  // namespace nbreplay::process
