#pragma once

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "nbreplay/protocol/launch.h"

namespace nbreplay::launcher {

using Stage = protocol::LaunchReport::Stage;

/// Why nothing runs.
struct Failure {
  Stage stage = Stage::kFork;
  int error = 0;     ///< errno
  std::string what;  ///< The folder or call, where the stage alone does not say.
};

/// Nothing when all went well.
using Outcome = std::optional<Failure>;

/// Of the call that has just failed.
[[nodiscard]] inline Failure failed(Stage stage, std::string what = {}) {
  const int error = errno;
  return Failure{stage, error, std::move(what)};
}

/// As it is sent.
[[nodiscard]] inline protocol::LaunchReport failure_report(const Failure& failure) {
  protocol::LaunchReport report;
  report.kind = protocol::LaunchReport::Kind::kFailed;
  report.value = failure.error;
  report.detail = static_cast<std::int32_t>(failure.stage);
  failure.what.copy(report.what, sizeof report.what - 1);
  return report;
}

}  // namespace nbreplay::launcher
