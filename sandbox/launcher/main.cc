// nbreplay-launcher: the only parent of one worker and of all that the notebook starts.
//
//   nbreplay-launcher OUTPUT ERRORS CONTROL FAULT CHANNEL BROKER
//
// The arguments are numbers of inherited descriptors. Life:
//
//   1. Becomes leader of its own session, so that the terminal's Ctrl-C reaches only the
//      controller, and child subreaper, so that whatever a notebook daemonises stays below it.
//      Blocks all signals: the notebook, of the same user, can stop or kill it but not more.
//   2. Reads a LaunchSpec from CHANNEL. For a sandbox it enters namespaces of its own
//      (namespaces.h), shows a first view of the files (views.h) and forks the reaper, process 1 of
//      another process namespace, which does all that follows, while the launcher stays outside
//      as the broker: invisible, and the only one that may mount (broker.h).
//   3. Starts the worker (worker.h); reports kStarted or kFailed. Closes the worker's descriptors,
//      so that the controller sees their end.
//   4. Waits for children to end and for commands. kInterrupt sends SIGINT to the worker's
//      process group, as Jupyter does.
//   5. When the worker ends, or at kKill (then what it started is first asked to end), or when the
//      controller is gone (end of file): kills every descendant until the kernel knows none
//      (reaper.h), reporting kEnded as soon as the worker's wait status is known, then kCleared,
//      and exits.
//
// When the launcher itself is killed, the worker dies with it (PR_SET_PDEATHSIG); in a sandbox the
// reaper does, and with it every process of its namespace.

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "broker.h"
#include "channel.h"
#include "confine.h"
#include "dead_ends.h"
#include "namespaces.h"
#include "reaper.h"
#include "views.h"
#include "worker.h"

