#pragma once

#include "nbreplay/base/clock.h"

namespace nbreplay::test {

/// A clock that only a test moves.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return now_; }
  void advance(Duration by) { now_ += by; }
  void advance_to(TimePoint when) { now_ = when; }

 private:
  TimePoint now_{};
};

}  // namespace nbreplay::test
