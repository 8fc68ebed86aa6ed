#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "nbreplay/protocol/codec.h"

namespace nbreplay::worker {

/// What a worker says to a controller whose messages it does not know.
inline constexpr const char* kOtherVersion =
    "this worker belongs to another version of nbreplay; build or install both again";

/// The worker's end of the control socket, and its two output streams, which must be written
/// through here for the order that messages.h promises.
///
/// Any thread may call any method without holding Python's lock: a thread that waits for the
/// controller holds the mutex of this object, and must never need that lock meanwhile.
///
/// In a forked child (the notebook may fork) nothing is sent, since the socket is the parent's;
/// writing to a stream writes plainly. A child that is to be a worker of its own `adopt`s a socket.
/// A socket that the controller closed, or on which it says nonsense, ends the process at once:
/// nobody is left to report to.
class Control {
 public:
  explicit Control(int socket);

  /// The next request, waiting for it.
  [[nodiscard]] protocol::Request wait_request();
  /// The next request if it is there already. Becomes worth asking when `socket()` or
  /// `wake_fd()` is readable.
  [[nodiscard]] std::optional<protocol::Request> take_request();
  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] int wake_fd() const { return wake_; }

  void send(const protocol::Message& message);
  /// Sends, and waits until the controller has taken all that was written before.
  void send_in_order(const protocol::Message& message);

  /// Writes to file descriptor 1 or 2 and removes what was written from `rest`. Returns 0 when
  /// nothing is left, EINTR when a signal wants to be handled first, or what write() said.
  [[nodiscard]] int write_stream(int stream, std::string_view& rest);

  [[nodiscard]] bool in_forked_child() const;

  /// Everything open that belongs to this object.
  [[nodiscard]] std::vector<int> descriptors() const;
  /// Descriptors that came with requests and were not taken yet, oldest first; the caller owns
  /// them. All are close-on-exec.
  [[nodiscard]] std::vector<int> take_descriptors();

  /// Calls `fork_process`, which forks, while no message is half sent or half read.
  pid_t fork_with(const std::function<pid_t()>& fork_process);
  /// In a child made by `fork_with`: speaks through `socket` from now on, under the old number.
  void adopt(int socket);

 private:
  void send_locked(const protocol::Message& message);
  void wait_proceed_locked();
  void read_locked(bool wait);

  const int socket_;
  const int wake_;  ///< eventfd: another thread queued a request while it waited for Proceed.
  pid_t process_;
  mutable std::mutex mutex_;
  protocol::Decoder decoder_;
  std::deque<protocol::Request> queue_;
  std::vector<int> descriptors_;
  bool heard_ = false;   ///< A request has come.
  int last_stream_ = 0;  ///< The stream with bytes that the controller may not have taken yet.
};

}  // namespace nbreplay::worker
