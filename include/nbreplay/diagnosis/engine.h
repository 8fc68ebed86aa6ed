#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "nbreplay/base/clock.h"
#include "nbreplay/base/stop_request.h"
#include "nbreplay/diagnosis/result.h"
#include "nbreplay/notebook/notebook.h"
#include "nbreplay/trial/runner.h"

namespace nbreplay {

struct VersionServices;

/// What the engine works with. All must outlive the call.
struct Services {
  TrialRunner& runner;
  FactSource& facts;
  const Clock& clock;
  const StopRequest& stop;
  Observer& observer;
  /// For experiments on versions (versions.h); null: none are made.
  const VersionServices* versions = nullptr;
};

/// How far to go. Each goal includes the ones before it.
enum class Goal { kReproduce, kMinimize, kDiagnose };

struct InvestigationSettings {
  Goal goal = Goal::kDiagnose;
  std::optional<std::size_t> cell;      ///< Only the crash in this cell (index over all cells).
  std::optional<ExecutionOrder> order;  ///< The order to try instead of guessing one.
  std::optional<Duration> budget;       ///< Per notebook.
  Limits limits;
  std::optional<std::uint64_t> seed;
  Shell shell = Shell::kIPython;
  std::vector<std::pair<std::string, std::string>> variables;
  bool reduce_statements = true;
  bool reduce_data = false;  ///< CSV files that the minimal sequence reads, too.
  /// Where the minimal notebook is to find them, seen from itself: "churn.min-data".
  std::string data_folder = "min-data";
  /// Trials see no file of the machine outside of the project, and one can be put anywhere.
  bool files_anywhere = false;
  std::size_t confirmations = 3;    ///< Fresh runs before "reproduced" is said.
  std::size_t max_candidates = 80;  ///< Candidate orders tried before giving up.
};

/// Everything about one notebook, whatever happened: what could not be done is said in the
/// finding (`problem`, verdicts, `stopped_by`), and a stop keeps the best so far.
[[nodiscard]] NotebookFinding investigate(const Notebook& notebook,
                                          std::shared_ptr<const Environment> environment,
                                          std::shared_ptr<const Project> project,
                                          const Services& services,
                                          const InvestigationSettings& settings);

}  // namespace nbreplay
