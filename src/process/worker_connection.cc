#include "process/worker_connection.h"

#include <sys/socket.h>

#include <cerrno>

namespace nbreplay::process {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kTextChunk = 256 * 1024;
constexpr std::size_t kControlChunk = 256 * 1024;
constexpr std::size_t kMaxUnread = 10'000;
constexpr std::size_t kMaxFault = 64 * 1024;
/// What can lie in a pipe or socket after its writers are gone; more is not waited for.
constexpr std::size_t kMaxLeftover = 8U << 20;
/// A process that exits closes its socket a moment before the kernel reports its end.
constexpr auto kExitGrace = std::chrono::seconds(2);

}  // namespace

WorkerConnection::WorkerConnection(asio::io_context& io, ConnectionEvents events)
    : events_(std::move(events)),
      output_(io),
      errors_(io),
      control_(io),
      fault_(io),
      closed_timer_(io) {}

Result<std::shared_ptr<WorkerConnection>> WorkerConnection::open(asio::io_context& io,
                                                                 Launcher& launcher,
                                                                 const LaunchRequest& request,
                                                                 ConnectionEvents events) {
  auto connection = std::make_shared<WorkerConnection>(io, std::move(events));
  const std::weak_ptr<WorkerConnection> weak = connection;
  LaunchEvents launch_events;
  launch_events.noted = [weak](const std::string& text) {
    if (const auto self = weak.lock()) self->end_.notes.push_back(text);
  };
  launch_events.started = [weak](pid_t pid) {
    if (const auto self = weak.lock()) self->pid_ = pid;
  };
  launch_events.failed = [weak](const Error& error) {
    const auto self = weak.lock();
    if (!self) return;
    self->end_.failure = error;
    self->finish();
  };
  launch_events.ended = [weak](int status) {
    if (const auto self = weak.lock()) self->end_.status = status;
  };
  launch_events.cleared = [weak] {
    if (const auto self = weak.lock()) self->finish();
  };
  NBREPLAY_TRY(Launched launched, launcher.launch(io, request, std::move(launch_events)));
  connection->attach(std::move(launched));
  return connection;
}

void WorkerConnection::attach(Launched launched) {
  worker_ = std::move(launched.worker);
  output_.assign(launched.output.release());
  errors_.assign(launched.errors.release());
  control_.assign(launched.control.release());
  fault_.assign(launched.fault.release());
  read_text(StreamName::kStdout);
  read_text(StreamName::kStderr);
  read_control();
  read_fault();
}

// ---- from the worker ------------------------------------------------------------------------

void WorkerConnection::read_text(StreamName name) {
  stream(name).async_wait(Stream::wait_read, [weak = weak_from_this(), name](error_code failed) {
    const auto self = weak.lock();
    if (!self || failed || self->finished_) return;
    if (self->take_text(name, kTextChunk) != ReadEnd::kClosed) self->read_text(name);
  });
}

ReadEnd WorkerConnection::take_text(StreamName name, std::size_t cap) {
  std::string bytes;
  const ReadEnd end = read_available(stream(name).native_handle(), bytes, cap);
  bytes_received_ += bytes.size();
  if (!bytes.empty() && events_.text) events_.text(name, bytes);
  return end;
}

/// Only what lies there now: a background thread that never stops writing must not hold up the
/// message.
void WorkerConnection::drain_waiting_text() {
  for (const StreamName name : {StreamName::kStdout, StreamName::kStderr})
    if (const std::size_t waiting = bytes_waiting(stream(name).native_handle()); waiting > 0)
        [[maybe_unused]]
      const ReadEnd end = take_text(name, waiting);
}

void WorkerConnection::read_control() {
  control_.async_wait(Stream::wait_read, [weak = weak_from_this()](error_code failed) {
    const auto self = weak.lock();
    if (!self || failed || self->finished_) return;
    if (self->take_messages() == ReadEnd::kClosed) return self->control_closed();
    self->read_control();
  });
}

ReadEnd WorkerConnection::take_messages() {
  std::string bytes;
  const ReadEnd end = read_available(control_.native_handle(), bytes, kControlChunk);
  bytes_received_ += bytes.size();
  if (!violated_) decoder_.feed(bytes);
  while (!violated_ && !finished_) {
    auto message = decoder_.next_message();
    if (!message) {
      violate(message.error().message + ": " + message.error().cause);
      break;
    }
    if (!*message) break;
    drain_waiting_text();
    if (events_.message) events_.message(std::move(**message));
  }
  return end;
}

void WorkerConnection::control_closed() {
  closed_timer_.expires_after(kExitGrace);
  closed_timer_.async_wait([weak = weak_from_this()](error_code cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled && !self->finished_ && !self->end_.status)
      self->violate("the control socket was closed");
  });
}

void WorkerConnection::violate(const std::string& why) {
  if (violated_) return;
  violated_ = true;
  if (events_.violation) events_.violation(why);
}

void WorkerConnection::read_fault() {
  fault_.async_wait(Stream::wait_read, [weak = weak_from_this()](error_code failed) {
    const auto self = weak.lock();
    if (!self || failed || self->finished_) return;
    const ReadEnd end = read_available(self->fault_.native_handle(), self->end_.fault, 65'536);
    // What is beyond the cap is read all the same: a full pipe would block the dying process.
    if (self->end_.fault.size() > kMaxFault) self->end_.fault.resize(kMaxFault);
    if (end != ReadEnd::kClosed) self->read_fault();
  });
}

/// Nothing of the run is alive: what lies in the pipes is all that will ever come.
void WorkerConnection::finish() {
  if (finished_) return;
  if (control_.is_open()) {
    for (std::size_t total = 0; total < kMaxLeftover; total += kControlChunk)
      if (take_messages() != ReadEnd::kMore) break;
    for (const StreamName name : {StreamName::kStdout, StreamName::kStderr})
      [[maybe_unused]] const ReadEnd end = take_text(name, kMaxLeftover);
    [[maybe_unused]] const ReadEnd end =
        read_available(fault_.native_handle(), end_.fault, kMaxFault);
    if (end_.fault.size() > kMaxFault) end_.fault.resize(kMaxFault);
  }
  finished_ = true;
  closed_timer_.cancel();
  for (Stream* open : {&output_, &errors_, &control_, &fault_}) open->shut();
  if (events_.ended) events_.ended(std::move(end_));
}

// ---- to the worker --------------------------------------------------------------------------

void WorkerConnection::send(const protocol::Request& request) {
  if (finished_ || violated_) return;
  // It reads every answer before it says more; one that does not could fill our memory.
  if (writing_ && ++unread_ > kMaxUnread) return violate("answers are not read");
  pending_ += protocol::encode(request);
  if (!writing_) write_pending();
}

bool WorkerConnection::send(const protocol::Request& request, int descriptor) {
  if (finished_ || violated_ || writing_) return false;
  const int given[] = {descriptor};
  return send_with_descriptors(control_.native_handle(), protocol::encode(request), given);
}

void WorkerConnection::write_pending() {
  while (!pending_.empty()) {
    const ssize_t sent = ::send(control_.native_handle(), pending_.data(), pending_.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) pending_.clear();  // it is gone
    if (sent < 0) break;
    pending_.erase(0, static_cast<std::size_t>(sent));
  }
  writing_ = !pending_.empty();
  if (!writing_) {
    unread_ = 0;
    return;
  }
  control_.async_wait(Stream::wait_write, [weak = weak_from_this()](error_code failed) {
    const auto self = weak.lock();
    if (self && !failed && !self->finished_) self->write_pending();
  });
}

}  // namespace nbreplay::process
