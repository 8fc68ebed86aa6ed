#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/clock.h"
#include "nbreplay/base/file.h"
#include "nbreplay/crash/crash.h"
#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/runner.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay {

/// "passed", "failed" (the notebook raised, died or ran out of its limits), "error" (it could not
/// be run at all), "skipped" (not a Python notebook, or nothing to run).
enum class TestStatus { kPassed, kFailed, kError, kSkipped };
[[nodiscard]] std::string_view to_string(TestStatus status);

/// One notebook under test.
struct TestResult {
  Path notebook;
  std::string sha256;  ///< This and the next four: empty when the notebook could not be run.
  std::size_t code_cells = 0;
  std::shared_ptr<const Environment> environment;
  Limits limits;
  std::optional<std::uint64_t> seed;
  TestStatus status = TestStatus::kError;
  Duration wall{};
  std::size_t trials = 0;          ///< Runs: one, or none when it was not run.
  Origin origin = Origin::kFresh;  ///< Or warm.
  std::size_t cells_run = 0;
  bool ended_by_budget = false;
  bool interrupted = false;
  std::optional<std::size_t> failed_cell;     ///< Index over all cells.
  std::optional<std::size_t> failed_ordinal;  ///< Of that cell, from 1.
  std::optional<Crash> observed;              ///< What that cell raised, if it raised.
  std::string summary;    ///< One line: "KeyError: 'tenure'", "cell time-out", why skipped.
  std::string traceback;  ///< Plain text, a frame a line; empty when nothing raised.
  std::string cause;      ///< With --diagnose: what was found, one line.
};

/// Judges a run of the whole notebook: passes when nothing raised that was not allowed to, and
/// every cell was reached.
[[nodiscard]] TestResult judge_test(const Notebook& notebook, const Trial& trial,
                                    const Outcome& outcome);

/// A plain-text traceback of a crash, innermost frame last, safe for a terminal.
[[nodiscard]] std::string plain_traceback(const Crash& crash);

struct TestTotals {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
};
[[nodiscard]] TestTotals totals(const std::vector<TestResult>& results);

}  // namespace nbreplay
