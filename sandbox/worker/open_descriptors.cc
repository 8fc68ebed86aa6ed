#include "open_descriptors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <map>
#include <string_view>

#include "procfs.h"

namespace nbreplay::worker {
namespace {

std::string link_of(int descriptor) {
  std::array<char, PATH_MAX> target{};
  const std::string link = fmt::format("/proc/self/fd/{}", descriptor);
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  return length < 0 ? "" : std::string(target.data(), static_cast<std::size_t>(length));
}

int flags_of(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return (::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0 ? flags | O_CLOEXEC : flags;
}

bool is_harmless_device(dev_t device) {
  // null, zero, full, random, urandom: without a state that a reader could change.
  return major(device) == 1 && contains<unsigned>({3, 5, 7, 8, 9}, minor(device));
}

/// flock() is shared with a child until either end closes it, fcntl()'s locks are lost there.
bool holds_lock(int descriptor) {
  const TextFile file = open_text(fmt::format("/proc/self/fdinfo/{}", descriptor));
  std::array<char, 512> line{};
  while (file != nullptr && std::fgets(line.data(), line.size(), file.get()) != nullptr)
    if (std::strncmp(line.data(), "lock:", 5) == 0) return true;
  return false;
}

int open_again(const std::string& path, int flags) {
  return ::open(path.c_str(), (flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_CLOEXEC | O_NOCTTY);
}

/// Why a child could not have this file of its own; empty when it could.
std::string file_problem(int descriptor, const struct stat& facts) {
  const std::string path = link_of(descriptor);
  if (facts.st_nlink == 0) return fmt::format("open file without a name ({})", path);
  if (holds_lock(descriptor)) return fmt::format("locked file ({})", path);
  struct stat named {};
  if (::stat(path.c_str(), &named) != 0 || named.st_dev != facts.st_dev ||
      named.st_ino != facts.st_ino)
    return fmt::format("open file that is no longer under its name ({})", path);
  const int again = open_again(path, flags_of(descriptor));
  if (again < 0) return fmt::format("file that cannot be opened again ({})", path);
  ::close(again);
  return "";
}

/// What a descriptor without a name in the file system is: "socket", "eventpoll", "inotify".
std::string kind_of(int descriptor, mode_t mode) {
  if (S_ISSOCK(mode)) return "socket";
  if (S_ISFIFO(mode)) return "pipe";
  const std::string path = link_of(descriptor);
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "device " + path;
  constexpr std::string_view kPrefix = "anon_inode:";
  std::string kind = path.rfind(kPrefix, 0) == 0 ? path.substr(kPrefix.size()) : path;
  std::erase_if(kind, [](char c) { return c == '[' || c == ']'; });
  return kind;
}

std::string descriptor_hazard(int descriptor) {
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) return "";
  if (S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode)) return file_problem(descriptor, facts);
  if (S_ISCHR(facts.st_mode) && is_harmless_device(facts.st_rdev)) return "";
  return fmt::format("open {} (descriptor {})", kind_of(descriptor, facts.st_mode), descriptor);
}

bool is_anonymous_pipe(int descriptor, const struct stat& facts) {
  return S_ISFIFO(facts.st_mode) && link_of(descriptor).rfind("pipe:", 0) == 0;
}

/// The ends of one pipe, all in this process.
bool is_own_and_empty(const std::vector<PipeEnd>& ends) {
  bool reads = false;
  bool writes = false;
  int waiting = 0;
  for (const PipeEnd& end : ends) {
    const int mode = end.flags & O_ACCMODE;
    reads = reads || mode != O_WRONLY;
    writes = writes || mode != O_RDONLY;
    if (mode != O_WRONLY && ::ioctl(end.descriptor, FIONREAD, &waiting) != 0) return false;
  }
  return reads && writes && waiting == 0;
}

/// "" or what went wrong.
std::string put(int from, int descriptor, int flags) {
  const bool placed =
      ::fcntl(from, F_SETFL, flags) == 0 && ::dup3(from, descriptor, flags & O_CLOEXEC) >= 0;
  return placed ? "" : fmt::format("descriptor {}: {}", descriptor, std::strerror(errno));
}

std::string renew_pipe(const std::vector<PipeEnd>& ends) {
  int fresh[2];
  if (::pipe2(fresh, O_CLOEXEC) != 0) return fmt::format("pipe: {}", std::strerror(errno));
  std::string problem;
  for (const PipeEnd& end : ends) {
    struct stat facts {};
    if (::fstat(end.descriptor, &facts) != 0 || !S_ISFIFO(facts.st_mode) ||
        facts.st_ino != end.pipe)
      continue;
    const int side = (end.flags & O_ACCMODE) == O_WRONLY ? fresh[1] : fresh[0];
    if (std::string failed = put(side, end.descriptor, end.flags); !failed.empty())
      problem = std::move(failed);
  }
  ::close(fresh[0]);
  ::close(fresh[1]);
  return problem;
}

std::map<ino_t, std::vector<PipeEnd>> by_pipe(const std::vector<PipeEnd>& ends) {
  std::map<ino_t, std::vector<PipeEnd>> pipes;
  for (const PipeEnd& end : ends) pipes[end.pipe].push_back(end);
  return pipes;
}

}  // namespace

std::vector<std::string> descriptor_hazards(const std::vector<int>& ours) {
  std::vector<int> known = ours;
  for (const PipeEnd& end : own_pipes(ours)) known.push_back(end.descriptor);
  std::vector<std::string> hazards;
  for (const int descriptor : numbers_in("/proc/self/fd")) {
    if (contains(known, descriptor)) continue;
    if (std::string hazard = descriptor_hazard(descriptor); !hazard.empty())
      hazards.push_back(std::move(hazard));
  }
  return hazards;
}

std::vector<OpenFile> open_files(const std::vector<int>& ours) {
  std::vector<OpenFile> files;
  for (const int descriptor : numbers_in("/proc/self/fd")) {
    struct stat facts {};
    if (contains(ours, descriptor) || ::fstat(descriptor, &facts) != 0) continue;
    if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) continue;
    OpenFile file{descriptor, link_of(descriptor), flags_of(descriptor),
                  0,          facts.st_dev,        facts.st_ino};
    // The kernel shows the parent's own number in what a child must read as itself.
    const std::string own = fmt::format("/proc/{}/", ::getpid());
    if (file.path.rfind(own, 0) == 0) file.path = "/proc/self/" + file.path.substr(own.size());
    if ((file.flags & O_PATH) == 0) file.offset = ::lseek(descriptor, 0, SEEK_CUR);
    files.push_back(std::move(file));
  }
  return files;
}

