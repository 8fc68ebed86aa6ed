#pragma once

#include "nbreplay/base/stop_request.h"
#include "nbreplay/trial/runner.h"

namespace nbreplay::process {

/// Runs one child at a time, waiting for it. The child leads a process group of its own, which
/// is killed as a whole at the time-out, when a stop is requested, and when the child has ended.
/// A child that wrote more than the cap is killed too: Error kEnvironment. A child that cannot
/// be started is an Error; one that fails is a result.
class BoostChildRunner final : public ChildRunner {
 public:
  /// `stop` is borrowed and may be null.
  explicit BoostChildRunner(const StopRequest* stop = nullptr) : stop_(stop) {}
  [[nodiscard]] Result<ChildResult> run(const ChildCommand& command) override;

 private:
  const StopRequest* stop_;
};

}  // namespace nbreplay::process
