#pragma once

#include <optional>

#include "dead_ends.h"
#include "failure.h"

namespace nbreplay::launcher {

/// The socket to the controller. Does not own the descriptor: it lives as long as the process.
class Channel {
 public:
  explicit Channel(int fd) : fd_(fd) {}
  [[nodiscard]] int fd() const { return fd_; }

  /// Blocks until the specification is whole; nothing when the controller went away or wrote
  /// something else.
  [[nodiscard]] std::optional<protocol::LaunchSpec> read_spec();

  /// One command, waiting for it when there is none; nothing when the controller is gone.
  [[nodiscard]] std::optional<protocol::LaunchCommand> read_command();

  /// A controller that is gone is no error: its end of file is seen by `read_command`.
  void report(protocol::LaunchReport::Kind kind, int value);
  void report(const Failure& failure);
  void report(const PlainFolder& folder);

 private:
  void send(const protocol::LaunchReport& report);
  bool read_exactly(void* into, std::size_t size);
  int fd_;
};

}  // namespace nbreplay::launcher
