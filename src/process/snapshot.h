#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <span>

#include "nbreplay/base/result.h"
#include "nbreplay/protocol/codec.h"

#include "process/descriptor.h"
#include "process/watched_descriptor.h"

namespace nbreplay::process {

/// A frozen copy of a worker, which forks runners (messages.h: "Snapshots"). It has seen notebook
/// code, so what it says is checked; at worst it costs time. Destroying it kills it.
class Snapshot : public std::enable_shared_from_this<Snapshot> {
 public:
  /// The runner, as its own process namespace calls it.
  using Forked = std::function<void(Result<pid_t> number)>;

  /// The child of `parent` that its own process namespace calls `number` serves the other end of
  /// `socket`. kProtocol when there is none.
  [[nodiscard]] static Result<std::shared_ptr<Snapshot>> take(boost::asio::io_context& io,
                                                              pid_t number, pid_t parent,
                                                              Descriptor socket);
  ~Snapshot();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// False once it was found dead, or broke the protocol: it then is of no use.
  [[nodiscard]] bool alive() const { return alive_; }

  /// Forks a runner that gets copies of `descriptors` (output, errors, control, fault). `done` is
  /// called once, from the io_context, always. One at a time.
  void fork(const protocol::ForkRunner& request, std::span<const int> descriptors, Forked done);
  /// Collects a runner that has ended, by its number in its own namespace.
  void reap(pid_t number);
  void kill();

  /// Use `take`.
  Snapshot(boost::asio::io_context& io, pid_t pid, Descriptor handle, Descriptor socket);

 private:
  void read();
  void take_replies();
  void lose(const char* why);

  boost::asio::io_context& io_;
  pid_t pid_;
  Descriptor handle_;
  WatchedDescriptor socket_;
  protocol::Decoder decoder_;
  Forked forked_;
  bool alive_ = true;
};

}  // namespace nbreplay::process
