#include "process/copy.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process/descriptor.h"

namespace nbreplay::process {
namespace {

Error copy_error(const Path& from, std::string_view what) {
  const char* reason = std::strerror(errno);
  return environment_error(
      fmt::format("{}: {} while copying the project", from.string(), what), reason,
      errno == ENOSPC ? "free some space, or set TMPDIR to a larger disk" : "");
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// For files and systems where copy_file_range does not work (across mounts before Linux 5.3,
/// files of /proc).
bool copy_by_reading(int from, int to) {
  std::array<char, 128 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    if (!write_all(to, {buffer.data(), static_cast<std::size_t>(got)})) return false;
  }
}

bool copy_content(int from, int to) {
  if (::ioctl(to, FICLONE, from) == 0) return true;
  for (bool first = true;; first = false) {
    const ssize_t copied = ::copy_file_range(from, nullptr, to, nullptr, 1U << 30, 0);
    if (copied > 0) continue;
    if (copied == 0 && !first) return true;
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0 && (errno == ENOSPC || errno == EIO || errno == EFBIG)) return false;
    return copy_by_reading(from, to);
  }
}

/// Removes a folder that std::filesystem cannot: whose folders forbid it, or lie so deep in each
/// other that there are too few descriptors for them, or no path that names them. What is in the
/// folders of the top is moved up beside them, level by level.
class StubbornRemoval {
 public:
  explicit StubbornRemoval(const Path& top) : path_(top) {
    struct stat facts {};
    if (::lstat(top.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return;
    ::chmod(top.c_str(), S_IRWXU);
    top_ = Descriptor(::open(top.c_str(), kOpenFolder));
  }

  bool run() {
    for (;;) {
      const auto names = names_in(top_.get());
      if (!names) return false;
      if (names->empty()) return ::rmdir(path_.c_str()) == 0;
      for (const std::string& name : *names)
        if (!removed(top_.get(), name) && !(emptied(name) && removed(top_.get(), name)))
          return false;
    }
  }

 private:
  static constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

  static bool removed(int folder, const std::string& name) {
    return ::unlinkat(folder, name.c_str(), 0) == 0 ||
           ::unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0;
  }

  static bool open_up(int folder, const std::string& name) {
    struct stat facts {};
    return ::fstatat(folder, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(facts.st_mode) && ::fchmodat(folder, name.c_str(), S_IRWXU, 0) == 0;
  }

  static std::optional<std::vector<std::string>> names_in(int folder) {
    const int again = ::openat(folder, ".", kOpenFolder);
    const std::unique_ptr<DIR, int (*)(DIR*)> open(again < 0 ? nullptr : ::fdopendir(again),
                                                   &::closedir);
    if (!open) return std::nullopt;
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(open.get())) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    return names;
  }

  bool emptied(const std::string& name) {
    if (!open_up(top_.get(), name)) return false;
    const Descriptor folder(::openat(top_.get(), name.c_str(), kOpenFolder));
    const auto children = names_in(folder.get());
    if (!children) return false;
    for (const std::string& child : *children)
      if (!removed(folder.get(), child) && !moved_up(folder.get(), child)) return false;
    return true;
  }

  bool moved_up(int folder, const std::string& name) {
    if (!open_up(folder, name)) return false;
    for (;;) {
      const std::string fresh = fmt::format("moved-{}", ++moved_);
      if (::renameat(folder, name.c_str(), top_.get(), fresh.c_str()) == 0) return true;
      if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) return false;
    }
  }

  Path path_;
  Descriptor top_;
  std::uint64_t moved_ = 0;
};

}  // namespace

Result<Stamp> copy_file(const Path& from, const Stamp& expected, const Path& to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat facts {};
  if (!source.valid() || ::fstat(source.get(), &facts) != 0)
    return copy_error(from, "it cannot be opened");
  if (stamp_of(facts) != expected)
    return usage_error(fmt::format("{}: changed while nbreplay was running", from.string()),
                       "run the command again, and leave the project alone meanwhile");
  const Descriptor copy(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!copy.valid()) return copy_error(from, "its copy cannot be made");
  if (!copy_content(source.get(), copy.get())) return copy_error(from, "it cannot be copied");
  const timespec times[2] = {facts.st_atim, facts.st_mtim};
  if (::fchmod(copy.get(), facts.st_mode & 0777) != 0 || ::futimens(copy.get(), times) != 0 ||
      ::fstat(copy.get(), &facts) != 0)
    return copy_error(from, "its copy cannot be finished");
  return stamp_of(facts);
}

Status remove_tree(const Path& path) {
  std::error_code failed;
  std::filesystem::remove_all(path, failed);
  if (failed && !StubbornRemoval(path).run())
    return environment_error(fmt::format("{}: cannot be removed", path.string()), failed.message(),
                             "remove the folder by hand");
  return {};
}

}  // namespace nbreplay::process
