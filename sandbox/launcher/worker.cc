#include "worker.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "nbreplay/protocol/messages.h"

#include "confine.h"

namespace nbreplay::launcher {
namespace {

using protocol::LaunchSpec;

constexpr int kFirstFree = protocol::kFaultFd + 1;

std::vector<char*> as_c_strings(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

bool set_limit(int resource, std::uint64_t bytes) {
  const rlimit limit{bytes, bytes};
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) == 0;
}

/// Never more than there is. A notebook may ask for up to the hard limit.
bool limit_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, protocol::kMostDescriptors);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, protocol::kDescriptors);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/// None of processor time (RLIMIT_CPU): it counts each process by itself, which a notebook gets
/// around by forking; limits of time are the controller's, for all of a run and by the clock.
bool apply_limits(const LaunchSpec& spec) {
  // 1 instead of 0 keeps also a handler of core dumps from being started (core(5)).
  return set_limit(RLIMIT_CORE, spec.confined ? 1 : 0) &&
         (spec.file_size == 0 || set_limit(RLIMIT_FSIZE, spec.file_size)) &&
         (spec.address_space == 0 || set_limit(RLIMIT_AS, spec.address_space)) &&
         limit_descriptors() &&
         // Counted in the sandbox's own user namespace; outside of one it would count all that
         // the user runs.
         (!spec.sandbox || set_limit(RLIMIT_NPROC, spec.sandbox->processes));
}

/// Signals as a shell would hand them on: nothing blocked, nothing ignored.
void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// When memory runs out the kernel shall take the notebook, not the controller. Raising the
/// score needs no privilege; failing to is harmless.
void prefer_for_oom_killer() {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const ssize_t ignored = ::write(file, "1000", 4);
  ::close(file);
}

bool place(int from, int to) {
  return ::dup2(from, to) == to;
}

/// Puts every descriptor at its number and closes all others. All of `given` are above the
/// numbers that are written to, so that none overwrites another.
bool place_descriptors(const WorkerDescriptors& given) {
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || !place(null, 0) || !place(given.output, 1) || !place(given.errors, 2))
    return false;
  return place(given.control, protocol::kControlFd) && place(given.fault, protocol::kFaultFd);
}

/// In the forked child. Returns only when something failed.
Failure become_worker(const LaunchSpec& spec, const WorkerDescriptors& given, pid_t parent) {
  ::setpgid(0, 0);
  // Asked for after the fork, so the launcher may have died in between: checked right after.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  reset_signals();
  prefer_for_oom_killer();
  if (::chdir(spec.working_directory.c_str()) != 0)
    return failed(Stage::kFolder, spec.working_directory);
  if (!place_descriptors(given)) return failed(Stage::kDescriptors);
  // Marked, not closed: the pipe that reports a failing exec is among them.
  if (::syscall(SYS_close_range, kFirstFree, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
    return failed(Stage::kDescriptors);
  if (!apply_limits(spec)) return failed(Stage::kLimits);
  if (spec.sandbox && !drop_capabilities()) return failed(Stage::kCapabilities);
  if (spec.confined && !forbid_new_privileges()) return failed(Stage::kCapabilities);
  if (spec.confined && !filter_system_calls()) return failed(Stage::kSeccomp);
  const std::vector<char*> argv = as_c_strings(spec.argv);
  const std::vector<char*> variables = as_c_strings(spec.variables);
  ::execve(argv.front(), argv.data(), variables.data());
  return failed(Stage::kExec, argv.front());
}

}  // namespace

StartResult start_worker(const LaunchSpec& spec, const WorkerDescriptors& descriptors) {
  int failure_pipe[2];
  if (::pipe2(failure_pipe, O_CLOEXEC) != 0) return {-1, failed(Stage::kFork)};
  // The child's end must survive place_descriptors.
  const int write_end = ::fcntl(failure_pipe[1], F_DUPFD_CLOEXEC, kFirstFree);
  ::close(failure_pipe[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    const Failure failure = become_worker(spec, descriptors, parent);
    const auto report = failure_report(failure);
    [[maybe_unused]] const ssize_t ignored = ::write(write_end, &report, sizeof report);
    ::_exit(127);
  }
  StartResult result{pid, std::nullopt};
  if (pid < 0) result.failure = failed(Stage::kFork);
  ::close(write_end);
  if (pid > 0) {
    // End of file without a word: exec closed the pipe, the worker runs.
    protocol::LaunchReport report;
    ssize_t got = 0;
    while ((got = ::read(failure_pipe[0], &report, sizeof report)) < 0 && errno == EINTR) {
    }
    if (got == static_cast<ssize_t>(sizeof report))
      result.failure = Failure{static_cast<Stage>(report.detail), report.value, report.what};
  }
  ::close(failure_pipe[0]);
  return result;
}

}  // namespace nbreplay::launcher
