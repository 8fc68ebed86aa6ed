#include "fork_safety.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <climits>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "thread_owners.h"

namespace nbreplay::worker {
namespace {

struct CloseDir {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using Folder = std::unique_ptr<DIR, CloseDir>;
using File = std::unique_ptr<std::FILE, CloseFile>;

/// The entries of a folder of /proc whose names are numbers, without the folder's own descriptor.
std::vector<int> numbers_in(const char* path) {
  std::vector<int> numbers;
  const Folder folder(::opendir(path));
  if (folder == nullptr) return numbers;
  while (const dirent* entry = ::readdir(folder.get())) {
    char* end = nullptr;
    const long number = std::strtol(entry->d_name, &end, 10);
    if (end != entry->d_name && *end == '\0' && number != ::dirfd(folder.get()))
      numbers.push_back(static_cast<int>(number));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string first_line(const std::string& path) {
  const File file(std::fopen(path.c_str(), "re"));
  std::array<char, 512> line{};
  if (file == nullptr || std::fgets(line.data(), line.size(), file.get()) == nullptr) return "";
  std::string text(line.data());
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

template <class T>
bool contains(const std::vector<T>& list, T value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string link_of(int descriptor) {
  std::array<char, PATH_MAX> target{};
  const std::string link = fmt::format("/proc/self/fd/{}", descriptor);
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  return length < 0 ? "" : std::string(target.data(), static_cast<std::size_t>(length));
}

bool is_harmless_device(dev_t device) {
  // null, zero, full, random, urandom: without a state that a reader could change.
  return major(device) == 1 && contains<unsigned>({3, 5, 7, 8, 9}, minor(device));
}

/// flock() is shared with a child until either end closes it, fcntl()'s locks are lost there.
bool holds_lock(int descriptor) {
  const File file(std::fopen(fmt::format("/proc/self/fdinfo/{}", descriptor).c_str(), "re"));
  std::array<char, 512> line{};
  while (file != nullptr && std::fgets(line.data(), line.size(), file.get()) != nullptr)
    if (std::strncmp(line.data(), "lock:", 5) == 0) return true;
  return false;
}

/// Why a child could not have this file of its own; empty when it could.
std::string file_problem(int descriptor, const struct stat& facts, const std::string& path) {
  if (facts.st_nlink == 0) return fmt::format("open file without a name ({})", path);
  if (holds_lock(descriptor)) return fmt::format("locked file ({})", path);
  struct stat named {};
  if (::stat(path.c_str(), &named) != 0 || named.st_dev != facts.st_dev ||
      named.st_ino != facts.st_ino)
    return fmt::format("open file that is no longer under its name ({})", path);
  return "";
}

std::string descriptor_hazard(int descriptor) {
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) return "";
  const std::string path = link_of(descriptor);
  const auto say = [descriptor](std::string_view what) {
    return fmt::format("{} (descriptor {})", what, descriptor);
  };
  switch (facts.st_mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
      return file_problem(descriptor, facts, path);
    case S_IFSOCK:
      return say("open socket");
    case S_IFIFO:
      return say("open pipe");
    case S_IFCHR:
      return is_harmless_device(facts.st_rdev) ? "" : say("open device " + path);
    case S_IFBLK:
      return say("open device " + path);
    default: {
      // "anon_inode:[eventpoll]", "anon_inode:inotify", …
      constexpr std::string_view kPrefix = "anon_inode:";
      std::string kind = path.rfind(kPrefix, 0) == 0 ? path.substr(kPrefix.size()) : path;
      std::erase_if(kind, [](char c) { return c == '[' || c == ']'; });
      return say("open " + kind);
    }
  }
}

bool is_openmp(std::string_view name) {
  for (const std::string_view prefix : {"libgomp", "libomp", "libiomp"})
    if (name.substr(0, prefix.size()) == prefix) return true;
  return false;
}

/// The parent of a process and the process's name, from /proc/PID/stat: "12 (a name) S 1 …".
struct Parentage {
  std::string name;
  pid_t parent = 0;
};
std::optional<Parentage> parentage(pid_t pid) {
  const std::string text = first_line(fmt::format("/proc/{}/stat", pid));
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 4 > text.size())
    return std::nullopt;
  return Parentage{text.substr(open + 1, close - open - 1), std::atoi(text.c_str() + close + 4)};
}

}  // namespace

std::vector<ThreadFacts> other_threads() {
  static const auto owner_of =
      reinterpret_cast<ThreadOwnerFunction>(::dlsym(RTLD_DEFAULT, "nbreplay_thread_owner"));
  const auto self = static_cast<pid_t>(::syscall(SYS_gettid));
  std::vector<ThreadFacts> threads;
  for (const int tid : numbers_in("/proc/self/task")) {
    if (tid == self) continue;
    ThreadFacts facts{tid, first_line(fmt::format("/proc/self/task/{}/comm", tid)), ""};
    if (facts.name.empty()) continue;  // has ended meanwhile
    std::array<char, PATH_MAX> owner{};
    if (owner_of != nullptr)
      facts.owner.assign(owner.data(), owner_of(tid, owner.data(), PATH_MAX));
    threads.push_back(std::move(facts));
  }
  return threads;
}

std::vector<std::string> mapped_libraries() {
  std::vector<std::string> paths;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* list) {
        if (info->dlpi_name != nullptr && info->dlpi_name[0] != '\0')
          static_cast<std::vector<std::string>*>(list)->emplace_back(info->dlpi_name);
        return 0;
      },
      &paths);
  return paths;
}

std::vector<std::string> descriptor_hazards(const std::vector<int>& ours) {
  std::vector<std::string> hazards;
  for (const int descriptor : numbers_in("/proc/self/fd")) {
    if (contains(ours, descriptor)) continue;
    if (std::string hazard = descriptor_hazard(descriptor); !hazard.empty())
      hazards.push_back(std::move(hazard));
  }
  return hazards;
}

std::vector<std::string> map_hazards(const std::vector<std::uintptr_t>& known) {
  std::vector<std::string> hazards;
  const File maps(std::fopen("/proc/self/maps", "re"));
  if (maps == nullptr) return {"the memory map cannot be read"};
  std::array<char, PATH_MAX + 256> line{};
  while (std::fgets(line.data(), line.size(), maps.get()) != nullptr) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    std::array<char, 5> rights{};
    int name = 0;
    if (std::sscanf(line.data(), "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %n", &begin, &end,
                    rights.data(), &name) < 3)
      continue;
    if (rights[1] != 'w' || rights[3] != 's') continue;
    const bool cared_for = std::any_of(known.begin(), known.end(), [&](std::uintptr_t address) {
      return begin <= address && address < end;
    });
    if (cared_for) continue;
    std::string path(line.data() + name);
    while (!path.empty() && path.back() == '\n') path.pop_back();
    hazards.push_back(fmt::format("shared memory ({})", path.empty() ? "anonymous" : path));
  }
  return hazards;
}

std::vector<std::string> child_hazards(const std::vector<pid_t>& ours) {
  siginfo_t info{};
  constexpr int kLook = WEXITED | WNOHANG | WNOWAIT | __WALL;
  if (::waitid(P_ALL, 0, &info, kLook) != 0 && errno == ECHILD) return {};
  // /proc/self/task/*/children would be quicker; kernels need not have it.
  std::vector<std::string> hazards;
  const pid_t self = ::getpid();
  for (const int pid : numbers_in("/proc")) {
    if (contains<pid_t>(ours, pid)) continue;
    const auto facts = parentage(pid);
    if (facts && facts->parent == self)
      hazards.push_back(fmt::format("child process {} ({})", pid, facts->name));
  }
  return hazards;
}

std::vector<std::string> timer_hazards() {
  std::vector<std::string> hazards;
  for (const auto which : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) {
    itimerval timer{};
    if (::getitimer(which, &timer) == 0 &&
        (timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0))
      hazards.emplace_back("running interval timer");
  }
  // Missing where the kernel was built without it: then timers of this kind go unseen.
  if (!first_line("/proc/self/timers").empty()) hazards.emplace_back("timer of timer_create()");
  return hazards;
}

std::vector<OpenFile> open_files(const std::vector<int>& ours) {
  std::vector<OpenFile> files;
  for (const int descriptor : numbers_in("/proc/self/fd")) {
    struct stat facts {};
    if (contains(ours, descriptor) || ::fstat(descriptor, &facts) != 0) continue;
    if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) continue;
    OpenFile file{descriptor, link_of(descriptor), ::fcntl(descriptor, F_GETFL), 0};
    if ((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0) file.flags |= O_CLOEXEC;
    // A kernel shows the parent's own number in what a child must read as itself.
    const std::string own = fmt::format("/proc/{}/", ::getpid());
    if (file.path.rfind(own, 0) == 0) file.path = "/proc/self/" + file.path.substr(own.size());
    if ((file.flags & O_PATH) == 0) file.offset = ::lseek(descriptor, 0, SEEK_CUR);
    files.push_back(std::move(file));
  }
  return files;
}

std::string reopen(const std::vector<OpenFile>& files) {
  for (const OpenFile& file : files) {
    const int flags = (file.flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_CLOEXEC | O_NOCTTY;
    const int opened = ::open(file.path.c_str(), flags);
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

int pause_openmp() {
  // omp_pause_hard of omp.h: the same in GCC's runtime and in LLVM's, which Intel's is.
  constexpr int kPauseHard = 2;
  int paused = 0;
  for (const std::string& path : mapped_libraries()) {
    if (!is_openmp(base_name(path))) continue;
    void* library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (library == nullptr) continue;
    using PauseFunction = int (*)(int);
    auto pause = reinterpret_cast<PauseFunction>(::dlsym(library, "omp_pause_resource_all"));
    if (pause != nullptr && pause(kPauseHard) == 0) ++paused;
    ::dlclose(library);
  }
  return paused;
}

}  // namespace nbreplay::worker
