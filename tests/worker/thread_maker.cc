#include "thread_maker.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <future>
#include <thread>

struct WaitingThread::State {
  std::promise<pid_t> started;
  std::promise<void> ending;
  std::thread standard;
  pthread_t posix{};
  pid_t tid = 0;

  void run() {
    started.set_value(static_cast<pid_t>(::syscall(SYS_gettid)));
    ending.get_future().wait();
  }
  static void* run_posix(void* self) {
    static_cast<State*>(self)->run();
    return nullptr;
  }
};

WaitingThread::WaitingThread(Kind kind) : state_(new State) {
  if (kind == Kind::kPosix) {
    ::pthread_create(&state_->posix, nullptr, &State::run_posix, state_);
  } else {
    state_->standard = std::thread([state = state_] { state->run(); });
  }
  state_->tid = state_->started.get_future().get();
}

WaitingThread::~WaitingThread() {
  end();
  delete state_;
}

pid_t WaitingThread::tid() const {
  return state_->tid;
}

void WaitingThread::end() {
  if (!state_->standard.joinable() && state_->posix == pthread_t{}) return;
  state_->ending.set_value();
  if (state_->standard.joinable()) {
    state_->standard.join();
  } else {
    ::pthread_join(state_->posix, nullptr);
  }
  state_->posix = {};
}
