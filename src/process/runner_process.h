#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "nbreplay/base/result.h"

#include "process/descriptor.h"
#include "process/watched_descriptor.h"

namespace nbreplay::process {

/// A process that somebody else forked, watched and signalled by its pidfd (pidfd_open(2)).
///
/// How it ended is what the kernel says, in /proc/PID/stat, as long as its parent has not
/// collected it; a parent that did so behind our back makes the end unknown, never another one.
class RunnerProcess : public std::enable_shared_from_this<RunnerProcess> {
 public:
  using Ended = std::function<void(std::optional<int> status)>;

  struct Child {
    pid_t pid = 0;
    Descriptor handle;  ///< A pidfd.
  };
  /// The child of `parent` that its own process namespace calls `number`. Errors as `watch`.
  [[nodiscard]] static Result<Child> open_child(pid_t number, pid_t parent);

  /// kProtocol when `parent` has no such child: the number came from a process that is not
  /// trusted. `ended` is called once, from the io_context, never after `forget`.
  [[nodiscard]] static Result<std::shared_ptr<RunnerProcess>> watch(boost::asio::io_context& io,
                                                                    pid_t number, pid_t parent,
                                                                    Ended ended);

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] pid_t number() const { return number_; }
  /// SIGINT to its process group, which it leads.
  void interrupt();
  void kill();
  void forget() { ended_ = {}; }

  /// Use `watch`.
  RunnerProcess(boost::asio::io_context& io, pid_t number, Child child, Ended ended);

 private:
  void wait();

  pid_t number_;
  pid_t pid_;
  std::shared_ptr<WatchedDescriptor> handle_;
  Ended ended_;
  bool over_ = false;
};

}  // namespace nbreplay::process
