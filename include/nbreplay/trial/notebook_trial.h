#pragma once

#include <optional>
#include <vector>

#include "nbreplay/notebook/notebook.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay {

/// When a run goes on after a cell raised (docs: "error policy"). A cell tagged raises-exception
/// may always fail.
enum class ErrorPolicy {
  kStop,
  kContinue,
  kAsRecorded,  ///< A cell that the record shows as failed may fail again.
};

/// Whether `cell` has anything to run: a code cell that is not blank.
[[nodiscard]] bool has_code(const Cell& cell);

/// The cells that an executor runs from the top: code cells with code, not tagged skip-execution;
/// up to and including `last` (which is never left out) when it is given.
[[nodiscard]] ExecutionOrder top_to_bottom(const Notebook& notebook,
                                           std::optional<std::size_t> last = {});

/// The executions of `order`, with the sources as they stand in the notebook.
[[nodiscard]] std::vector<Execution> executions_of(const Notebook& notebook,
                                                   const ExecutionOrder& order, ErrorPolicy policy);

}  // namespace nbreplay
