#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <utility>

#include "nbreplay/base/utf8.h"
#include "nbreplay/protocol/launch.h"

#include "process/bubblewrap.h"
#include "process/launcher.h"
#include "process/process_end.h"
#include "process/process_tree.h"
#include "process/spawn.h"
#include "process/watched_descriptor.h"

namespace nbreplay::process {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using protocol::LaunchCommand;
using protocol::LaunchReport;

/// The launcher gives up killing after ten seconds; one that says nothing after these is
/// stopped or stuck, and is killed itself (the worker dies with it).
constexpr auto kSilence = std::chrono::seconds(15);
/// Processes that the kernel ends on its own time, once those of a sandbox have nobody any more.
constexpr auto kBetweenRemovals = std::chrono::milliseconds(20);
constexpr int kMostRemovals = 500;

/// "making a user namespace failed: unshare" and why.
Error start_error(const LaunchReport& report) {
  const std::string_view what(report.what, ::strnlen(report.what, sizeof report.what));
  return environment_error(
      fmt::format("the worker could not be started: {} failed{}{}", launch_step(report),
                  what.empty() ? "" : ": ", to_valid_utf8(what)),
      std::strerror(report.value));
}

/// Of a folder that could not be covered (kPlain).
std::string plain_note(const LaunchReport& report) {
  const std::string_view folder(report.what, ::strnlen(report.what, sizeof report.what));
  return fmt::format(
      "{}: the notebook could reach the host through sockets and FIFOs in it, for the kernel puts "
      "no overlay over it ({}): it has mounts of its own, or is of a kind that overlays cannot use",
      to_valid_utf8(folder), std::strerror(report.value));
}

/// One launcher process. Kept alive by the wait for its end, so that it is always collected.
class GroupRun : public std::enable_shared_from_this<GroupRun> {
 public:
  GroupRun(asio::io_context& io, SpawnedProcess launcher, Descriptor channel,
           const LaunchRequest& request, std::unique_ptr<ControlGroup> group, Descriptor words,
           LaunchEvents events)
      : launcher_(std::move(launcher)),
        sandboxed_(request.sandbox.has_value()),
        bubblewrap_(!request.bubblewrap.empty()),
        group_(std::move(group)),
        memory_(request.together.memory),
        words_(std::move(words)),
        removal_(io),
        channel_(io, channel.release()),
        silence_(io),
        events_(std::move(events)) {}

  void start() {
    // Not the library's own wait, which trusts readiness and then waits for as long as it takes.
    const auto over = [this] {
      error_code failed;
      return !launcher_.running(failed) || failed;
    };
    Descriptor handle = open_process(launcher_.id());
    const auto ended = [self = shared_from_this()] { self->launcher_gone(); };
    if (handle.valid()) {
      await_end(std::make_shared<WatchedDescriptor>(channel_.get_executor(), handle.release()),
                over, ended);
    } else {  // no descriptor is left
      launcher_.async_wait([ended](error_code, int) { ended(); });
    }
    read_reports();
  }

