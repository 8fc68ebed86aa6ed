#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nbreplay/process/worker_trial_runner.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay::bench {

using Sources = std::vector<std::string>;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// What runs before the cell that is measured, with a snapshot after every cell.
struct Prefix {
  Sources cells;
  /// Whether each cell is executed by a process that was forked from the snapshot before it (a
  /// generation per cell), or all by one.
  bool forked_after_each = false;
};

/// Where everything is measured: an environment, and a project that holds nothing but a notebook.
class Stage {
 public:
  explicit Stage(const Path& environment);
  ~Stage();

  /// One execution per source.
  [[nodiscard]] Trial trial(const Sources& sources) const;
  /// One job, a snapshot after every cell.
  [[nodiscard]] process::RunnerSettings settings() const;

 private:
  Path folder_;
  std::shared_ptr<const Environment> environment_;
  std::shared_ptr<const Project> project_;
};

/// A duration is worth nothing when what it took did not succeed: says why and ends the program.
[[noreturn]] void fail(const std::string& why);
/// The value, or `fail` with its error.
template <typename T>
T or_fail(Result<T> result) {
  if (!result) fail(result.error().message + ": " + result.error().cause);
  return std::move(*result);
}

[[nodiscard]] double median(std::vector<double> numbers);

}  // namespace nbreplay::bench
