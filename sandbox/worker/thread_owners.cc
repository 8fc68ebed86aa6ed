#include "thread_owners.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace {

using StartRoutine = void* (*)(void*);
using CreateFunction = int (*)(pthread_t*, const pthread_attr_t*, StartRoutine, void*);

/// Threads beyond this many at a time stay unknown.
constexpr std::size_t kSlots = 4096;
constexpr pid_t kFree = 0;
constexpr pid_t kBeingWritten = -1;

struct Slot {
  std::atomic<pid_t> tid{kFree};
  std::atomic<const void*> owner{nullptr};  ///< An address inside the owner.
};

std::array<Slot, kSlots> g_slots;

/// What a new thread needs to know about itself.
struct Start {
  StartRoutine routine;
  void* argument;
  const void* owner;
};

pid_t thread_id() {
  return static_cast<pid_t>(::syscall(SYS_gettid));
}

Slot* remember(pid_t tid, const void* owner) {
  const std::size_t first = static_cast<std::size_t>(tid) % kSlots;
  for (std::size_t i = 0; i < kSlots; ++i) {
    Slot& slot = g_slots[(first + i) % kSlots];
    pid_t expected = kFree;
    if (!slot.tid.compare_exchange_strong(expected, kBeingWritten)) continue;
    slot.owner.store(owner);
    slot.tid.store(tid);
    return &slot;
  }
  return nullptr;
}

/// Forgets the thread when it ends, pthread_exit and cancellation included: both unwind the stack.
class Entry {
 public:
  explicit Entry(const void* owner) : tid_(thread_id()), slot_(remember(tid_, owner)) {}
  ~Entry() {
    // In a forked child the slot may belong to another thread by now.
    pid_t expected = tid_;
    if (slot_ != nullptr) slot_->tid.compare_exchange_strong(expected, kFree);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

 private:
  const pid_t tid_;
  Slot* const slot_;
};

void* run_thread(void* raw) {
  Start start{};
  {
    const std::unique_ptr<Start> owned(static_cast<Start*>(raw));
    start = *owned;
  }
  const Entry entry(start.owner);
  return start.routine(start.argument);
}

bool starts_with(const char* text, std::string_view prefix) {
  return std::strncmp(text, prefix.data(), prefix.size()) == 0;
}

const char* base_name(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash != nullptr ? slash + 1 : path;
}

enum class Kind { kUnknown, kGlue, kStandardCpp, kOwner };

/// Glue starts threads only for others.
Kind kind_of(const void* address) {
  static const void* const executable = [] {
    Dl_info info{};
    ::dladdr(reinterpret_cast<const void*>(&nbreplay_thread_owner), &info);
    return info.dli_fbase;
  }();
  Dl_info info{};
  if (::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return Kind::kUnknown;
  if (info.dli_fbase == executable) return Kind::kGlue;
  const char* name = base_name(info.dli_fname);
  if (starts_with(name, "libstdc++.so")) return Kind::kStandardCpp;
  for (const char* glue :
       {"libc.so", "libpthread.so", "libpthread-", "libc-", "libgcc_s.so", "ld-"})
    if (starts_with(name, glue)) return Kind::kGlue;
  return Kind::kOwner;
}

const void* calling_library() {
  void* frames[16];
  const int count = ::backtrace(frames, std::size(frames));
  for (int i = 1; i < count; ++i)
    if (kind_of(frames[i]) == Kind::kOwner) return frames[i];
  return nullptr;
}

const void* owner_of(StartRoutine routine, const void* argument) {
  const void* start = reinterpret_cast<const void*>(routine);
  switch (kind_of(start)) {
    case Kind::kOwner:
      return start;
    case Kind::kUnknown:  // compiled at run time: belongs to no library
      return nullptr;
    case Kind::kStandardCpp:
      if (argument != nullptr) {
        const void* table = *static_cast<const void* const*>(argument);
        if (kind_of(table) == Kind::kOwner) return table;
      }
      return calling_library();
    case Kind::kGlue:
      return calling_library();
  }
  return nullptr;
}

/// Only the forking thread exists in a child, and its own number is another one there.
void forget_all() {
  for (Slot& slot : g_slots) slot.tid.store(kFree);
}

/// Before main(), and so before there are threads: what is slow or allocates the first time.
__attribute__((constructor)) void prepare() {
  void* frame = nullptr;
  (void)::backtrace(&frame, 1);
  (void)kind_of(&frame);
  ::pthread_atfork(nullptr, nullptr, &forget_all);
}

CreateFunction real_create() {
  static const auto real = reinterpret_cast<CreateFunction>(::dlsym(RTLD_NEXT, "pthread_create"));
  return real;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int pthread_create(
    pthread_t* thread, const pthread_attr_t* attributes, StartRoutine routine, void* argument) {
  const CreateFunction create = real_create();
  if (create == nullptr) return ENOSYS;
  auto start = std::unique_ptr<Start>(new (std::nothrow)
                                          Start{routine, argument, owner_of(routine, argument)});
  if (start == nullptr) return EAGAIN;
  const int problem = create(thread, attributes, &run_thread, start.get());
  if (problem == 0) (void)start.release();
  return problem;
}

std::size_t nbreplay_thread_owner(pid_t tid, char* path, std::size_t size) {
  if (tid <= 0 || size == 0) return 0;
  for (const Slot& slot : g_slots) {
    if (slot.tid.load() != tid) continue;
    const void* owner = slot.owner.load();
    Dl_info info{};
    if (slot.tid.load() != tid || owner == nullptr || ::dladdr(owner, &info) == 0 ||
        info.dli_fname == nullptr)
      return 0;
    const std::size_t length = std::min(std::strlen(info.dli_fname), size - 1);
    std::memcpy(path, info.dli_fname, length);
    path[length] = '\0';
    return length;
  }
  return 0;
}
