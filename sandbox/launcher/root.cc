#include "root.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <vector>

namespace nbreplay::launcher {
namespace {

using protocol::is_in_scratch;
using protocol::is_in_view;
using protocol::SandboxSpec;

/// A detached mount and where it will be.
struct Prepared {
  Handle mount;
  std::string at;
  bool folder = true;
};

/// Room for what describes the sandbox, not for what a notebook writes.
constexpr const char* kRootOptions = "size=16m,nr_inodes=50000,mode=755";
/// Of the broker's folder: what masks hide takes an entry each.
constexpr const char* kHiddenOptions = "size=16m,nr_inodes=500000,mode=755";

/// A user namespace in which `user` and `group` of a file system are `as`, and all others nobody.
Handle owner_map(uid_t user, gid_t group, uid_t as) {
  const pid_t child = static_cast<pid_t>(
      ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) ::pause();
  }
  if (child < 0) return {};
  const std::string process = "/proc/" + std::to_string(child);
  const auto map = [&](unsigned shown) {
    return std::to_string(shown) + " " + std::to_string(as) + " 1\n";
  };
  Handle space;
  if (write_existing(AT_FDCWD, (process + "/uid_map").c_str(), map(user)) &&
      write_existing(AT_FDCWD, (process + "/gid_map").c_str(), map(group)))
    space = Handle(::open((process + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return space;
}

/// Shows the owner of a detached mount as `owner`, where its file system can do that; else the
/// notebook sees what everybody may see.
void show_owner_as(int mount, uid_t owner) {
  struct stat facts {};
  if (::fstat(mount, &facts) != 0) return;
  const Handle space = owner_map(facts.st_uid, facts.st_gid, owner);
  mount_attr mapped{};
  mapped.attr_set = MOUNT_ATTR_IDMAP;
  mapped.userns_fd = static_cast<std::uint64_t>(space.get());
  if (space.valid())
    ::syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &mapped, sizeof mapped);
}

/// `owner`: as show_owner_as; unset: as it is.
Outcome prepare(const std::string& from, std::string at, Access access, std::optional<uid_t> owner,
                std::vector<Prepared>& into) {
  struct stat facts {};
  Handle mount = clone_mount(AT_FDCWD, from.c_str());
  if (!mount.valid() && errno == ENOENT) return std::nullopt;
  if (!mount.valid() || ::fstat(mount.get(), &facts) != 0) return failed(Stage::kRoot, from);
  if (owner) show_owner_as(mount.get(), *owner);
  if (!restrict_mount(mount.get(), access)) return failed(Stage::kRoot, from);
  into.push_back({std::move(mount), std::move(at), S_ISDIR(facts.st_mode)});
  return std::nullopt;
}

/// The project's own mount: overlayfs looks at no other below it, so that those of the project need
/// not be mapped.
Outcome prepare_project(const SandboxSpec& spec, std::optional<uid_t> owner,
                        std::vector<Prepared>& into) {
  const std::string& from = spec.project.from;
  Handle mount = clone_mount(AT_FDCWD, from.c_str(), !owner);
  if (!mount.valid()) return failed(Stage::kRoot, from);
  if (owner) show_owner_as(mount.get(), *owner);
  if (!restrict_mount(mount.get(), Access::kReadOnly)) return failed(Stage::kRoot, from);
  into.push_back({std::move(mount), protocol::kSandboxProject, true});
  return std::nullopt;
}

Outcome attach(const Prepared& prepared, int root) {
  const Handle place =
      prepared.folder ? make_folder(root, prepared.at) : make_file(root, prepared.at);
  if (!place.valid() || !attach_mount(prepared.mount.get(), place.get()))
    return failed(Stage::kRoot, prepared.at);
  return std::nullopt;
}

Outcome write_files(const SandboxSpec& spec, int root) {
  for (const SandboxSpec::Link& link : spec.links) {
    const std::string relative = link.at.substr(1);
    const std::size_t slash = relative.rfind('/');
    const Handle folder =
        make_folder(root, slash == std::string::npos ? "" : relative.substr(0, slash));
    const std::string name = slash == std::string::npos ? relative : relative.substr(slash + 1);
    if (!folder.valid() ||
        (::symlinkat(link.target.c_str(), folder.get(), name.c_str()) != 0 && errno != EEXIST))
      return failed(Stage::kRoot, link.at);
  }
  for (const SandboxSpec::File& file : spec.files) {
    const Handle made = make_file(root, file.at);
    if (!made.valid() || !write_existing(root, file.at.c_str() + 1, file.content))
      return failed(Stage::kRoot, file.at);
  }
  return std::nullopt;
}

/// All of a root that is no mount.
Outcome fill_root(const SandboxSpec& spec, int root) {
  for (const std::string folder :
       {"dev/pts", "sys", "proc", &protocol::kSandboxHidden[1], &protocol::kSandboxHome[1],
        &protocol::kSandboxTemporary[1], &protocol::kSandboxSharedMemory[1]})
    if (!make_folder(root, folder).valid()) return failed(Stage::kRoot, folder);
  if (!is_in_scratch(spec.project.to) && !make_folder(root, spec.project.to).valid())
    return failed(Stage::kRoot, spec.project.to);
  const std::pair<const char*, const char*> links[] = {{"/proc/self/fd", "dev/fd"},
                                                       {"/proc/self/fd/0", "dev/stdin"},
                                                       {"/proc/self/fd/1", "dev/stdout"},
                                                       {"/proc/self/fd/2", "dev/stderr"},
                                                       {"pts/ptmx", "dev/ptmx"}};
  for (const auto& [target, at] : links)
    if (::symlinkat(target, root, at) != 0) return failed(Stage::kRoot, at);
  return write_files(spec, root);
}

/// From here on the root cannot be written to but by what is given back.
Outcome close_root(Handle& writable_root) {
  writable_root = clone_mount(AT_FDCWD, "/", false);
  if (!writable_root.valid()) return failed(Stage::kRoot, "the root");
  if (::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV,
              nullptr) != 0)
    return failed(Stage::kRoot, "making it read-only");
  return std::nullopt;
}

/// The current folder becomes the root; nothing of the old one stays.
Outcome become_root() {
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return failed(Stage::kRoot, "pivot_root");
  if (::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0)
    return failed(Stage::kRoot, "leaving the old root");
  return std::nullopt;
}

}  // namespace

Outcome build_root(const SandboxSpec& spec, uid_t owner, bool map_owner, Handle& writable_root) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    return failed(Stage::kNamespaces, "cutting the mounts off");
  // All are cloned before the first is covered.
  const std::optional<uid_t> as = map_owner ? std::optional(owner) : std::nullopt;
  std::vector<Prepared> binds;
  std::vector<Prepared> hidden;
  for (const SandboxSpec::Bind& bind : spec.binds) {
    const bool late = is_in_view(spec, bind.to);
    const std::string at =
        late ? protocol::kSandboxLate + std::to_string(&bind - spec.binds.data()) : bind.to;
    if (auto failure = prepare(bind.from, at, Access::kReadOnly, bind.personal ? as : std::nullopt,
                               late ? hidden : binds))
      return failure;
  }
  for (const char* device : protocol::kSandboxDevices)
    if (auto failure = prepare(device, device, Access::kDevice, std::nullopt, binds))
      return failure;
  if (!spec.scratch.empty())
    if (auto failure =
            prepare(spec.scratch, protocol::kSandboxScratch, Access::kReadOnly, as, hidden))
      return failure;
  if (!spec.layers.empty())
    if (auto failure =
            prepare(spec.layers, protocol::kSandboxLayers, Access::kWritable, std::nullopt, hidden))
      return failure;
  if (auto failure = prepare_project(spec, as, hidden)) return failure;
  const Handle proc = clone_mount(AT_FDCWD, "/proc");
  if (!proc.valid()) return failed(Stage::kRoot, "/proc");

