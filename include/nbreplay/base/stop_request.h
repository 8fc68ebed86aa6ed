#pragma once

#include <atomic>

namespace nbreplay {

/// Asks everything that runs to finish early, keeping its best result so far.
///
/// One per command, owned by `cli`, which sets it from the signal handler: `request` is
/// async-signal-safe and may be called from any thread; the first reason stays.
class StopRequest {
 public:
  enum class Reason : int { kNone = 0, kInterrupt = 1, kBudget = 2 };

  void request(Reason reason) noexcept {
    int none = 0;
    reason_.compare_exchange_strong(none, static_cast<int>(reason));
  }
  [[nodiscard]] bool requested() const noexcept { return reason() != Reason::kNone; }
  [[nodiscard]] Reason reason() const noexcept {
    return static_cast<Reason>(reason_.load(std::memory_order_relaxed));
  }

 private:
  std::atomic<int> reason_{0};
  static_assert(std::atomic<int>::is_always_lock_free);
};

}  // namespace nbreplay
