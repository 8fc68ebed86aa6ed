#pragma once

// What nbreplay found out about a notebook: plain data, filled by the engine, rendered by
// `report`. Strings in comments are the ones that the result document uses.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/base/clock.h"
#include "nbreplay/base/file.h"
#include "nbreplay/base/result.h"
#include "nbreplay/crash/signature.h"
#include "nbreplay/dataflow/candidate_orders.h"
#include "nbreplay/diagnosis/verdict.h"
#include "nbreplay/diagnosis/version_result.h"
#include "nbreplay/trial/environment.h"
#include "nbreplay/trial/limits.h"
#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/sandbox.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay {

/// A cell as people and programs name it.
struct CellName {
  std::size_t index = 0;          ///< Over all cells of the file, from 0.
  std::size_t ordinal = 0;        ///< Over the code cells, from 1.
  std::optional<std::string> id;  ///< Where the file has one.
};

/// Does the recorded crash recur? "reproduced", "flaky", "different-crash", "absent", "blocked".
enum class ReproductionVerdict { kReproduced, kFlaky, kDifferentCrash, kAbsent, kBlocked };

[[nodiscard]] std::string_view to_string(ReproductionVerdict verdict);

struct Reproduction {
  ReproductionVerdict verdict = ReproductionVerdict::kBlocked;
  /// How closely the observed crash agrees with the record; unset when there was none to compare
  /// with or nothing agreed.
  std::optional<Level> level;
  ExecutionOrder order;  ///< Ends with the crashed cell.
  OrderSource order_from = OrderSource::kRecorded;
  std::string order_why;  ///< "recorded order with its gap In[4] filled by cell 4"
  std::optional<Crash> observed;
  std::size_t fresh_runs = 0;             ///< Of `order`, in fresh processes, in this call.
  std::size_t matching = 0;               ///< How many of those crashed alike.
  std::vector<std::uint32_t> hash_seeds;  ///< Of those runs.
  std::string why;                        ///< One sentence: what decided the verdict.
  std::vector<std::string> stubs;         ///< Modules that were placeholders.
  /// Earlier executions that raised in that run: place in `order`, and with what.
  struct EarlierFailure {
    std::size_t position = 0;
    Crash crash;
  };
  std::vector<EarlierFailure> earlier_failures;
};

/// What running top to bottom, up to and including the crashed cell, does: "passes", "same",
/// "different", "unresolved", "not-run".
enum class TopToBottom { kNotRun, kPasses, kSame, kDifferent, kUnresolved };
[[nodiscard]] std::string_view to_string(TopToBottom outcome);

/// "1-minimal", "partial" (stopped early, a removal said nothing, or the result does not crash in
/// every fresh run), "none" (nothing was established).
enum class Guarantee { kOneMinimal, kPartial, kNone };
[[nodiscard]] std::string_view to_string(Guarantee guarantee);

/// What statement reduction left of one execution.
struct ReducedExecution {
  std::size_t position = 0;  ///< Place in MinimalSequence::order.
  std::size_t cell = 0;
  int first_line = 0;  ///< Of the original source, as far as lines were kept; 1-based.
  int last_line = 0;
  std::string source;  ///< The reduced source.
};

/// Of the `of` elements that are left, how many single removals were seen to make the crash go
/// away, in a fresh process or from a snapshot. What only an earlier call's cache says is run
/// again; where a stop prevents that it is counted apart and certifies nothing.
struct CertifiedRemovals {
  std::size_t fresh = 0;
  std::size_t branched = 0;
  std::size_t cached = 0;
  std::size_t of = 0;
};

/// A data file that the minimal sequence reads, and what is left of it.
struct InputReduction {
  std::string path;          ///< As the notebook names it; empty when the sources do not say.
  std::size_t position = 0;  ///< Place in MinimalSequence::order of the first that reads it.
  std::string not_reduced;   ///< Why it stays as it is; what follows is then unset.
  struct Size {
    std::size_t rows = 0;     ///< Without the first line, where there is one.
    std::size_t columns = 0;  ///< 0: lines differ in width.
    std::size_t bytes = 0;
  };
  Size before;
  Size after;
  /// The rows that are left: first and last of each stretch, counted in the original from 1, the
  /// first line apart.
  std::vector<std::pair<std::size_t, std::size_t>> rows;
  std::size_t values = 0;  ///< Values made simpler.
  struct Value {
    std::size_t row = 0;     ///< As in `rows`.
    std::size_t column = 0;  ///< In the original, from 1.
    std::string name;        ///< Of the column, by the first line.
    std::string before;      ///< What it said; long texts are shortened.
    std::string after;
  };
  std::vector<Value> changed;  ///< Those values, by row and column.
  std::size_t queries = 0;
  Guarantee guarantee = Guarantee::kNone;  ///< Of its rows and columns.
  std::string why_partial;                 ///< In words; empty when the guarantee is another.
  CertifiedRemovals certified;
  std::vector<std::string> pinned;  ///< Columns whose type the notebook now says: `dtype=`.
  /// What the crash says with the reduced file, where that is not what it said before.
  std::optional<std::string> message;
  std::string content;  ///< The reduced file.
  std::string file;     ///< Its place, seen from the minimal notebook: "churn.min-data/train.csv".
  /// The minimal notebook reads it under its old path, where it must be put; else at `file`.
  bool in_place = true;
  Path written;  ///< The file that cli wrote.

  [[nodiscard]] bool reduced() const { return not_reduced.empty(); }
};

