// Cases 1, 2, 15 and 34 to 38: processes, signals and time.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>

#include "process/process_tree.h"
#include "process/processes.h"
#include "sandbox/attack_fixture.h"

namespace nbreplay::test {
namespace {

using testing::HasSubstr;

/// Forks as long as it can, half of it in sessions of its own; `child` is what a child does when it
/// cannot.
std::string fork_bomb(const std::string& child) {
  return R"(
mother = os.getpid()
while True:
    try:
        if os.fork() == 0 and os.getpid() % 2:
            os.setsid()
    except OSError as problem:
        if os.getpid() == mother:
            print(name_of(problem.errno), flush=True)
            time.sleep(600)
        )" +
         child;
}

/// So that the number of processes is what ends it.
void much_memory(Trial& trial) {
  trial.limits.memory = gib(4);
}

TEST_P(Attack, Case01_ForkBomb) {
  expect_limit(attack_that_says("EAGAIN", fork_bomb("time.sleep(1)"), much_memory),
               Resource::kProcesses);
}

TEST_P(Attack, Case01_ForkBombWithoutRest) {
  expect_limit(attack(fork_bomb("pass"), much_memory), Resource::kProcesses);
}

TEST_P(Attack, Case01_ABranchHasNoMoreThanAFreshRun) {
  // Besides the frozen copies and nbreplay's own, which count, too.
  EXPECT_EQ(saw("import resource\nsaw = resource.getrlimit(resource.RLIMIT_NPROC)[0] < 90"),
            "True");
}

TEST_P(Attack, Case02_ThreadBomb) {
  const Answer ended = attack_that_says("can't start new thread", R"(
try:
    while True:
        threading.Thread(target=time.sleep, args=(600,)).start()
except RuntimeError as problem:
    print(problem, flush=True)
    time.sleep(600)
)");
  expect_limit(ended, Resource::kProcesses);
}

TEST_P(Attack, Case15_KillingAll) {
  EXPECT_EQ(saw(R"(
tried(os.kill, -1, signal.SIGKILL)
tried(os.kill, -1, signal.SIGSTOP)
saw = 'alive'
)"),
            "alive");
}

TEST_P(Attack, Case15_KillingTheReaperAndTheController) {
  const std::string controller = std::to_string(::getpid());
  EXPECT_EQ(saw(R"(
for number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM, signal.SIGCHLD):
    tried(os.kill, 1, number)
saw = [{tried(os.kill, pid, 9) for pid in ()" +
                controller + R"(, os.getppid() + 100000)},
       [name for pid in others() for name in [open('/proc/%d/comm' % pid).read().strip()]
        if name not in ('reaper', 'nbreplay-worker', 'nbreplay-worke')]]
)"),
            "[{'ESRCH'}, []]");
}

/// Tries all ways to signal the others, and keeps what did not say that it may not.
constexpr const char* kSignalOthers = R"(
def by_descriptor(pid, number):
    signal.pidfd_send_signal(os.pidfd_open(pid), number)
def by_owner(pid, number):
    import fcntl
    ours, theirs = socket.socketpair()
    fcntl.fcntl(ours, 10, number)
    fcntl.fcntl(ours, fcntl.F_SETOWN, pid)
    fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC)
    theirs.send(b'x')
saw = set()
for pid in others():
    if pid != 1:
        for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
            saw.add(tried(os.kill, pid, number))
            saw.add(tried(os.killpg, pid, number))
            if hasattr(os, 'pidfd_open'):
                saw.add(tried(by_descriptor, pid, number))
            tried(by_owner, pid, number)
saw -= {'EPERM', 'ESRCH'}
)";

TEST_P(Attack, Case15_KillingAncestors) {
  if (forked() && landlock_version() < 6)
    GTEST_SKIP() << "keeping a branch from its ancestors needs Landlock ABI 6, this kernel has "
                 << landlock_version();
  EXPECT_EQ(saw(kSignalOthers), "set()");
}

TEST_P(Attack, Case15_KillingAncestorsOfMoreBranchesThanCanNest) {
  if (landlock_version() < 6)
    GTEST_SKIP() << "keeping a branch from its ancestors needs Landlock ABI 6, this kernel has "
                 << landlock_version();
  constexpr int kMoreThanNest = 19;
  std::vector<Taint> taints;
  for (int depth = 1; depth <= kMoreThanNest; ++depth) {
    prefix_.push_back("depth = " + std::to_string(depth));
    // What goes on in the process that a copy was made of stands beside the copy.
    taints = attack("depth").outcome.taints;
  }
  EXPECT_EQ(saw(kSignalOthers), "set()");
  const auto too_deep = testing::Contains(testing::Field(&Taint::hazard, HasSubstr("Landlock")));
  if (branched()) {
    EXPECT_THAT(taints, too_deep);
  } else {
    EXPECT_THAT(taints, testing::Not(too_deep));
  }
}

