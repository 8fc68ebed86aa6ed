// Cases 16 to 25: what the kernel could be asked for.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include <initializer_list>

#include "sandbox/attack_fixture.h"

namespace nbreplay::test {
namespace {

struct Call {
  const char* name;
  long number;
};

/// A cell that makes every call with `arguments` and keeps, by its answer, who got it.
std::string cell_with(std::initializer_list<Call> calls, const std::string& arguments) {
  std::string cell = "saw = {}\n";
  for (const Call& call : calls)
    cell += fmt::format("saw.setdefault(kernel({}, {}), []).append('{}')\n", call.number, arguments,
                        call.name);
  return cell + "saw = sorted(saw) if len(saw) == 1 else saw\n";
}

constexpr const char* kRefused = "['EPERM']";

TEST_P(Attack, Case16_MemoryOfOtherProcesses) {
  attack_first_ = true;
  const std::string cell = R"(
saw = []
for pid in others():
    process = '/proc/%d/' % pid
    if open(process + 'stat').read().rpartition(') ')[2][0] == 'Z':
        continue  # it has no memory any more
    for file in ('mem', 'environ', 'maps', 'cwd', 'root', 'exe', 'pagemap', 'auxv', 'syscall', 'stack'):
        for how in (os.O_RDONLY, os.O_RDWR):
            answer = tried(os.open, process + file, how)
            if answer != 'EACCES':
                saw.append((open(process + 'stat').read(40), file, how, answer))
    if tried(os.listdir, process + 'fd') != 'EACCES':
        saw.append((pid, 'fd'))
)";
  EXPECT_EQ(saw(cell), "[]");
  EXPECT_EQ(saw("# of an ancestor's" + cell), "[]");
}

TEST_P(Attack, Case16_Tracing) {
  EXPECT_EQ(saw(cell_with({{"ptrace", SYS_ptrace},
                           {"process_vm_readv", SYS_process_vm_readv},
                           {"process_vm_writev", SYS_process_vm_writev},
                           {"process_madvise", SYS_process_madvise},
                           {"kcmp", SYS_kcmp},
                           {"pidfd_getfd", SYS_pidfd_getfd}},
                          "0, 1, 0, 0, 0, 0") +
                "traced = [kernel(" + std::to_string(SYS_ptrace) +
                ", 16, pid, 0, 0) for pid in others()]\nsaw = saw + sorted(set(traced))\n"),
            "['EPERM', 'EPERM']");
}

TEST_P(Attack, Case17_Mounting) {
  EXPECT_EQ(saw(cell_with({{"mount", SYS_mount},
                           {"umount2", SYS_umount2},
                           {"pivot_root", SYS_pivot_root},
                           {"move_mount", SYS_move_mount},
                           {"open_tree", SYS_open_tree},
                           {"fsopen", SYS_fsopen},
                           {"fsconfig", SYS_fsconfig},
                           {"fsmount", SYS_fsmount},
                           {"fspick", SYS_fspick},
                           {"mount_setattr", SYS_mount_setattr}},
                          "0, 0, 0, 0, 0")),
            kRefused);
}

TEST_P(Attack, Case17_UncoveringWhatTheBrokerHides) {
  // A newer call than the filter may know, and the usual programs.
  EXPECT_EQ(saw(R"(
open_tree_attr = 467
place = ctypes.create_string_buffer(b'/')
saw = [kernel(open_tree_attr, -100, ctypes.addressof(place), 1, 0, 0) in ('EPERM', 'ENOSYS'),
       subprocess.run(['umount', '/dev/shm'], capture_output=True).returncode != 0,
       subprocess.run(['mount', '-t', 'tmpfs', 'none', '/tmp'], capture_output=True).returncode != 0]
)"),
            "[True, True, True]");
}

TEST_P(Attack, Case18_LeavingTheRoot) {
  EXPECT_EQ(saw(cell_with({{"chroot", SYS_chroot},
                           {"open_by_handle_at", SYS_open_by_handle_at},
                           {"name_to_handle_at", SYS_name_to_handle_at}},
                          "0, 0, 0, 0, 0")),
            kRefused);
}

TEST_P(Attack, Case18_Upwards) {
  EXPECT_EQ(saw(R"(
here = os.open('.', os.O_RDONLY)
os.chdir('/')
for _ in range(50):
    os.chdir('..')
inside = sorted(os.listdir('.'))
os.fchdir(here)
found = [path for fd in os.listdir('/proc/self/fd') for path in [os.path.realpath('/proc/self/fd/' + fd)]
         if os.path.exists(path + '/.ssh') or os.path.exists(path + '/../.ssh')]
saw = [inside == sorted(os.listdir('/')), found, os.path.exists(')" +
                canary().string() + R"('), os.path.exists('../canary')]
)"),
            "[True, [], False, False]");
}

TEST_P(Attack, Case19_Namespaces) {
  const long flags[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                        CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};
  std::string cell = "saw = set()\n";
  for (const long flag : flags)
    cell += fmt::format(
        "saw.add(kernel({0}, {1}))\nsaw.add(kernel({2}, {1} | 17, 0, 0, 0, 0))\n"
        "saw.add(kernel({3}, os.open('/proc/self/ns/user', os.O_RDONLY), {1}))\n",
        SYS_unshare, flag, SYS_clone, SYS_setns);
  cell += fmt::format("saw = [saw, kernel({}, 0, 88)]\n", SYS_clone3);
  EXPECT_EQ(saw(cell), "[{'EPERM'}, 'ENOSYS']");
}

TEST_P(Attack, Case20_DeviceFiles) {
  EXPECT_EQ(saw(R"(
saw = {tried(os.mknod, place + '/device', 0o666 | kind, os.makedev(*number))
       for place in ('.', '/tmp', '/dev/shm')
       for kind, number in ((stat.S_IFBLK, (8, 0)), (stat.S_IFBLK, (254, 0)), (stat.S_IFCHR, (1, 1)))}
)"),
            "{'EPERM'}");
}

TEST_P(Attack, Case21_ProgramsWithPrivileges) {
  EXPECT_EQ(saw(R"(
facts = dict(line.split(':\t') for line in open('/proc/self/status').read().splitlines() if ':\t' in line)
saw = [facts['NoNewPrivs'], int(facts['Uid'].split()[0]) != 0,
       [int(facts[name], 16) for name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')],
       {tried(os.setuid, 0), tried(os.setgid, 0), tried(os.setgroups, [0])} <= {'EPERM', 'EINVAL'},
       {subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode != 0
        for command in (['su', '-c', 'true'], ['passwd', '-d', 'root'], ['chown', '0', 'kept.txt'])}]
)"),
            "['1', True, [0, 0, 0, 0, 0], True, {True}]");
}

TEST_P(Attack, Case22_LargePartsOfTheKernel) {
  EXPECT_EQ(saw(cell_with({{"io_uring_setup", SYS_io_uring_setup},
                           {"io_uring_enter", SYS_io_uring_enter},
                           {"io_uring_register", SYS_io_uring_register},
                           {"bpf", SYS_bpf},
                           {"perf_event_open", SYS_perf_event_open},
                           {"userfaultfd", SYS_userfaultfd},
                           {"keyctl", SYS_keyctl},
                           {"add_key", SYS_add_key},
                           {"request_key", SYS_request_key},
                           {"fanotify_init", SYS_fanotify_init},
                           {"init_module", SYS_init_module},
                           {"finit_module", SYS_finit_module},
                           {"kexec_load", SYS_kexec_load},
                           {"reboot", SYS_reboot},
                           {"swapon", SYS_swapon},
                           {"clock_settime", SYS_clock_settime},
                           {"settimeofday", SYS_settimeofday},
                           {"sethostname", SYS_sethostname}},
                          "0, 0, 0, 0, 0")),
            kRefused);
}

#if defined(__x86_64__)
/// A cell that runs `instructions`, as bytes in hexadecimal.
std::string machine_code(const std::string& instructions) {
  return "import mmap\ncode = mmap.mmap(-1, 4096, prot=7)\ncode.write(bytes.fromhex('" +
         instructions +
         "'))\nplace = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
         "run = ctypes.CFUNCTYPE(ctypes.c_int)(place)\n";
}

/// getpid, as a 32-bit program asks for it: mov eax, 20; int 0x80; ret.
constexpr const char* kOldGetpid = "b814000000cd80c3";

TEST_P(Attack, Case23_CallsOfThirtyTwoBits) {
  expect_signal(attack(machine_code(kOldGetpid) + "run()"), SIGSYS);
}

TEST_P(Attack, Case23_CallsOfThirtyTwoBitsInAThread) {
  expect_signal(
      attack(machine_code(kOldGetpid) + "thread = threading.Thread(target=run)\nthread.start()\n"
                                        "thread.join()"),
      SIGSYS);
}

TEST_P(Attack, Case23_CallsWithTheX32Bit) {
  expect_signal(attack("kernel(39 | 0x40000000)"), SIGSYS);
}
#endif

TEST_P(Attack, Case24_InputOfTerminals) {
  EXPECT_EQ(saw(fmt::format(R"(
letter = ctypes.create_string_buffer(b'x')
saw = {{kernel({}, fd, request | high, ctypes.addressof(letter))
       for fd in (0, 1, 2) for request in (0x5412, 0x541C) for high in (0, 1 << 32, 0xffff << 32)}}
)",
                            SYS_ioctl)),
            "{'EPERM'}");
}

TEST_P(Attack, Case25_OwnLimits) {
  EXPECT_EQ(saw(R"(
import resource
def raised(which):
    soft, hard = resource.getrlimit(which)
    resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
saw = [tried(raised, resource.RLIMIT_NPROC), tried(raised, resource.RLIMIT_FSIZE),
       tried(raised, resource.RLIMIT_CORE), tried(os.nice, -5),
       tried(os.write, os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-1000'),
       tried(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))]
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
)"),
            "['ValueError', 'ValueError', 'ValueError', 'EPERM', 'EACCES', 'EPERM']");
}

TEST_P(Attack, Case25_LimitsOfOtherProcesses) {
  EXPECT_EQ(saw(R"(
import resource
saw = {tried(resource.prlimit, pid, which, (0, 0)) for pid in others()
       for which in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NOFILE)}
for pid in others():
    tried(os.sched_setaffinity, pid, {min(os.sched_getaffinity(0))})
    tried(os.setpriority, os.PRIO_PROCESS, pid, 19)
tried(os.setpriority, os.PRIO_USER, 0, 19)
saw = sorted(saw)
)"),
            "['EPERM']");
}

}  // namespace
}  // namespace nbreplay::test
