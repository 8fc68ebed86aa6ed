#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "nbreplay/base/clock.h"
#include "nbreplay/crash/crash.h"
#include "nbreplay/notebook/notebook.h"

namespace nbreplay {

// ---- how the process ended ------------------------------------------------------------------

enum class TimeLimit { kCell, kBudget };
enum class Resource { kMemory, kDisk, kOutput, kProcesses };

struct Exited {
  int code = 0;
};
struct Signaled {
  int signal = 0;
};
struct TimedOut {
  TimeLimit limit = TimeLimit::kCell;
};
struct LimitExceeded {
  Resource resource = Resource::kMemory;
  std::string detail;  ///< "8.2 GiB used of 8 GiB"
};
/// Ended by nbreplay for a reason outside the run: cancelled, interrupted by the person.
struct Killed {};
struct SetupFailed {
  std::string stage;
  std::string message;
};

/// Taken from the wait status and from what nbreplay itself did, never from what the run says.
using Termination = std::variant<Exited, Signaled, TimedOut, LimitExceeded, Killed, SetupFailed>;

/// "exited with 3", "died by SIGSEGV", "cell time-out", "memory limit: 8.2 GiB used of 8 GiB".
[[nodiscard]] std::string describe(const Termination& termination);

// ---- how each cell ended --------------------------------------------------------------------

struct Completed {};
struct Raised {
  Crash crash;
  bool caused_by_limit = false;  ///< MemoryError under RLIMIT_AS, OSError at the file size limit.
};
/// The process ended, or was killed, in this cell.
struct Interrupted {};
struct NotReached {};

using CellEnd = std::variant<Completed, Raised, Interrupted, NotReached>;

/// What a cell was seen to do with the notebook's names while it ran.
struct Observed {
  std::vector<std::string> reads;
  std::vector<std::string> writes;   ///< Bound anew; deletions included.
  std::vector<std::string> changes;  ///< Objects whose content changed in place.
  bool complete = false;             ///< Nothing can have gone unseen.
};

/// Why no snapshot could be taken after an execution (docs/snapshots.md: "taints").
struct Taint {
  std::size_t position = 0;
  std::string hazard;
};

struct CellOutcome {
  std::size_t position = 0;  ///< Index into the trial's executions.
  std::size_t cell = 0;
  CellEnd end = NotReached{};
  std::optional<int> execution_count;
  Duration wall{};
  /// As nbformat 4 stores them, each checked to be valid JSON. Only when the trial keeps them.
  std::vector<OutputJson> outputs;
  bool output_truncated = false;
  std::optional<Observed> observed;  ///< When the trial asked for it.
};

struct PipRequirement {
  std::string command;
  std::string requirement;
  bool satisfied = false;
};

/// All that one trial showed.
struct Outcome {
  std::vector<CellOutcome> cells;  ///< One per execution, in order.
  Termination termination = Killed{};
  bool finished = false;           ///< Every execution was reached and the process ended as asked.
  std::string python_stack;        ///< faulthandler's words when a signal ended it.
  std::string environment_change;  ///< Not empty: the run changed its environment. Unresolved.
  std::vector<PipRequirement> requirements;
  std::vector<std::string> notes;
  std::vector<Taint> taints;
  std::string widget_state_json;
  std::string python_version;
  std::string ipython_version;
  Duration wall{};

  /// The first execution that raised without being allowed to, or in which the process ended;
  /// nothing when all is well.
  [[nodiscard]] const CellOutcome* first_failure(const std::vector<bool>& may_fail) const;
};

}  // namespace nbreplay
