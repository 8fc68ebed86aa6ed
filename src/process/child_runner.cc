#include "nbreplay/process/child_runner.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>

#include "process/descriptor.h"
#include "process/process_end.h"
#include "process/spawn.h"
#include "process/waiting.h"
#include "process/watched_descriptor.h"

namespace nbreplay::process {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Stream = WatchedDescriptor;

/// One child, from start to end. Lives on the stack of `run`, with its io_context.
class Child {
 public:
  Child(asio::io_context& io, const ChildCommand& command)
      : io_(io), command_(command), input_(io), output_(io), errors_(io) {}

  Status start() {
    NBREPLAY_TRY(DescriptorPair output, make_pipe());
    NBREPLAY_TRY(DescriptorPair errors, make_pipe());
    SpawnRequest request;
    request.argv = command_.argv;
    request.variables = command_.variables;
    request.working_directory = command_.working_directory;
    request.output = output.theirs.get();
    request.errors = errors.theirs.get();
    request.own_group = true;
    DescriptorPair input;
    if (!command_.input.empty()) {
      // A socket, since writing to a pipe that nobody reads would end us by SIGPIPE.
      NBREPLAY_TRY(input, make_socket_pair());
      request.input = input.theirs.get();
    }
    NBREPLAY_TRY(SpawnedProcess spawned, spawn(io_, request));
    process_.emplace(std::move(spawned));
    output_.assign(output.ours.release());
    errors_.assign(errors.ours.release());
    if (input.ours.valid()) {
      input_.assign(input.ours.release());
      write_input();
    }
    const auto over = [this] {
      error_code failed;
      return !process_->running(failed) || failed;
    };
    await_end(std::make_shared<WatchedDescriptor>(io_, open_process(process_->id()).release()),
              over, [this] { ended_ = true; });
    read(output_, result_.output);
    read(errors_, result_.errors);
    return {};
  }

  /// The group may outlive its leader, and hold the pipes open.
  void kill_group() { ::kill(-process_->id(), SIGKILL); }

  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool too_much() const { return too_much_; }

  ChildResult finish() {
    kill_group();
    take(output_, result_.output);
    take(errors_, result_.errors);
    const int status = process_->native_exit_code();
    result_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    process_->detach();  // it is collected: its number is no longer ours to touch
    return std::move(result_);
  }

 private:
  void read(Stream& stream, std::string& into) {
    stream.async_wait(Stream::wait_read, [this, &stream, &into](error_code failed) {
      if (!failed && take(stream, into) != ReadEnd::kClosed) read(stream, into);
    });
  }

  ReadEnd take(Stream& stream, std::string& into) {
    const std::size_t cap = command_.output_cap.count;
    const std::size_t room = cap - std::min<std::size_t>(cap, into.size());
    const ReadEnd end = read_available(stream.native_handle(), into, room + 1);
    too_much_ = too_much_ || into.size() > cap;
    if (into.size() > cap) into.resize(cap);
    return too_much_ ? ReadEnd::kClosed : end;
  }

  void write_input() {
    while (written_ < command_.input.size()) {
      const ssize_t sent = ::send(input_.native_handle(), command_.input.data() + written_,
                                  command_.input.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        input_.async_wait(Stream::wait_write, [this](error_code failed) {
          if (!failed) write_input();
        });
        return;
      }
      if (sent < 0) break;
      written_ += static_cast<std::size_t>(sent);
    }
    input_.shut();
  }

  asio::io_context& io_;
  const ChildCommand& command_;
  std::optional<SpawnedProcess> process_;
  Stream input_;
  Stream output_;
  Stream errors_;
  ChildResult result_;
  std::size_t written_ = 0;
  bool ended_ = false;
  bool too_much_ = false;
};

}  // namespace

Result<ChildResult> BoostChildRunner::run(const ChildCommand& command) {
  asio::io_context io;
  Child child(io, command);
  NBREPLAY_TRY_VOID(child.start());
  const TimePoint deadline = std::chrono::steady_clock::now() + command.timeout;
  bool timed_out = false;
  bool stopped = false;
  while (!child.ended()) {
    timed_out = timed_out || std::chrono::steady_clock::now() >= deadline;
    stopped = stopped || (stop_ != nullptr && stop_->requested());
    if (timed_out || stopped || child.too_much()) child.kill_group();
    io.restart();
    io.run_one_for(kSlice);
    io.poll();
  }
  ChildResult result = child.finish();
  const std::string& program = command.argv.front();
  if (child.too_much())
    return environment_error(
        fmt::format("{}: wrote more than {}", program, format_bytes(command.output_cap)));
  if (stopped) return environment_error(fmt::format("{}: interrupted", program));
  result.timed_out = timed_out;
  return result;
}

}  // namespace nbreplay::process
