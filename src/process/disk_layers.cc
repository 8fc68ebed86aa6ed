#include "process/disk_layers.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "nbreplay/protocol/launch.h"

namespace nbreplay::process {
namespace {

/// For the user that the sandbox is outside, and nobody else.
bool make_folder(const Path& path) {
  const bool root = ::geteuid() == 0;
  const uid_t user = root ? protocol::kNobody : ::geteuid();
  const gid_t group = root ? protocol::kNobody : ::getegid();
  // The group also where the folder above hands on its own, which the sandbox does not know.
  return ::mkdir(path.c_str(), 0700) == 0 && ::chown(path.c_str(), user, group) == 0 &&
         ::chmod(path.c_str(), 0700) == 0;
}

/// Why no layer can lie there; empty: it can, as far as can be told without trying.
std::string unfit(const Path& folder) {
  struct statfs facts {};
  if (::statfs(folder.c_str(), &facts) != 0) return std::strerror(errno);
  if (facts.f_type == OVERLAYFS_SUPER_MAGIC) return "it is an overlay itself";
  if (::setxattr(folder.c_str(), "user.nbreplay", "1", 1, 0) != 0)
    return fmt::format("no attributes: {}", std::strerror(errno));
  return "";
}

}  // namespace

Result<DiskLayers> DiskLayers::create(const Path& project, bool bubblewrap) {
  std::string why;
  const auto refuse = [&](const Path& place, const std::string& reason) {
    why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", place.string(), reason);
  };
  for (const Path& place : scratch_places()) {
    auto scratch = ScratchFolder::create(place);
    if (!scratch) {
      refuse(place, scratch.error().cause);
      continue;
    }
    const Path& folder = (*scratch)->path();
    // Layers of an overlay may not lie in each other.
    if (is_within(folder, project)) {
      refuse(place, "it is in the project");
      continue;
    }
    DiskLayers made(std::move(*scratch), folder / "layers");
    const bool reachable = !bubblewrap || ::geteuid() != 0 || ::chmod(folder.c_str(), 0711) == 0;
    if (!reachable || !make_folder(made.path_)) {
      refuse(place, std::strerror(errno));
      continue;
    }
    const std::string reason = unfit(made.path_);
    if (reason.empty()) return made;
    refuse(place, reason);
  }
  return environment_error("no folder can hold what runs write", why,
                           "set TMPDIR to a folder on ext4, XFS or Btrfs");
}

Path DiskLayers::layer(std::uint32_t number) const {
  return path_ / std::to_string(number);
}

void DiskLayers::remove(const std::vector<std::uint32_t>& numbers) const {
  for (const std::uint32_t number : numbers)
    [[maybe_unused]] const Status removed = remove_tree(layer(number));
}

}  // namespace nbreplay::process
