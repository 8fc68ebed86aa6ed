#pragma once

#include <sys/types.h>

// A library that makes threads, as wheels have them.

/// A thread that waits until it is ended.
class __attribute__((visibility("default"))) WaitingThread {
 public:
  enum class Kind { kPosix, kStandard };
  explicit WaitingThread(Kind kind);
  ~WaitingThread();
  WaitingThread(const WaitingThread&) = delete;
  WaitingThread& operator=(const WaitingThread&) = delete;

  [[nodiscard]] pid_t tid() const;
  void end();

 private:
  struct State;
  State* state_;
};