TEST_P(Attack, Case15_KillingTheCopyOfItself) {
  if (warm()) GTEST_SKIP() << "no copy is made of a process that runs a whole notebook";
  // Nothing can be put between a process and a copy that it made of itself: the loss is noticed.
  attack_first_ = true;
  EXPECT_EQ(saw("for pid in others(): tried(os.kill, pid, signal.SIGKILL)\nsaw = 'alive'"),
            "alive");
}

TEST_P(Attack, Case34_StoppingItself) {
  expect_time_out(attack("os.kill(os.getpid(), signal.SIGSTOP)", hurry));
}

TEST_P(Attack, Case34_StoppingTheOthers) {
  EXPECT_EQ(saw("for pid in others() + [0]:\n"
                "    if pid: tried(os.kill, pid, signal.SIGSTOP)\n"
                "saw = 'going on'"),
            "going on");
}

TEST_P(Attack, Case34_StoppingTheCopyOfItself) {
  if (warm()) GTEST_SKIP() << "no copy is made of a process that runs a whole notebook";
  attack_first_ = true;
  EXPECT_EQ(saw("for pid in others(): tried(os.kill, pid, signal.SIGSTOP)\nsaw = 'alive'"),
            "alive");
}

TEST_P(Attack, Case35_NoSignalIsHeard) {
  expect_time_out(attack(R"(
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
for number in range(1, signal.NSIG):
    tried(signal.signal, number, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
)",
                         hurry));
}

TEST_P(Attack, Case36_Deadlock) {
  expect_time_out(attack("lock = threading.Lock()\nlock.acquire()\nlock.acquire()", hurry));
}

TEST_P(Attack, Case36_TheInterpreterIsHeldInC) {
  expect_time_out(attack("ctypes.PyDLL(None).sleep(600)", hurry));
}

TEST_P(Attack, Case36_Spin) {
  expect_time_out(attack("while True: pass", hurry));
}

TEST_P(Attack, Case36_WaitingForInput) {
  EXPECT_EQ(saw("saw = [tried(input), os.read(0, 1)]"), "['StdinNotImplementedError', b'']");
}

TEST_P(Attack, Case37_Daemons) {
  const std::string mark = unique_mark();
  const Answer ended = attack(R"(
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(600)', ')" +
                              mark + R"('])
    os._exit(0)
os.wait()
subprocess.Popen(['setsid', 'sh', '-c', 'trap "" TERM; sleep 600; : )" +
                              mark + R"('])
)");
  EXPECT_EQ(ends(ended.outcome), "completed completed");
  EXPECT_EQ(processes_with(mark), 0);
}

TEST_P(Attack, Case38_Zombies) {
  // Of ended orphans the reaper is the parent: they go. Those of a living parent stay its own.
  EXPECT_EQ(saw(R"(
def zombies(parent):
    count = 0
    for pid in others():
        try:
            fields = open('/proc/%d/stat' % pid).read().rpartition(') ')[2].split()
        except OSError:
            continue
        count += fields[0] == 'Z' and int(fields[1]) == parent
    return count
names, named = os.pipe()
for _ in range(20):
    if os.fork() == 0:
        orphan = os.fork()
        if orphan:
            os.write(named, b'%d\n' % orphan)
        os._exit(0)
while zombies(os.getpid()) < 20:
    time.sleep(0.01)
orphans = os.read(names, 4096).split()
while any(os.path.exists('/proc/%d' % int(pid)) for pid in orphans):
    time.sleep(0.01)
saw = len(orphans), zombies(1), zombies(os.getpid())
)"),
            "(20, 0, 20)");
}

TEST_P(Attack, Case38_EndedRunsDoNotPileUp) {
  // Ends of all kinds: forked processes among them are collected by what they were forked from.
  for (const char* end : {"pass", "1 / 0", "os._exit(3)", "os.kill(os.getpid(), signal.SIGKILL)",
                          "if os.fork() == 0: os._exit(0)", "pass # again", "2 / 0"})
    attack(end);
  // A sandbox's first process may outlive its launcher, and then is left to init, which is this
  // test.
  const auto is_orphan = [](pid_t process, const process::ProcessFacts& facts) {
    return facts.parent == ::getpid() && !name_of(process).starts_with("nbreplay-launch");
  };
  const auto zombies = [&] {
    const auto all = process::processes_below(::getpid());
    return std::ranges::count_if(all, [&](pid_t process) {
      const auto facts = process::process_facts(process);
      return facts && facts->zombie && !is_orphan(process, *facts);
    });
  };
  // The last ones may not have been collected yet: they are, while others run.
  for (int more = 0; more < 5 && zombies() > 1; ++more)
    attack("pass # more " + std::to_string(more));
  EXPECT_LE(zombies(), 1);
}

}  // namespace
}  // namespace nbreplay::test
