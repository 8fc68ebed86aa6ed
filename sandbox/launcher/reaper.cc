#include "reaper.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace nbreplay::launcher {
namespace {

/// Of processes that are to be stopped first: with every look those that are left are fewer, but a
/// hostile run may wake them again.
constexpr int kMostLooks = 50;

void drain(int wakeup) {
  char discard[1024];
  [[maybe_unused]] const ssize_t ignored = ::read(wakeup, discard, sizeof discard);
}

/// Of proc_pid_stat(5); 'X' when there is no such process.
struct ProcessState {
  char letter = 'X';
  int threads = 0;
};

ProcessState state_of(pid_t pid) {
  ProcessState state;
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d/stat", static_cast<int>(pid));
  std::FILE* stat = std::fopen(path, "re");
  if (stat == nullptr) return state;
  char text[1024];
  const std::size_t size = std::fread(text, 1, sizeof text - 1, stat);
  std::fclose(stat);
  text[size] = '\0';
  // The name, in parentheses, may hold anything. Threads are field 20, the letter is field 3.
  const char* name_end = std::strrchr(text, ')');
  if (name_end != nullptr)
    std::sscanf(name_end + 1,
                " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d",
                &state.letter, &state.threads);
  return state;
}

/// Whether a process has ended and only waits to be collected. One whose first thread alone has
/// ended looks alike but for the number of threads.
bool is_over(const ProcessState& state) {
  return state.letter == 'X' || (state.letter == 'Z' && state.threads <= 1);
}

/// What a runner stopped of the processes that it came from, or that it made of itself. Only those,
/// for it may have left a handler for the signal.
void wake(pid_t pid) {
  if (state_of(pid).letter == 'T') ::kill(pid, SIGCONT);
}

/// What System V objects a run left in this process's own namespace (a runner's would meet the next
/// one): they belong to no process. Indices go up to what the first call of each kind says.
void remove_shared_objects() {
  shm_info segments{};
  const int most = ::shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds*>(&segments));
  for (int index = 0; index <= most; ++index) {
    shmid_ds facts{};
    if (const int id = ::shmctl(index, SHM_STAT, &facts); id >= 0) ::shmctl(id, IPC_RMID, nullptr);
  }
  msginfo queues{};
  const int most_queues = ::msgctl(0, MSG_INFO, reinterpret_cast<msqid_ds*>(&queues));
  for (int index = 0; index <= most_queues; ++index) {
    msqid_ds facts{};
    if (const int id = ::msgctl(index, MSG_STAT, &facts); id >= 0) ::msgctl(id, IPC_RMID, nullptr);
  }
  seminfo semaphores{};
  const int most_sets = ::semctl(0, 0, SEM_INFO, &semaphores);
  for (int index = 0; index <= most_sets; ++index) {
    semid_ds facts{};
    if (const int id = ::semctl(index, 0, SEM_STAT, &facts); id >= 0) ::semctl(id, 0, IPC_RMID);
  }
}

}  // namespace

void Reaper::keep(pid_t pid) {
  Handle handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (handle.valid()) kept_[pid] = std::move(handle);
}

bool Reaper::is_kept(pid_t pid) const {
  const auto found = kept_.find(pid);
  if (found == kept_.end()) return false;
  // Ended, whoever has collected it: its number may be somebody else's by now.
  pollfd ended{found->second.get(), POLLIN, 0};
  return ::poll(&ended, 1, 0) == 0;
}

bool Reaper::reap() {
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid == 0) return true;
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) return false;
    if (pid == worker_) worker_status_ = status;
  }
}

// As process 1 of a namespace everything else in it is ours, and its numbers cannot go to a
// stranger.
int Reaper::signal_all(int number, bool spare_kept) const {
  // At one blow, which nothing that forks can run away from.
  if (!spare_kept) return static_cast<int>(::kill(-1, number) == 0);
  DIR* all = ::opendir("/proc");
  if (all == nullptr) return 0;
  int count = 0;
  while (const dirent* entry = ::readdir(all)) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 1 || pid == worker_ || is_kept(pid)) continue;
    const ProcessState state = state_of(pid);
    if (is_over(state) || (number == SIGSTOP && state.letter == 'T')) continue;
    ::kill(pid, number);
    ++count;
  }
  ::closedir(all);
  return count;
}

// Only direct children are signalled: their numbers are ours until we reap them, so no stranger
// can be hit. A grandchild becomes a child as soon as its parent is dead (PR_SET_CHILD_SUBREAPER),
// whatever session or group it has moved to, and is found by the next round.
int Reaper::signal_children(int number, bool spare_kept) const {
  if (::getpid() == 1) return signal_all(number, spare_kept);
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/children", static_cast<int>(::getpid()));
  std::FILE* list = std::fopen(path, "re");
  if (list == nullptr) {
    // A kernel without CONFIG_PROC_CHILDREN: the worker's own group is what can be reached.
    if (group() && !spare_kept) ::kill(-worker_, number);
    return 0;
  }
  int pid = 0;
  int count = 0;
  while (std::fscanf(list, "%d", &pid) == 1) {
    if (spare_kept && (pid == worker_ || is_kept(pid))) continue;
    ::kill(pid, number);
    ++count;
  }
  std::fclose(list);
  return count;
}

/// Where a fork bomb has used up its processes, killing one makes room for another. A stopped one
/// takes up its room and forks no more: once all are, they can be killed.
void Reaper::stop_others() const {
  for (int look = 0; look < kMostLooks; ++look)
    if (signal_all(SIGSTOP, true) == 0) return;
}

// The list may miss some while they come and go: two looks have to find none.
bool Reaper::tidy(int wakeup) {
  if (::getpid() == 1) stop_others();
  std::erase_if(kept_, [&](const auto& kept) { return !is_kept(kept.first); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (int clean = 0; clean < 2;) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    reap();
    if (signal_children(SIGKILL, true) == 0) {
      ++clean;
      continue;
    }
    clean = 0;
    pollfd waiting{wakeup, POLLIN, 0};
    ::poll(&waiting, 1, 5);
    drain(wakeup);
  }
  if (::getpid() == 1) remove_shared_objects();
  wake(worker_);
  for (const auto& [kept, handle] : kept_) wake(kept);
  return true;
}

void Reaper::settle(int wakeup, int commands) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  if (const auto worker = group()) ::kill(*worker, SIGKILL);
  pollfd waiting[2] = {{wakeup, POLLIN, 0}, {commands, POLLIN, 0}};
  while (reap() && waiting[1].revents == 0 && std::chrono::steady_clock::now() < deadline) {
    // A tracker ignores it. Without effect on the worker, which is dead or dying.
    signal_children(SIGTERM);
    ::poll(waiting, 2, 10);
    drain(wakeup);
  }
}

// The list of children may miss some while they come and go; that waitpid knows no child at all
// is what ends the loop, and it is exact: every living descendant hangs below a child of ours.
bool Reaper::clear(int wakeup) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (reap()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    signal_children(SIGKILL);
    pollfd waiting{wakeup, POLLIN, 0};
    ::poll(&waiting, 1, 5);
    drain(wakeup);
  }
  return true;
}

}  // namespace nbreplay::launcher
