#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/units.h"
#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/trial.h"

#include "process/file_space.h"
#include "process/snapshot.h"

namespace nbreplay::process {

/// What is known of one prefix of executions.
struct Prefix {
  Prefix* parent = nullptr;  ///< Null for the empty prefix.
  std::size_t depth = 0;     ///< How many executions.

  /// How its last execution ended, and what the run had collected until then. Unset: never run.
  struct Record {
    CellOutcome cell;
    std::vector<PipRequirement> requirements;
    std::vector<std::string> notes;
  };
  std::optional<Record> record;

  std::shared_ptr<Snapshot> snapshot;       ///< Frozen after the last execution.
  std::shared_ptr<const SavedFiles> files;  ///< As they were then.
  Bytes memory;                             ///< That dropping the snapshot would free.
  std::string hazard;                       ///< Why there is no snapshot, when one was wanted.
  std::uint64_t last_use = 0;               ///< By the count of trials.

  std::map<std::string, std::unique_ptr<Prefix>> longer;  ///< By execution_key.
};

/// Identifies an execution among those that may follow a prefix: its source, which cell it is,
/// and the files that are put in place before it.
[[nodiscard]] std::string execution_key(const Trial& trial, std::size_t position);

/// The executed prefixes of trials that were all started alike (start_key).
class Trie {
 public:
  /// The prefixes of `trial` from the empty one on, as far as they were run and one may go on
  /// from them: up to the first execution that is unknown, or raised without being allowed to.
  [[nodiscard]] std::vector<Prefix*> known(const Trial& trial);
  /// The prefix after execution `position`, made when it is new.
  [[nodiscard]] Prefix& extend(Prefix& prefix, const Trial& trial, std::size_t position);
  /// Calls `visit` with every prefix.
  void each(const std::function<void(Prefix&)>& visit);

 private:
  std::map<std::string, Prefix> roots_;  ///< By what else tells trials apart: project, observing.
};

/// What running again from the next snapshot below would take.
[[nodiscard]] Duration rebuild_cost(const Prefix& prefix);

/// The snapshot whose loss costs least for what it frees: rebuild cost, less the longer it has
/// not been used, over memory. Null when none may go. `keep` stays, as does the empty prefix.
[[nodiscard]] Prefix* least_valuable(Trie& trie, std::uint64_t now, const Prefix* keep);

}  // namespace nbreplay::process
