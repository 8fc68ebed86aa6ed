#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/clock.h"
#include "nbreplay/base/result.h"
#include "nbreplay/dataflow/facts.h"
#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay {

/// What a trial must be run in. Fresh: a new worker process that ran nothing else before and was
/// not forked. Warm: all of it is run, in a process forked from a worker before its first cell.
/// Confirmations and deciding counterfactuals are fresh; plain runs may be warm; everything else
/// may be answered in any way, from a snapshot or the cache too.
enum class Freshness { kFresh, kWarm, kAny };

/// How an answer was got.
enum class Origin { kFresh, kBranched, kWarm, kCached };
/// "fresh", "branched", "warm", "cached".
[[nodiscard]] std::string_view to_string(Origin origin);

using TrialId = std::uint64_t;

struct Answer {
  TrialId id = 0;
  Outcome outcome;
  Origin origin = Origin::kFresh;
};

/// Events of one running trial, for `run`'s live display. Called from within `wait`.
struct TrialEvents {
  std::function<void(std::size_t position)> cell_started;
  std::function<void(const CellOutcome&)> cell_ended;
};

/// Runs trials, several at a time, and answers in any order. Single-threaded: all work happens
/// inside `wait`, so that callers need no locks.
class TrialRunner {
 public:
  virtual ~TrialRunner() = default;

  virtual TrialId submit(Trial trial, Freshness freshness, TrialEvents events = {}) = 0;

  /// The next answer; nothing when no trial is outstanding, or at `deadline`. An Error means that
  /// no trial can be run at all (worker binary missing); a single trial's trouble is an Outcome.
  /// When a stop is requested, running trials are killed and answered with Killed.
  [[nodiscard]] virtual Result<std::optional<Answer>> wait(
      std::optional<TimePoint> deadline = {}) = 0;

  /// Forgets a trial: kills it when it runs; it is never answered.
  virtual void cancel(TrialId id) = 0;

  /// How many trials run at the same time (--jobs).
  [[nodiscard]] virtual std::size_t jobs() const = 0;
};

/// Facts of cells, by parsing only; nothing of the notebook runs.
class FactSource {
 public:
  virtual ~FactSource() = default;
  [[nodiscard]] virtual Result<std::vector<CellFacts>> facts(
      const std::vector<std::string>& sources) = 0;
};

/// Outcomes of earlier trials by `Trial::key()`. Only trials that ended on their own are stored.
class TrialCache {
 public:
  virtual ~TrialCache() = default;
  [[nodiscard]] virtual std::optional<Outcome> find(const std::string& key) = 0;
  virtual void store(const std::string& key, const Outcome& outcome, Origin origin) = 0;
};

/// A child process with bounded time and output: helper package, interpreter probes, builds.
struct ChildCommand {
  std::vector<std::string> argv;
  std::string input;
  std::vector<std::pair<std::string, std::string>> variables;  ///< The whole environment.
  std::optional<Path> working_directory;
  Duration timeout = std::chrono::seconds(30);
  Bytes output_cap = mib(16);
};
struct ChildResult {
  int exit_code = 0;  ///< 128 + signal when it died by one.
  bool timed_out = false;
  std::string output;
  std::string errors;
};
class ChildRunner {
 public:
  virtual ~ChildRunner() = default;
  [[nodiscard]] virtual Result<ChildResult> run(const ChildCommand& command) = 0;
};

/// Watches a long command: everything a person sees as progress.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void stage(std::string_view /*what*/) {}
  virtual void trial_finished(const Trial&, const Outcome&, Origin) {}
  virtual void size(std::size_t /*current*/, std::size_t /*initial*/) {}
  virtual void warning(std::string_view /*text*/) {}
};

/// What a person asked for on the command line about Python.
struct EnvironmentRequest {
  std::optional<std::string> python;  ///< --python: "3.11" or a path to an interpreter.
  std::optional<Path> environment;    ///< --environment: a virtual environment's folder.
  Path notebook_folder;
  Path project_root;
  std::string notebook_python;  ///< language_info.version, a hint.

  // For making an environment where none is there.
  std::vector<Path> requirements;      ///< --requirements: requirement files or locks.
  std::optional<std::string> as_of;    ///< --as-of: "2023-06-01"; nothing newer is chosen.
  std::vector<std::string> imports;    ///< What the notebook imports: "numpy", "sklearn.svm".
  std::vector<std::string> pip_lines;  ///< What its %pip lines ask for: "pandas==1.5.3".
  std::string notebook_date;           ///< Of its metadata or its last commit; may be empty.
};

/// Finds interpreters and the environment of a notebook.
class EnvironmentProvider {
 public:
  virtual ~EnvironmentProvider() = default;
  [[nodiscard]] virtual Result<Environment> find(const EnvironmentRequest& request) = 0;
  [[nodiscard]] virtual std::vector<Interpreter> interpreters() = 0;
};

}  // namespace nbreplay
