#include "namespaces.h"

#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "root.h"

namespace nbreplay::launcher {

using protocol::kNobody;

namespace {

constexpr int kCommonNamespaces =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

/// Root only: everything that root is, given up for good.
bool become_nobody() {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
         ::setresuid(kNobody, kNobody, kNobody) == 0 &&
         // It was lost by the change, and the files of this process in /proc with it.
         ::prctl(PR_SET_DUMPABLE, 1) == 0;
}

/// All at once were refused: which one, told apart by trying one after the other, the user
/// namespace first, in which the others need no rights.
Failure refused_namespace(bool network, int error) {
  if (::unshare(CLONE_NEWUSER) != 0) return failed(Stage::kUserNamespace, "unshare");
  struct Namespace {
    int flag;
    const char* name;
  };
  for (const Namespace one : {Namespace{CLONE_NEWNS, "mnt"}, Namespace{CLONE_NEWIPC, "ipc"},
                              Namespace{CLONE_NEWUTS, "uts"}, Namespace{CLONE_NEWCGROUP, "cgroup"},
                              Namespace{network ? 0 : CLONE_NEWNET, "net"}})
    if (::unshare(one.flag) != 0) return failed(Stage::kNamespaces, one.name);
  return Failure{Stage::kNamespaces, error, "unshare"};
}

Outcome enter_namespaces(bool network, int old_proc, uid_t user, gid_t group) {
  if (::unshare(kCommonNamespaces | (network ? 0 : CLONE_NEWNET)) != 0)
    return refused_namespace(network, errno);
  const auto map = [](unsigned outside) {
    return std::to_string(protocol::kSandboxUser) + " " + std::to_string(outside) + " 1\n";
  };
  if (!write_existing(old_proc, "self/setgroups", "deny") ||
      !write_existing(old_proc, "self/uid_map", map(user)) ||
      !write_existing(old_proc, "self/gid_map", map(group)))
    return failed(Stage::kIds, "mapping the user");
  return std::nullopt;
}

void bring_loopback_up() {
  const Handle socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (socket.valid()) ::ioctl(socket.get(), SIOCSIFFLAGS, &request);
}

Outcome cover_hidden(BrokersFolders& folders) {
  // Without terminals of its own a notebook goes without; almost none wants one.
  [[maybe_unused]] const int terminals = ::mount(
      "devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620");
  folders.hidden = Handle(::open(protocol::kSandboxHidden, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folders.hidden.valid() || ::mount("tmpfs", protocol::kSandboxHidden, "tmpfs",
                                         MS_NOSUID | MS_NODEV | MS_RDONLY, "size=4k") != 0)
    return failed(Stage::kRoot, "the broker's folder");
  return std::nullopt;
}

/// In bubblewrap's namespaces.
Outcome complete_sandbox(const protocol::SandboxSpec& spec, BrokersFolders& folders) {
  if (auto failure = complete_root(spec, folders.writable_root)) return failure;
  return cover_hidden(folders);
}

}  // namespace

Outcome enter_sandbox(const protocol::SandboxSpec& spec, BrokersFolders& folders) {
  if (spec.prepared) return complete_sandbox(spec, folders);
  const bool root = ::geteuid() == 0;
  const uid_t user = root ? kNobody : ::geteuid();
  const gid_t group = root ? kNobody : ::getegid();
  const Handle old_proc(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root) {
    if (::unshare(CLONE_NEWNS) != 0) return failed(Stage::kNamespaces, "mount");
    if (auto failure = build_root(spec, user, true, folders.writable_root)) return failure;
    if (!become_nobody()) return failed(Stage::kIds, "giving up root");
    if (auto failure = enter_namespaces(spec.network, old_proc.get(), user, group)) return failure;
  } else {
    if (auto failure = enter_namespaces(spec.network, old_proc.get(), user, group)) return failure;
    if (auto failure = build_root(spec, protocol::kSandboxUser, false, folders.writable_root))
      return failure;
  }
  if (!spec.network) bring_loopback_up();
  ::sethostname("notebook", 8);
  return cover_hidden(folders);
}

}  // namespace nbreplay::launcher
