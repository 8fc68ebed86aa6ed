#pragma once

#include <memory>
#include <optional>
#include <string>

#include "nbreplay/base/file.h"
#include "nbreplay/diagnosis/result.h"
#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/runner.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay {

/// What `run` did with one notebook.
struct RunResult {
  Path path;
  std::string sha256;
  std::size_t code_cells = 0;
  std::shared_ptr<const Environment> environment;
  SandboxFacts sandbox;
  Limits limits;
  std::optional<std::uint64_t> seed;
  ExecutionOrder order;
  Origin origin = Origin::kFresh;
  std::optional<Outcome> outcome;          ///< Unset when nothing was run.
  std::optional<std::size_t> failed_cell;  ///< Index over all cells; kNoCell for parameters.
  std::optional<std::size_t> failed_ordinal;
  std::string summary;  ///< One line: how it ended, when not well.
  Path executed;        ///< The notebook written; empty when none was.
  StoppedBy stopped_by = StoppedBy::kDone;
  std::optional<Error> problem;

  [[nodiscard]] bool passed() const {
    return !problem && outcome && !failed_cell && summary.empty();
  }
};

}  // namespace nbreplay
