#include "channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace nbreplay::launcher {

using protocol::LaunchReport;

bool Channel::read_exactly(void* into, std::size_t size) {
  auto* next = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t got = ::read(fd_, next, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    next += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<protocol::LaunchSpec> Channel::read_spec() {
  std::uint32_t size = 0;
  if (!read_exactly(&size, sizeof size) || size > protocol::kMaxLaunchSpec) return std::nullopt;
  std::string body(size, '\0');
  if (!read_exactly(body.data(), body.size())) return std::nullopt;
  return protocol::decode_launch_spec(body);
}

std::optional<protocol::LaunchCommand> Channel::read_command() {
  protocol::LaunchCommand command;
  if (!read_exactly(&command, sizeof command)) return std::nullopt;
  return command;
}

void Channel::report(LaunchReport::Kind kind, int value) {
  LaunchReport report;
  report.kind = kind;
  report.value = value;
  send(report);
}

void Channel::report(const Failure& failure) {
  send(failure_report(failure));
}

void Channel::report(const PlainFolder& folder) {
  LaunchReport report;
  report.kind = LaunchReport::Kind::kPlain;
  report.value = folder.error;
  folder.path.copy(report.what, sizeof report.what - 1);
  send(report);
}

void Channel::send(const LaunchReport& report) {
  // MSG_NOSIGNAL: without it a controller that is gone would end us before we killed anything.
  while (::send(fd_, &report, sizeof report, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

}  // namespace nbreplay::launcher