/// What `minimize --data` made of the files that the minimal sequence reads.
struct ReducedData {
  std::vector<InputReduction> inputs;  ///< Also those that could not be reduced.
  /// Sources, one per execution, that read the files where they are placed; empty: unchanged.
  std::vector<std::string> sources;
  /// What stands in them for the path literals of before.
  std::vector<std::pair<std::string, std::string>> renamed;
  /// The crash under test with what its messages say of the reduced data; unset: nothing is
  /// reduced.
  std::optional<Crash> crash;

  [[nodiscard]] bool any_reduced() const;
};

struct MinimalSequence {
  using Certified = CertifiedRemovals;

  ExecutionOrder order;        ///< Cells; the last is the crashed one.
  std::vector<bool> may_fail;  ///< Per execution: recorded as failed, and meant to fail again.
  Guarantee guarantee = Guarantee::kNone;
  Certified certified;                       ///< Of the executions besides the crashed cell.
  std::size_t queries = 0;                   ///< Trials that this took, statements included.
  std::vector<ReducedExecution> statements;  ///< One per execution, when statements were reduced.
  bool statements_complete = false;          ///< Not stopped early.
  std::optional<ReducedData> data;           ///< When the data were to be reduced.
  /// Files that it reads and `minimize --data` can reduce; none when that was asked for.
  std::vector<std::string> tables;
  /// Fresh runs of the final result, and how many crashed alike at level S.
  std::size_t confirmations = 0;
  std::size_t confirmed_at_s = 0;
  std::size_t confirmed_at_a = 0;
  /// Other crashes met on the way, by signature; kept, never silently accepted.
  std::vector<Crash> slipped;
};

/// One counterfactual: R0 with one change.
struct Experiment {
  std::string
      factor;  ///< "order", "repeat", "skip", "move", "previous error", "cells below", "name", …
  std::string change;   ///< In words: "cell 4 run once".
  std::string outcome;  ///< "passes", "same", "different: KeyError …", "unresolved: …".
  bool flips = false;   ///< The crashed cell completes, or fails later with another signature.
  std::size_t fresh_runs = 0;
  Duration wall{};
  std::vector<std::size_t> cells;  ///< The cells that the change concerns.
};

/// What the recorded history did that the passing one does not.
struct OrderEdit {
  std::string kind;  ///< "skip", "repeat", "move".
  std::vector<std::size_t> cells;
};

/// What the experiments say about one label of docs/labels.md.
struct LabelStatus {
  std::string label;     ///< "NB specific"
  std::string sublabel;  ///< "execution order"
  Verdict verdict = Verdict::kUnknown;
  std::string why;
};

struct Cause {
  std::string label = "unknown";
  std::string sublabel;  ///< Empty with label "unknown".
  Verdict verdict = Verdict::kUnknown;
  std::vector<std::size_t> cells;
  std::optional<OrderEdit> edit;
  std::string explanation;  ///< One or two sentences for a person.
};

struct CrashFinding {
  CellName cell;
  std::optional<Crash> recorded;
  std::optional<int> recorded_count;  ///< In[N]
  std::string crash_type;
  std::string library;  ///< Empty: the notebook's own code or Python itself.
  Reproduction reproduction;
  TopToBottom top_to_bottom = TopToBottom::kNotRun;
  std::string top_to_bottom_why;
  std::optional<MinimalSequence> minimal;
  std::optional<Cause> cause;
  std::vector<Experiment> experiments;
  std::vector<LabelStatus> labels;  ///< Every label that an experiment decided.
  /// What was ruled out or found, in short phrases: "no earlier failure", "every name bound".
  std::vector<std::string> evidence;
  std::optional<VersionsFinding> versions;  ///< When versions were compared.
};

/// How many trials were run, and how.
struct TrialCounts {
  std::size_t total = 0;
  std::size_t fresh = 0;
  std::size_t branched = 0;
  std::size_t warm = 0;
  std::size_t cached = 0;
  std::size_t dropped = 0;  ///< Hypotheses that a fresh run denied.
};

/// Why no snapshot could be taken after a cell, or a trial was not forked: it cost time only.
struct CellTaint {
  std::size_t cell = 0;  ///< Index over all cells; of a trial as a whole that of its first.
  std::string hazard;
  friend bool operator==(const CellTaint&, const CellTaint&) = default;
};

enum class StoppedBy { kDone, kBudget, kInterrupt };
[[nodiscard]] std::string_view to_string(StoppedBy reason);

/// One notebook's part of a result document, for every command that works on crashes.
struct NotebookFinding {
  Path path;
  std::string sha256;
  std::size_t code_cells = 0;
  std::map<std::size_t, std::size_t> ordinals;  ///< Of every code cell, by its index.
  std::shared_ptr<const Environment> environment;
  SandboxFacts sandbox;
  Limits limits;
  std::optional<std::uint64_t> seed;
  TrialCounts trials;
  Duration wall{};
  StoppedBy stopped_by = StoppedBy::kDone;
  std::map<std::string, Path> outputs;  ///< "minimal notebook" → file, as written by cli.
  std::vector<CrashFinding> crashes;
  /// The notebook was run top to bottom because no crash was recorded, and nothing raised.
  bool ran_clean = false;
  std::vector<PipRequirement> requirements;
  std::vector<CellTaint> taints;
  std::vector<std::string> notes;
  /// A trial changed the environment: what changed. The command ends with exit code 2.
  std::string environment_change;
  std::optional<Error> problem;  ///< Nothing could be tried: unreadable, no environment, …
};

}  // namespace nbreplay
