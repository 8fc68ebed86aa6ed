#pragma once

#include <string>
#include <utility>

namespace nbreplay::launcher {

/// An owned descriptor.
class Handle {
 public:
  Handle() = default;
  explicit Handle(int fd) : fd_(fd) {}
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Handle();
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// A detached copy of the mount at `path` (open_tree(2)); invalid with errno set. Without
/// `submounts`, only of the mount itself.
[[nodiscard]] Handle clone_mount(int folder, const char* path, bool submounts = true);

enum class Access { kReadOnly, kWritable, kDevice, kAsIs };

/// Without set-user-id programs and, other than for a device, without devices (mount_setattr(2)).
/// kAsIs changes nothing.
[[nodiscard]] bool restrict_mount(int mount, Access access);

/// Puts a detached mount onto the folder or file that `place` is open on, or that lies at `path`
/// below it.
[[nodiscard]] bool attach_mount(int mount, int place, const char* path = "");

/// Opens a folder at `path` below `root` that may be mounted upon, made as needed. Follows no link:
/// what is on the way may be the notebook's.
[[nodiscard]] Handle make_folder(int root, const std::string& path);
/// The same for an empty file.
[[nodiscard]] Handle make_file(int root, const std::string& path);

/// Writes all of `content` to a small file that is there already.
[[nodiscard]] bool write_existing(int folder, const char* path, const std::string& content);

}  // namespace nbreplay::launcher
