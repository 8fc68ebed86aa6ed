#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/protocol/codec.h"

#include "process/launcher.h"
#include "process/output_log.h"
#include "process/watched_descriptor.h"

namespace nbreplay::process {

/// How a worker ended. Everything that it wrote and said was handed over before.
struct WorkerEnd {
  std::optional<int> status;       ///< Wait status; unset when nobody could see it.
  std::optional<Error> failure;    ///< It could not be started at all.
  std::string fault;               ///< faulthandler's words.
  std::vector<std::string> notes;  ///< What the launcher had to tell (LaunchEvents::noted).
};

/// What comes from a worker. After `ended` nothing more comes.
struct ConnectionEvents {
  std::function<void(protocol::Message)> message;
  std::function<void(StreamName, std::string_view)> text;
  /// The worker broke the protocol; at most once, no messages after it. Kill it.
  std::function<void(const std::string& why)> violation;
  std::function<void(WorkerEnd)> ended;
};

/// One worker with its control socket and streams. Keeps the order that messages.h promises:
/// before a message is handed over, so are all bytes that lie in the pipes. Reading never waits
/// and never stops, whatever the worker does.
///
/// Destroying it kills the worker; no event comes after that.
class WorkerConnection : public std::enable_shared_from_this<WorkerConnection> {
 public:
  [[nodiscard]] static Result<std::shared_ptr<WorkerConnection>> open(boost::asio::io_context& io,
                                                                      Launcher& launcher,
                                                                      const LaunchRequest& request,
                                                                      ConnectionEvents events);

  void send(const protocol::Request& request);
  /// With a descriptor that the worker gets a copy of. False when it cannot be sent now: requests
  /// before it were not read yet.
  [[nodiscard]] bool send(const protocol::Request& request, int descriptor);
  void interrupt() { worker_->interrupt(); }
  void kill() { worker_->kill(); }
  /// Every process of the run that is known now.
  [[nodiscard]] std::vector<pid_t> processes() const { return worker_->processes(); }
  /// The worker's process; 0 until it was started.
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] LaunchedWorker& worker() { return *worker_; }
  /// Everything that came: both streams and messages.
  [[nodiscard]] std::uint64_t bytes_received() const { return bytes_received_; }

  /// Use `open`.
  WorkerConnection(boost::asio::io_context& io, ConnectionEvents events);

 private:
  using Stream = WatchedDescriptor;

  void attach(Launched launched);
  void read_text(StreamName name);
  void read_control();
  void read_fault();
  void write_pending();
  ReadEnd take_text(StreamName name, std::size_t cap);
  ReadEnd take_messages();
  void drain_waiting_text();
  void control_closed();
  void violate(const std::string& why);
  void finish();
  [[nodiscard]] Stream& stream(StreamName name) {
    return name == StreamName::kStdout ? output_ : errors_;
  }

  ConnectionEvents events_;
  Stream output_;
  Stream errors_;
  Stream control_;
  Stream fault_;
  boost::asio::steady_timer closed_timer_;
  std::unique_ptr<LaunchedWorker> worker_;
  pid_t pid_ = 0;
  protocol::Decoder decoder_;
  std::string pending_;  ///< Requests that did not fit into the socket yet.
  bool writing_ = false;
  std::size_t unread_ = 0;  ///< Requests since the socket is full.
  bool violated_ = false;
  bool finished_ = false;
  std::uint64_t bytes_received_ = 0;
  WorkerEnd end_;
};

}  // namespace nbreplay::process