  const std::string owned = ",uid=" + std::to_string(owner) + ",gid=" + std::to_string(owner);
  if (::mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, (kRootOptions + owned).c_str()) !=
          0 ||
      ::chdir("/tmp") != 0)
    return failed(Stage::kRoot, "a new root");
  const Handle root(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const Prepared& bind : binds)
    if (auto failure = attach(bind, root.get())) return failure;
  if (auto failure = fill_root(spec, root.get())) return failure;
  if (auto failure = become_root()) return failure;

  // The kernel lets a new /proc be mounted only where one can be seen already: it stays below.
  if (!attach_mount(proc.get(), AT_FDCWD, "/proc")) return failed(Stage::kProc, "the old /proc");

  if (::mount("tmpfs", protocol::kSandboxHidden, "tmpfs", MS_NOSUID | MS_NODEV,
              (kHiddenOptions + owned).c_str()) != 0)
    return failed(Stage::kRoot, "the broker's folder");
  const Handle folder(::open(protocol::kSandboxHidden, O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const Prepared& bind : hidden)
    if (auto failure = attach(bind, folder.get())) return failure;
  return close_root(writable_root);
}

Outcome complete_root(const SandboxSpec& spec, Handle& writable_root) {
  const Handle root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (auto failure = fill_root(spec, root.get())) return failure;
  return close_root(writable_root);
}

}  // namespace nbreplay::launcher
