#include "mounts.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace nbreplay::launcher {
namespace {

/// The folder that is to hold the last part of `path`, and that part.
struct Place {
  Handle folder;
  std::string name;
};

Handle open_folder(int parent, const char* name) {
  return Handle(::openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Place make_parents(int root, const std::string& path) {
  Place place{open_folder(root, "."), ""};
  std::size_t at = 0;
  while (place.folder.valid()) {
    const std::size_t start = path.find_first_not_of('/', at);
    if (start == std::string::npos) break;
    at = std::min(path.find('/', start), path.size());
    if (!place.name.empty()) {
      if (::mkdirat(place.folder.get(), place.name.c_str(), 0755) != 0 && errno != EEXIST)
        return {};
      place.folder = open_folder(place.folder.get(), place.name.c_str());
    }
    place.name = path.substr(start, at - start);
  }
  return place;
}

}  // namespace

Handle::~Handle() {
  if (fd_ >= 0) ::close(fd_);
}

Handle clone_mount(int folder, const char* path, bool submounts) {
  const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (submounts ? AT_RECURSIVE : 0U) |
                         (*path == '\0' ? AT_EMPTY_PATH : 0U);
  return Handle(static_cast<int>(::syscall(SYS_open_tree, folder, path, flags)));
}

bool restrict_mount(int mount, Access access) {
  if (access == Access::kAsIs) return true;
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID;
  if (access != Access::kDevice) attributes.attr_set |= MOUNT_ATTR_NODEV;
  if (access == Access::kReadOnly) attributes.attr_set |= MOUNT_ATTR_RDONLY;
  return ::syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                   sizeof attributes) == 0;
}

bool attach_mount(int mount, int place, const char* path) {
  const unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | (*path == '\0' ? MOVE_MOUNT_T_EMPTY_PATH : 0U);
  return ::syscall(SYS_move_mount, mount, "", place, path, flags) == 0;
}

Handle make_folder(int root, const std::string& path) {
  const Place place = make_parents(root, path);
  if (!place.folder.valid()) return {};
  if (place.name.empty()) return open_folder(place.folder.get(), ".");
  if (::mkdirat(place.folder.get(), place.name.c_str(), 0755) != 0 && errno != EEXIST) return {};
  return open_folder(place.folder.get(), place.name.c_str());
}

Handle make_file(int root, const std::string& path) {
  const Place place = make_parents(root, path);
  if (!place.folder.valid() || place.name.empty()) return {};
  const Handle made(::openat(place.folder.get(), place.name.c_str(),
                             O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!made.valid()) return {};
  return Handle(::openat(place.folder.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

bool write_existing(int folder, const char* path, const std::string& content) {
  const Handle file(::openat(folder, path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  return file.valid() && ::write(file.get(), content.data(), content.size()) ==
                             static_cast<ssize_t>(content.size());
}

}  // namespace nbreplay::launcher
