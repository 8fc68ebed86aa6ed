#include "nbreplay/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace nbreplay {
namespace {

/// An owned file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  /// Closes now; false when the system reports a late write error.
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd) == 0;
  }

 private:
  int fd_;
};

Error system_error(const std::string& message) {
  const int problem = errno;
  const char* hint = problem == ENOENT                       ? "check the path"
                     : problem == EACCES || problem == EROFS ? "check the permissions"
                     : problem == ENOSPC                     ? "free some space"
                                                             : "";
  return environment_error(message, std::strerror(problem), hint);
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::string> read_file(const Path& path, Bytes cap) {
  // O_NONBLOCK: opening a FIFO that nobody writes to must not wait.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return system_error(fmt::format("{}: cannot be opened", path.string()));
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0)
    return system_error(fmt::format("{}: cannot be read", path.string()));
  if (S_ISDIR(facts.st_mode))
    return bad_input(fmt::format("{}: is a directory, not a file", path.string()));
  if (!S_ISREG(facts.st_mode))
    return bad_input(fmt::format("{}: is not a regular file", path.string()));
  const auto too_large = [&] {
    return bad_input(fmt::format("{}: is larger than {}", path.string(), format_bytes(cap)));
  };
  if (static_cast<std::uint64_t>(facts.st_size) > cap.count) return too_large();
  std::string content;
  content.resize(static_cast<std::size_t>(facts.st_size));
  std::size_t filled = 0;
  for (;;) {
    // One byte more than expected shows a file that grew meanwhile.
    if (filled == content.size()) content.resize(filled + 4096);
    const ssize_t got = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(fmt::format("{}: cannot be read", path.string()));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > cap.count) return too_large();
  }
  content.resize(filled);
  return content;
}

Status write_file(const Path& path, std::string_view content) {
  const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
  std::string beside = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
  if (file.get() < 0) return system_error(fmt::format("{}: cannot be written", path.string()));
  struct stat old {};
  mode_t mode = 0;
  if (::stat(path.c_str(), &old) == 0) {
    mode = old.st_mode & 07777;
  } else {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    mode = 0666 & ~mask;
  }
  // fsync before rename: otherwise a crash may leave the new name with no content.
  const bool written = write_all(file.get(), content) && ::fchmod(file.get(), mode) == 0 &&
                       ::fsync(file.get()) == 0 && file.close();
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0) {
    const Error error = system_error(fmt::format("{}: cannot be written", path.string()));
    ::unlink(beside.c_str());
    return error;
  }
  return {};
}

}  // namespace nbreplay
