#include "dead_ends.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "mounts.h"

namespace nbreplay::launcher {
namespace {

using protocol::is_in_view;

/// An overlay without an upper layer must have two lower ones.
constexpr const char* kEmpty = "e";

bool set_option(const Handle& context, unsigned command, const char* name, const char* value) {
  return ::syscall(SYS_fsconfig, context.get(), command, name, value, 0) == 0;
}

/// A detached one over the folder that `lower` is open on; invalid with errno set. The folder is
/// named by its descriptor, for a path may hold what separates options. Without `userxattr`: no
/// attribute of the person's files means anything to it.
Handle make_overlay(const Handle& lower) {
  const std::string layers = "/proc/self/fd/" + std::to_string(lower.get()) + ":" + kEmpty;
  const Handle context(static_cast<int>(::syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  if (!context.valid() || !set_option(context, FSCONFIG_SET_STRING, "lowerdir", layers.c_str()) ||
      !set_option(context, FSCONFIG_CMD_CREATE, nullptr, nullptr))
    return {};
  return Handle(
      static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC,
                                 MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)));
}

}  // namespace

Outcome make_dead_ends(const protocol::SandboxSpec& spec, std::vector<PlainFolder>& plain) {
  if (::mkdir(kEmpty, 0755) != 0) return failed(Stage::kRoot, kEmpty);
  for (std::size_t i = 0; i < spec.binds.size(); ++i) {
    const protocol::SandboxSpec::Bind& bind = spec.binds[i];
    if (!bind.personal) continue;
    const std::string at =
        is_in_view(spec, bind.to) ? protocol::kSandboxLate + std::to_string(i) : bind.to;
    const Handle folder(::open(at.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid() && (errno == ENOENT || errno == ENOTDIR)) continue;
    if (!folder.valid()) return failed(Stage::kRoot, bind.to);
    const Handle overlay = make_overlay(folder);
    if (!overlay.valid()) {
      plain.push_back({bind.to, errno});
    } else if (!attach_mount(overlay.get(), folder.get())) {
      return failed(Stage::kRoot, bind.to);
    }
  }
  return std::nullopt;
}

}  // namespace nbreplay::launcher