  void command(LaunchCommand::Kind kind, pid_t pid = 0, std::size_t processes = 0) {
    if (!channel_.is_open()) return;
    const LaunchCommand command{kind, pid, processes};
    // It always fits: the launcher reads at once. One that is gone is seen by its exit.
    [[maybe_unused]] const ssize_t ignored =
        ::send(channel_.native_handle(), &command, sizeof command, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  void tidy(std::function<void(bool)> done) {
    // Gone, it has left nothing alive that would have to be tidied.
    if (gone_) return asio::post(channel_.get_executor(), [done = std::move(done)] { done(true); });
    tidied_.push_back(std::move(done));
    ::kill(launcher_.id(), SIGCONT);  // the notebook may have stopped it
    command(LaunchCommand::Kind::kTidy);
    expect_words();
  }

  void kill() {
    if (killing_ || gone_) return;
    killing_ = true;
    ::kill(launcher_.id(), SIGCONT);  // the notebook may have stopped it
    command(LaunchCommand::Kind::kKill);
    expect_words();
  }

  /// Nobody listens any more: end of file makes the launcher kill everything.
  void abandon() {
    events_ = {};
    tidied_.clear();
    kill();
    channel_.shut();
  }

  [[nodiscard]] bool gone() const { return gone_; }
  [[nodiscard]] pid_t root() { return launcher_.id(); }
  [[nodiscard]] GroupUse group_use() const {
    if (gone_ || !group_) return last_use_;
    return {group_->memory_kills(), group_->most_memory().value_or(memory_), memory_};
  }
  [[nodiscard]] int channel_descriptor() { return channel_.native_handle(); }

 private:
  /// A launcher that says nothing for too long is killed.
  void expect_words() {
    silence_.expires_after(kSilence);
    silence_.async_wait([weak = weak_from_this()](error_code cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled && !self->gone_) ::kill(self->launcher_.id(), SIGKILL);
    });
  }

  void read_reports() {
    channel_.async_wait(WatchedDescriptor::wait_read, [weak = weak_from_this()](error_code failed) {
      const auto self = weak.lock();
      if (self && !failed && self->take_reports()) self->read_reports();
    });
  }

  /// False at the end of the channel.
  bool take_reports() {
    const ReadEnd end = read_available(channel_.native_handle(), received_, 4096);
    while (received_.size() >= sizeof(LaunchReport)) {
      LaunchReport report;
      std::memcpy(&report, received_.data(), sizeof report);
      received_.erase(0, sizeof report);
      handle(report);
    }
    return end != ReadEnd::kClosed && channel_.is_open();
  }

  void handle(const LaunchReport& report) {
    switch (report.kind) {
      case LaunchReport::Kind::kPlain:
        if (events_.noted) events_.noted(plain_note(report));
        break;
      case LaunchReport::Kind::kStarted:
        started_ = true;
        worker_ = find_numbered(processes_below(launcher_.id()), report.value).value_or(0);
        if (events_.started) events_.started(worker_);
        break;
      case LaunchReport::Kind::kFailed:
        failed_ = true;
        if (events_.refused) events_.refused(report);
        if (events_.failed) events_.failed(start_error(report));
        break;
      case LaunchReport::Kind::kEnded:
        ended_ = true;
        if (events_.ended) events_.ended(report.value);
        break;
      case LaunchReport::Kind::kTidied:
        if (!tidied_.empty()) {
          const auto done = std::move(tidied_.front());
          tidied_.pop_front();
          if (!killing_ && tidied_.empty()) silence_.cancel();
          done(report.value == 0);
        }
        break;
      case LaunchReport::Kind::kCleared:
        break;  // its exit, which follows, is what counts
    }
  }

  /// Nothing of a sandbox is left once its group could be removed.
  void remove_group(int more) {
    if (!group_ || group_->remove() || more == 0) return group_.reset();
    removal_.expires_after(kBetweenRemovals);
    removal_.async_wait([self = shared_from_this(), more](error_code cancelled) {
      if (!cancelled) self->remove_group(more - 1);
    });
  }

  /// Why it made no sandbox.
  [[nodiscard]] std::string bubblewraps_words() const {
    if (!bubblewrap_) return "";
    std::string said;
    if (words_.valid()) [[maybe_unused]]
      const ReadEnd end = read_available(words_.get(), said, 1000);
    while (!said.empty() && said.back() == '\n') said.pop_back();
    if (::geteuid() == 0)
      said += std::string(said.empty() ? "" : "; ") +
              "bubblewrap, which root runs as nobody, may not reach a folder that the notebook "
              "needs; --sandbox-backend own can";
    return to_valid_utf8(said);
  }

  void launcher_gone() {
    if (channel_.is_open()) take_reports();
    last_use_ = group_use();
    gone_ = true;
    remove_group(kMostRemovals);
    launcher_.detach();  // it is collected: its number is no longer ours to touch
    silence_.cancel();
    // Somebody killed the launcher: the worker died with it, its children may not have, unless they
    // were in a process namespace.
    if (worker_ > 0 && !ended_ && !sandboxed_) ::kill(-worker_, SIGKILL);
    if (!started_ && !failed_ && events_.failed) {
      failed_ = true;
      events_.failed(environment_error("the launcher ended before it started the worker",
                                       bubblewraps_words()));
    }
    for (const auto& done : std::exchange(tidied_, {})) done(true);
    if (!failed_ && events_.cleared) events_.cleared();
    events_ = {};
    channel_.shut();
  }

  SpawnedProcess launcher_;
  bool sandboxed_;
  bool bubblewrap_;
  std::unique_ptr<ControlGroup> group_;
  Bytes memory_;
  Descriptor words_;  ///< What bubblewrap writes to its stderr.
  GroupUse last_use_;
  asio::steady_timer removal_;
  WatchedDescriptor channel_;
  asio::steady_timer silence_;
  LaunchEvents events_;
  std::string received_;
  std::deque<std::function<void(bool)>> tidied_;
  pid_t worker_ = 0;
  bool started_ = false;
  bool killing_ = false;
  bool failed_ = false;
  bool ended_ = false;
  bool gone_ = false;
};

class GroupWorker final : public LaunchedWorker {
 public:
  explicit GroupWorker(std::shared_ptr<GroupRun> run) : run_(std::move(run)) {}
  ~GroupWorker() override { run_->abandon(); }
  void interrupt() override { run_->command(LaunchCommand::Kind::kInterrupt); }
  void kill() override { run_->kill(); }
  void keep(pid_t number) override { run_->command(LaunchCommand::Kind::kKeep, number); }
  void limit(pid_t number, std::size_t processes) override {
    run_->command(LaunchCommand::Kind::kLimit, number, processes);
  }
  void tidy(std::function<void(bool)> done) override { run_->tidy(std::move(done)); }
  [[nodiscard]] GroupUse group_use() const override { return run_->group_use(); }
  [[nodiscard]] std::vector<pid_t> processes() const override {
    return run_->gone() ? std::vector<pid_t>() : processes_below(run_->root());
  }