std::string reopen(const std::vector<OpenFile>& files) {
  for (const OpenFile& file : files) {
    struct stat facts {};
    if (::fstat(file.descriptor, &facts) != 0 || facts.st_dev != file.device ||
        facts.st_ino != file.inode)
      continue;
    const int opened = open_again(file.path, file.flags);
    if (opened < 0) return fmt::format("{}: {}", file.path, std::strerror(errno));
    const bool placed = (file.flags & O_PATH) != 0 || file.offset <= 0 ||
                        ::lseek(opened, file.offset, SEEK_SET) == file.offset;
    const bool moved = placed && ::dup3(opened, file.descriptor, file.flags & O_CLOEXEC) >= 0;
    const int problem = errno;
    ::close(opened);
    if (!moved) return fmt::format("{}: {}", file.path, std::strerror(problem));
  }
  return "";
}

std::vector<PipeEnd> own_pipes(const std::vector<int>& ours) {
  std::vector<PipeEnd> ends;
  for (const int descriptor : numbers_in("/proc/self/fd")) {
    struct stat facts {};
    if (contains(ours, descriptor) || ::fstat(descriptor, &facts) != 0) continue;
    if (is_anonymous_pipe(descriptor, facts))
      ends.push_back({descriptor, facts.st_ino, flags_of(descriptor)});
  }
  std::vector<PipeEnd> own;
  for (const auto& [pipe, its_ends] : by_pipe(ends))
    if (is_own_and_empty(its_ends)) own.insert(own.end(), its_ends.begin(), its_ends.end());
  return own;
}

std::string renew_pipes(const std::vector<PipeEnd>& ends) {
  for (const auto& [pipe, its_ends] : by_pipe(ends))
    if (std::string problem = renew_pipe(its_ends); !problem.empty()) return problem;
  return "";
}

}  // namespace nbreplay::worker
