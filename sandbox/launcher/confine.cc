#include "confine.h"

#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>

namespace nbreplay::launcher {
namespace {

constexpr const char* kRefused[] = {
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    // mounts and namespaces
    "mount", "umount", "umount2", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
    "fspick", "mount_setattr", "setns", "unshare", "chroot", "pivot_root",
    // parts of the kernel that need no privilege and have had holes
    "bpf", "perf_event_open", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "userfaultfd", "add_key", "request_key", "keyctl", "memfd_secret", "lookup_dcookie",
    // files behind the back of their folders
    "open_by_handle_at", "name_to_handle_at",
    // the machine
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
    "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64", "settimeofday",
    "adjtimex", "stime", "swapon", "swapoff", "reboot", "acct", "quotactl", "quotactl_fd", "syslog",
    "vhangup", "ioperm", "iopl", "nfsservctl", "sethostname", "setdomainname", "fanotify_init"};

/// Of an argument that the kernel takes for an int it looks at these bits, and so must the filter.
constexpr std::uint64_t kInt = 0xffffffffU;

/// Characters put into the input of a terminal.
constexpr std::uint32_t kRefusedIoctls[] = {0x5412 /* TIOCSTI */, 0x541C /* TIOCLINUX */};

constexpr int kLastFamily = 64;

/// The library's own macros for this are C.
scmp_arg_cmp argument(unsigned place, scmp_compare how, std::uint64_t first,
                      std::uint64_t second = 0) {
  return {place, how, first, second};
}

bool add_rules(scmp_filter_ctx filter) {
  const std::uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
  for (const char* name : kRefused) {
    const int number = ::seccomp_syscall_resolve_name(name);
    // A negative number stands for a call of other architectures.
    if (number >= 0 && ::seccomp_rule_add(filter, refuse, number, 0) != 0) return false;
  }
  if (::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) != 0) return false;
  for (const std::uint64_t flag : {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET,
                                   CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP})
    if (::seccomp_rule_add(filter, refuse, SCMP_SYS(clone), 1,
                           argument(0, SCMP_CMP_MASKED_EQ, flag, flag)) != 0)
      return false;
  for (const std::uint32_t request : kRefusedIoctls)
    if (::seccomp_rule_add(filter, refuse, SCMP_SYS(ioctl), 1,
                           argument(1, SCMP_CMP_MASKED_EQ, kInt, request)) != 0)
      return false;
  for (int family = 0; family < kLastFamily; ++family) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6) continue;
    for (const int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)})
      if (::seccomp_rule_add(
              filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
              argument(0, SCMP_CMP_MASKED_EQ, kInt, static_cast<scmp_datum_t>(family))) != 0)
        return false;
  }
  // Limits of other processes: of those that a branch was forked from, too, for the kernel looks
  // at no more than the user.
  if (::seccomp_rule_add(filter, refuse, SCMP_SYS(prlimit64), 1, argument(0, SCMP_CMP_NE, 0)) != 0)
    return false;
  // Two that are not the notebook's to change, in either direction: of processes, since the hard
  // limit is that of all branches together; of core dumps, since 1 is what keeps the kernel from
  // starting a handler outside of the sandbox (core(5)).
  for (const std::uint64_t resource : {RLIMIT_NPROC, RLIMIT_CORE}) {
    if (::seccomp_rule_add(filter, refuse, SCMP_SYS(setrlimit), 1,
                           argument(0, SCMP_CMP_MASKED_EQ, kInt, resource)) != 0 ||
        ::seccomp_rule_add(filter, refuse, SCMP_SYS(prlimit64), 2,
                           argument(1, SCMP_CMP_MASKED_EQ, kInt, resource),
                           argument(2, SCMP_CMP_NE, 0)) != 0)
      return false;
  }
  return true;
}

}  // namespace

bool drop_capabilities() {
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // The kernel knows no capability with the first number that cannot be asked for.
  for (int capability = 0;; ++capability) {
    const int bounding = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (bounding < 0) break;
    if (bounding == 1 && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  return ::syscall(SYS_capset, &header, none) == 0;
}

bool forbid_new_privileges() {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool filter_system_calls() {
  const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) {
    errno = ENOMEM;
    return false;
  }
  // Not only the thread that makes a call of another architecture: the others would wait for it.
  const bool added =
      ::seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
      add_rules(filter);
  const int loaded = added ? ::seccomp_load(filter) : -EINVAL;
  ::seccomp_release(filter);
  if (loaded < 0) errno = -loaded;
  return loaded == 0;
}

}  // namespace nbreplay::launcher
