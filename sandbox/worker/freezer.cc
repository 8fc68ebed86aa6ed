#include "freezer.h"

#include <Python.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <variant>
#include <vector>

#include "nbreplay/protocol/codec.h"

#include "branch_confinement.h"

namespace nbreplay::worker {
namespace {

using protocol::ForkReply;
using protocol::ForkRunner;
using protocol::ReapRunner;
using protocol::SnapshotReply;

/// The order of ForkRunner's descriptors.
constexpr int kPlaces[] = {STDOUT_FILENO, STDERR_FILENO, protocol::kControlFd, protocol::kFaultFd};

pid_t fork_python(Control& control) {
  // The hooks may run the notebook's own code, which may print: only the fork itself keeps others
  // from speaking.
  PyOS_BeforeFork();
  const pid_t pid = control.fork_with([] { return ::fork(); });
  const int error = errno;
  if (pid == 0) {
    PyOS_AfterFork_Child();
  } else {
    PyOS_AfterFork_Parent();
  }
  errno = error;
  return pid;
}

void close_all(const std::vector<int>& descriptors) {
  for (const int fd : descriptors) ::close(fd);
}

/// When memory runs out the kernel shall take what runs, not what it came from. Not every kernel
/// lets a process lower its score again; then all are alike.
void set_oom_score(const char* score) {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const ssize_t ignored =
      ::write(file, score, std::char_traits<char>::length(score));
  ::close(file);
}

/// The processors that a process may use. A branch may set those of all processes of its user:
/// what a frozen copy had when it was made is what its runners get.
class Processors {
 public:
  Processors() : known_(::sched_getaffinity(0, sizeof set_, &set_) == 0) {}
  void use() const {
    if (known_) ::sched_setaffinity(0, sizeof set_, &set_);
  }

 private:
  cpu_set_t set_;
  bool known_;
};

/// Whether this process was forked from a frozen copy to run cells.
bool g_is_runner = false;

/// A frozen copy holds no stream, or nobody would see their end.
void drop_streams() {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int place : {STDOUT_FILENO, STDERR_FILENO, protocol::kFaultFd})
    ::dup3(null, place, place == protocol::kFaultFd ? O_CLOEXEC : 0);
  ::close(null);
}

/// In a new runner. Descriptors other than the streams are for this process alone.
void take_places(Control& control, const std::vector<int>& given) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (kPlaces[i] == protocol::kControlFd) {
      control.adopt(given[i]);
      continue;
    }
    ::dup3(given[i], kPlaces[i], kPlaces[i] == protocol::kFaultFd ? O_CLOEXEC : 0);
    ::close(given[i]);
  }
}

/// The life of a frozen copy. Returns in its runners only.
ForkRunner serve(Control& control, bool apart) {
  // A notebook that ignores its children would have the kernel forget how runners ended.
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  struct sigaction before {};
  ::sigaction(SIGCHLD, &plain, &before);
  const Processors processors;
  for (;;) {
    const protocol::Request request = control.wait_request();
    if (const auto* reap = std::get_if<ReapRunner>(&request)) {
      ::waitpid(reap->pid, nullptr, WNOHANG);
      continue;
    }
    const auto* asked = std::get_if<ForkRunner>(&request);
    const std::vector<int> given = control.take_descriptors();
    if (asked == nullptr || given.size() != std::size(kPlaces)) ::_exit(1);
    const pid_t frozen = ::getpid();
    const pid_t pid = fork_python(control);
    if (pid == 0) {
      // The frozen copy is held until the run is over; when it dies nobody is left who cares.
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != frozen) ::_exit(1);
      ::sigaction(SIGCHLD, &before, nullptr);
      ::setpgid(0, 0);
      const auto unconfined = apart ? confine_runner() : std::nullopt;
      processors.use();
      g_is_runner = true;
      set_oom_score("1000");
      take_places(control, given);
      if (unconfined) {
        control.send(protocol::SetupFailed{"sandbox", *unconfined});
        ::_exit(1);
      }
      return *asked;
    }
    const int error = pid < 0 ? errno : 0;
    close_all(given);
    control.send(ForkReply{pid < 0 ? 0 : pid, error});
  }
}

/// The copies that this process, and no ancestor of it, has frozen.
std::vector<pid_t> g_copies;
pid_t g_copies_of = 0;

void remember_copy(pid_t pid) {
  if (g_copies_of != ::getpid()) g_copies.clear();
  g_copies_of = ::getpid();
  g_copies.push_back(pid);
}

}  // namespace

std::vector<pid_t> frozen_copies() {
  return g_copies_of == ::getpid() ? g_copies : std::vector<pid_t>();
}

std::optional<ForkRunner> freeze(Control& control, bool apart) {
  const std::vector<int> given = control.take_descriptors();
  if (given.size() != 1) {
    close_all(given);
    control.send(SnapshotReply{0, {"no socket came with the request"}});
    return std::nullopt;
  }
  if (const auto why = apart ? no_more_confinement() : std::nullopt) {
    close_all(given);
    control.send(SnapshotReply{0, {*why}});
    return std::nullopt;
  }
  // What it runs from now on, it runs in others.
  if (!g_is_runner) set_oom_score("0");
  const pid_t pid = fork_python(control);
  if (pid == 0) {
    ::setpgid(0, 0);
    set_oom_score("0");
    if (apart) protect_frozen();
    control.adopt(given.front());
    drop_streams();
    return serve(control, apart);
  }
  const int error = errno;
  // The worker that all runners come from runs no cells itself: it is as frozen as its copy.
  if (!g_is_runner && apart) protect_frozen();
  close_all(given);
  if (pid < 0) {
    control.send(SnapshotReply{0, {std::string("fork failed: ") + ::strerror(error)}});
  } else {
    remember_copy(pid);
    control.send(SnapshotReply{pid, {}});
  }
  return std::nullopt;
}

}  // namespace nbreplay::worker
