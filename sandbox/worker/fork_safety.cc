#include "fork_safety.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <string_view>

#include "procfs.h"
#include "thread_owners.h"

namespace nbreplay::worker {
namespace {

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_openmp(std::string_view name) {
  for (const std::string_view prefix : {"libgomp", "libomp", "libiomp"})
    if (name.substr(0, prefix.size()) == prefix) return true;
  return false;
}

template <class F>
F function(void* library, const char* name) {
  return reinterpret_cast<F>(::dlsym(library, name));
}

/// Ends the calling thread's pool of one runtime that has been used.
bool pause(const std::string& path) {
  // omp_pause_hard of omp.h: the same in GCC's runtime and in LLVM's, which Intel's is.
  constexpr int kPauseHard = 2;
  void* library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return false;
  const auto most = function<int (*)()>(library, "omp_get_max_threads");
  const auto set_most = function<void (*)(int)>(library, "omp_set_num_threads");
  const auto pause_all = function<int (*)(int)>(library, "omp_pause_resource_all");
  bool paused = false;
  if (most != nullptr && set_most != nullptr && pause_all != nullptr) {
    const int before = most();
    paused = pause_all(kPauseHard) == 0;
    // LLVM's reads the environment again, and forgets what the notebook has set.
    if (most() != before) set_most(before);
  }
  ::dlclose(library);
  return paused;
}

/// A runtime without threads has nothing to end, and one that was never used must stay so: LLVM's
/// reads its environment variables at its first use.
bool may_own_a_thread(const std::string& library, const std::vector<ThreadFacts>& threads) {
  return std::any_of(threads.begin(), threads.end(), [&library](const ThreadFacts& thread) {
    return thread.owner.empty() || thread.owner == library;
  });
}

/// Neither collects a child that has ended nor waits for one.
constexpr int kLook = WEXITED | WNOHANG | WNOWAIT | __WALL;

bool is_child(pid_t pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, kLook) == 0;
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

std::vector<std::string> child_hazards(const std::vector<pid_t>& ours) {
  siginfo_t info{};
  if (::waitid(P_ALL, 0, &info, kLook) != 0 && errno == ECHILD) return {};
  // Kernels need not have /proc/self/task/*/children.
  std::vector<std::string> hazards;
  for (const int pid : numbers_in("/proc")) {
    if (contains<pid_t>(ours, pid) || !is_child(pid)) continue;
    hazards.push_back(
        fmt::format("child process {} ({})", pid, first_line(fmt::format("/proc/{}/comm", pid))));
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

int pause_openmp() {
  const std::vector<ThreadFacts> threads = other_threads();
  int paused = 0;
  for (const std::string& path : mapped_libraries())
    if (is_openmp(base_name(path)) && may_own_a_thread(path, threads) && pause(path)) ++paused;
  return paused;
}

}  // namespace nbreplay::worker