 private:
  std::shared_ptr<GroupRun> run_;
};

/// Waits for room: the launcher reads the specification at once, or ends.
Status send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    pollfd waiting{fd, POLLOUT, 0};
    const bool full = errno == EAGAIN || errno == EWOULDBLOCK;
    if (errno != EINTR && (!full || ::poll(&waiting, 1, 10'000) <= 0))
      return environment_error("the launcher does not listen", std::strerror(errno));
  }
  return {};
}

Result<std::string> encoded_spec(const LaunchRequest& request) {
  protocol::LaunchSpec spec;
  spec.working_directory = request.working_directory.string();
  spec.file_size = request.file_size.count;
  spec.address_space = request.address_space ? request.address_space->count : 0;
  spec.confined = request.confined;
  spec.sandbox = request.sandbox;
  if (spec.sandbox) spec.sandbox->prepared = !request.bubblewrap.empty();
  spec.argv = request.argv;
  for (const auto& [name, value] : request.variables) spec.variables.push_back(name + "=" + value);
  std::string encoded = protocol::encode(spec);
  if (encoded.size() > protocol::kMaxLaunchSpec)
    return usage_error("what the worker is to be started with is larger than 4 MiB",
                       "pass large values through a file");
  return encoded;
}

}  // namespace

std::string_view launch_step(const LaunchReport& report) {
  switch (static_cast<LaunchReport::Stage>(report.detail)) {
    case LaunchReport::Stage::kSpec:
      return "reading what to start";
    case LaunchReport::Stage::kUserNamespace:
      return "making a user namespace";
    case LaunchReport::Stage::kNamespaces:
      return "making namespaces";
    case LaunchReport::Stage::kIds:
      return "becoming an ordinary user";
    case LaunchReport::Stage::kRoot:
      return "building the notebook's file system";
    case LaunchReport::Stage::kLayer:
      return "mounting a layer for what the notebook writes";
    case LaunchReport::Stage::kOverlay:
      return "mounting an overlay";
    case LaunchReport::Stage::kPidNamespace:
      return "making a process namespace";
    case LaunchReport::Stage::kProc:
      return "mounting /proc";
    case LaunchReport::Stage::kFork:
      return "fork";
    case LaunchReport::Stage::kLimits:
      return "setting resource limits";
    case LaunchReport::Stage::kFolder:
      return "entering the working directory";
    case LaunchReport::Stage::kDescriptors:
      return "handing over descriptors";
    case LaunchReport::Stage::kCapabilities:
      return "giving up capabilities";
    case LaunchReport::Stage::kSeccomp:
      return "filtering system calls";
    case LaunchReport::Stage::kExec:
      return "executing the worker";
  }
  return "an unknown step";
}

Result<Launched> GroupLauncher::launch(asio::io_context& io, const LaunchRequest& request,
                                       LaunchEvents events) {
  NBREPLAY_TRY(const std::string spec, encoded_spec(request));
  NBREPLAY_TRY(DescriptorPair output, make_pipe());
  NBREPLAY_TRY(DescriptorPair errors, make_pipe());
  NBREPLAY_TRY(DescriptorPair fault, make_pipe());
  NBREPLAY_TRY(DescriptorPair control, make_socket_pair());
  NBREPLAY_TRY(DescriptorPair channel, make_socket_pair());
  SpawnRequest spawn_request;
  spawn_request.argv = request.sandbox && !request.bubblewrap.empty()
                           ? bubblewrap_command(request.bubblewrap, *request.sandbox, executable_)
                           : std::vector<std::string>{executable_.string()};
  for (const int fd : {output.theirs.get(), errors.theirs.get(), control.theirs.get(),
                       fault.theirs.get(), channel.theirs.get(), request.broker}) {
    spawn_request.argv.push_back(std::to_string(fd));
    if (fd >= 0) spawn_request.passed_descriptors.push_back(fd);
  }
  std::unique_ptr<ControlGroup> group;
  std::vector<Descriptor> doors;
  if (groups_ && request.sandbox) {
    NBREPLAY_TRY(group, groups_->make(request.together));
    NBREPLAY_TRY(doors, group->doors());
  }
  DescriptorPair words;
  if (!request.bubblewrap.empty()) {
    NBREPLAY_TRY(words, make_pipe());
    spawn_request.errors = words.theirs.get();
  }
  for (const Descriptor& door : doors) spawn_request.control_groups.push_back(door.get());
  NBREPLAY_TRY(SpawnedProcess launcher, spawn(io, spawn_request));
  doors.clear();
  channel.theirs.reset();
  words.theirs.reset();
  // From here on the launcher is watched, so that it is collected whatever happens.
  auto run = std::make_shared<GroupRun>(io, std::move(launcher), std::move(channel.ours), request,
                                        std::move(group), std::move(words.ours), std::move(events));
  const int channel_fd = run->channel_descriptor();
  run->start();
  auto worker = std::make_unique<GroupWorker>(run);
  NBREPLAY_TRY_VOID(send_all(channel_fd, spec));
  return Launched{std::move(worker), std::move(output.ours), std::move(errors.ours),
                  std::move(control.ours), std::move(fault.ours)};
}

}  // namespace nbreplay::process
