#include "process/copy_out.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "process/descriptor.h"

namespace nbreplay::process {
namespace {

/// Folders in folders, beyond which nothing is copied.
constexpr std::size_t kDeepest = 100;
constexpr std::size_t kMostLeftOut = 100;

std::string_view kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a link";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

class CopyOut {
 public:
  CopyOut(CopiedOut& result, Bytes most) : result_(result), most_(most) {}

  Status folder(Descriptor from, int to, const std::string& prefix, std::size_t depth) {
    DIR* stream = ::fdopendir(from.get());
    if (stream == nullptr) return cannot(prefix);
    static_cast<void>(from.release());
    const std::unique_ptr<DIR, int (*)(DIR*)> open(stream, &::closedir);
    while (const dirent* found = ::readdir(stream)) {
      const std::string name = found->d_name;
      if (name == "." || name == "..") continue;
      NBREPLAY_TRY_VOID(entry(::dirfd(stream), to, name, prefix + name, depth));
    }
    return {};
  }

 private:
  static Error cannot(const std::string& path) {
    return environment_error(fmt::format("'{}' cannot be copied", path), std::strerror(errno));
  }

  void leave_out(const std::string& path, std::string_view why) {
    if (result_.left_out.size() < kMostLeftOut)
      result_.left_out.push_back(fmt::format("{} ({})", path, why));
  }

  Status entry(int from, int to, const std::string& name, const std::string& path,
               std::size_t depth) {
    struct stat facts {};
    if (::fstatat(from, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return {};
    // How an overlay says that the notebook removed something of the project's.
    if (S_ISCHR(facts.st_mode) && facts.st_rdev == 0) {
      leave_out(path, "removed by the notebook");
      return {};
    }
    if (S_ISREG(facts.st_mode)) return file(from, to, name, path);
    if (!S_ISDIR(facts.st_mode)) {
      leave_out(path, kind_of(facts.st_mode));
      return {};
    }
    if (depth >= kDeepest) {
      leave_out(path, "too deep");
      return {};
    }
    constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    Descriptor inner(::openat(from, name.c_str(), kFolder));
    if (!inner.valid()) {
      leave_out(path, std::strerror(errno));
      return {};
    }
    if (::mkdirat(to, name.c_str(), 0755) != 0 && errno != EEXIST) return cannot(path);
    const Descriptor target(::openat(to, name.c_str(), kFolder));
    if (!target.valid()) return cannot(path);
    return folder(std::move(inner), target.get(), path + "/", depth + 1);
  }

  Status file(int from, int to, const std::string& name, const std::string& path) {
    // Without waiting: what was a file may be a FIFO by now.
    const Descriptor source(
        ::openat(from, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat facts {};
    if (!source.valid() || ::fstat(source.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
      leave_out(path, "it cannot be read");
      return {};
    }
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    if (size > most_.count - result_.size.count) {
      leave_out(path, fmt::format("more than {} in all", format_bytes(most_)));
      return {};
    }
    const Descriptor target(::openat(to, name.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                     0644 | (facts.st_mode & S_IXUSR)));
    if (!target.valid() && errno == EEXIST) {
      leave_out(path, "it is there already");
      return {};
    }
    if (!target.valid()) return cannot(path);
    for (std::uint64_t left = size; left > 0;) {
      const ssize_t sent = ::sendfile(target.get(), source.get(), nullptr, left);
      if (sent < 0) return cannot(path);
      if (sent == 0) break;
      left -= std::min<std::uint64_t>(left, static_cast<std::uint64_t>(sent));
    }
    ++result_.files;
    result_.size.count += size;
    return {};
  }

  CopiedOut& result_;
  Bytes most_;
};

}  // namespace

Result<CopiedOut> copy_out(int from, const Path& to, Bytes most) {
  std::error_code failed;
  std::filesystem::create_directories(to, failed);
  const Descriptor target(::open(to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (failed || !target.valid())
    return environment_error(fmt::format("{}: no folder that files can be kept in", to.string()),
                             failed ? failed.message() : std::strerror(errno),
                             "name another folder with --keep-files");
  CopiedOut result;
  Descriptor source(::openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  NBREPLAY_TRY_VOID(CopyOut(result, most).folder(std::move(source), target.get(), "", 0));
  return result;
}

}  // namespace nbreplay::process
