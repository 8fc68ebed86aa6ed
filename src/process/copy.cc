#include "process/copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

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

/// Makes every folder below `path` one that can be emptied.
void open_up(const Path& path) {
  std::error_code failed;
  const auto status = std::filesystem::symlink_status(path, failed);
  if (failed || status.type() != std::filesystem::file_type::directory) return;
  ::chmod(path.c_str(), S_IRWXU);
  for (std::filesystem::directory_iterator entry(path, failed), end; !failed && entry != end;
       entry.increment(failed))
    open_up(entry->path());
}

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
  if (failed) {
    open_up(path);
    std::filesystem::remove_all(path, failed);
  }
  if (failed)
    return environment_error(fmt::format("{}: cannot be removed", path.string()), failed.message(),
                             "remove the folder by hand");
  return {};
}

}  // namespace nbreplay::process