namespace nbreplay::launcher {
namespace {

using Kind = protocol::LaunchReport::Kind;
using Command = protocol::LaunchCommand::Kind;

/// Moves an inherited descriptor above all numbers that the worker's will take.
int take_descriptor(const char* argument) {
  const int given = std::atoi(argument);
  const int moved = ::fcntl(given, F_DUPFD_CLOEXEC, 10);
  ::close(given);
  return moved;
}

/// A descriptor that becomes readable when a child ends. All signals stay blocked.
int watch_children() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  return ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// Of a process of the same user, which needs no right, whatever rights the controller has.
void limit_processes(pid_t pid, std::uint64_t most) {
  rlimit limit{};
  if (::prlimit(pid, RLIMIT_NPROC, nullptr, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, most);
  ::prlimit(pid, RLIMIT_NPROC, &limit, nullptr);
}

/// Serves until the run has to end: the worker ended, or all is to be killed.
void serve(Channel& channel, Reaper& reaper, int wakeup) {
  pollfd waiting[2] = {{wakeup, POLLIN, 0}, {channel.fd(), POLLIN, 0}};
  for (;;) {
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return;
    if (waiting[0].revents != 0) {
      signalfd_siginfo discard[16];
      while (::read(wakeup, discard, sizeof discard) > 0) {
      }
      reaper.reap();
      if (reaper.worker_status()) return;
    }
    if (waiting[1].revents == 0) continue;
    const auto command = channel.read_command();
    if (!command) return;
    switch (command->kind) {
      case Command::kInterrupt:
        if (const auto group = reaper.group()) ::kill(-*group, SIGINT);
        break;
      case Command::kKeep:
        reaper.keep(command->pid);
        break;
      case Command::kLimit:
        limit_processes(command->pid, command->processes);
        break;
      case Command::kTidy:
        channel.report(Kind::kTidied, reaper.tidy(wakeup) ? 0 : 1);
        break;
      case Command::kKill:
        return;
    }
  }
}

int give_up(Channel& channel, const Failure& failure) {
  channel.report(failure);
  return 1;
}

void close_all(const WorkerDescriptors& descriptors) {
  for (const int fd :
       {descriptors.output, descriptors.errors, descriptors.control, descriptors.fault})
    ::close(fd);
}

/// From the start of the worker to the end of everything.
int run_worker(const protocol::LaunchSpec& spec, const WorkerDescriptors& descriptors,
               Channel& channel, int wakeup) {
  const StartResult started = start_worker(spec, descriptors);
  // No peeking into or writing over this process by the notebook. After the fork, since a child
  // that is not dumpable may not write its own /proc files.
  ::prctl(PR_SET_DUMPABLE, 0);
  close_all(descriptors);
  if (started.failure) return give_up(channel, *started.failure);
  channel.report(Kind::kStarted, started.pid);

  Reaper reaper(started.pid);
  serve(channel, reaper, wakeup);
  if (reaper.worker_status()) channel.report(Kind::kEnded, *reaper.worker_status());
  const bool known = reaper.worker_status().has_value();
  // What trackers would clean up is a sandbox's own and goes with it.
  if (!spec.sandbox) reaper.settle(wakeup, channel.fd());
  const bool cleared = reaper.clear(wakeup);
  if (!known && reaper.worker_status()) channel.report(Kind::kEnded, *reaper.worker_status());
  channel.report(Kind::kCleared, cleared ? 0 : 1);
  return 0;
}

/// Process 1 of the sandbox.
int run_reaper(const protocol::LaunchSpec& spec, const WorkerDescriptors& descriptors,
               Channel& channel, int wakeup) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "reaper");
  if (::chdir("/") != 0 ||
      ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
    return give_up(channel, failed(Stage::kProc));
  if (!drop_capabilities()) return give_up(channel, failed(Stage::kCapabilities));
  return run_worker(spec, descriptors, channel, wakeup);
}

int run_sandbox(const protocol::LaunchSpec& spec, const WorkerDescriptors& descriptors,
                Channel& channel, int broker, int wakeup) {
  BrokersFolders folders;
  if (const auto failure = enter_sandbox(*spec.sandbox, folders)) return give_up(channel, *failure);
  if (::fchdir(folders.hidden.get()) != 0) return give_up(channel, failed(Stage::kRoot));
  std::vector<PlainFolder> plain;
  if (const auto failure = make_dead_ends(*spec.sandbox, plain)) return give_up(channel, *failure);
  for (const PlainFolder& folder : plain) channel.report(folder);
  Views views(*spec.sandbox, folders.writable_root.get());
  if (const auto failure = views.prepare()) return give_up(channel, *failure);
  if (const auto failure = views.show(0, {0})) return give_up(channel, *failure);
  const auto reaper = static_cast<pid_t>(
      ::syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (reaper < 0) return give_up(channel, failed(Stage::kPidNamespace));
  if (reaper == 0) {
    ::close(broker);
    folders = {};
    return run_reaper(spec, descriptors, channel, wakeup);
  }
  ::prctl(PR_SET_DUMPABLE, 0);
  close_all(descriptors);
  ::close(channel.fd());
  serve_broker(views, broker, reaper, wakeup);
  return 0;
}

int launch(const WorkerDescriptors& descriptors, Channel channel, int broker) {
  ::setsid();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const int wakeup = watch_children();
  const auto spec = channel.read_spec();
  if (!spec) errno = EINVAL;
  if (!spec || wakeup < 0) return give_up(channel, failed(Stage::kSpec));
  if (spec->sandbox) return run_sandbox(*spec, descriptors, channel, broker, wakeup);
  ::close(broker);
  return run_worker(*spec, descriptors, channel, wakeup);
}

}  // namespace
}  // namespace nbreplay::launcher

int main(int argc, char** argv) {
  using namespace nbreplay::launcher;
  if (argc != 7) {
    std::fputs("nbreplay-launcher is started by nbreplay, not by hand.\n", stderr);
    return 2;
  }
  const WorkerDescriptors descriptors{take_descriptor(argv[1]), take_descriptor(argv[2]),
                                      take_descriptor(argv[3]), take_descriptor(argv[4])};
  return launch(descriptors, Channel(take_descriptor(argv[5])), take_descriptor(argv[6]));
}
