#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/investigation.h"
#include "diagnosis/reproduce.h"

namespace nbreplay {

/// A reproduced crash under experiment: what is known, and what the experiments found so far.
/// Each file of experiments adds to it; `decide_cause` reads it. The references outlive it.
struct Case {
  Investigation& investigation;
  const Target& target;
  const Reproduction& reproduction;
  BaseRun base;
  RecordedHistory history;
  TopToBottom top_to_bottom = TopToBottom::kNotRun;
  std::string top_to_bottom_why = {};

  std::vector<Experiment> experiments = {};
  std::vector<LabelStatus> labels = {};
  std::vector<std::string> evidence = {};
  std::optional<Cause> cause = {};               ///< The first that an experiment established.
  std::optional<VersionsFinding> versions = {};  ///< What comparing versions showed.

  /// Crashed cell, "cell 9".
  [[nodiscard]] std::string target_name() const { return investigation.name(target.cell); }
  /// Names that the target, or what it depends on, reads: what a cause may have to do with.
  [[nodiscard]] bool concerns_target(std::size_t cell) const;
  /// An execution before the crash that the notebook no longer shows, or may not show, in words;
  /// empty when the counts account for every one. A deleted cell cannot be excluded then.
  [[nodiscard]] std::string unaccounted() const;

  /// R0 may be an order that was only searched for. Where the counts are whole and say otherwise,
  /// the cells that ran then were not the cells that the notebook shows now. In words; or empty.
  [[nodiscard]] std::string against_the_record() const;

  void decide(std::string_view label, std::string_view sublabel, Verdict verdict, std::string why);
  /// Takes `cause` for the cause, unless there is one, and its label as decided. It stays ambiguous
  /// when an experiment on a factor other than `factor` said nothing: that may have been a rival.
  void conclude(Cause cause, std::string_view factor);
  /// The same for a cause that is about what ran when, and that one run of `flipping` showed: it is
  /// ambiguous when the record contradicts R0. Where random numbers are drawn the flip may be luck,
  /// and R0's crash, too: both must hold in more runs.
  void conclude(Cause cause, std::string_view factor, const Trial& flipping);

  std::set<std::string, std::less<>> unresolved = {};  ///< Factors with such an experiment.

  /// Cells that may reach the target by the order of the file; filled when first asked for.
  mutable std::optional<std::set<std::size_t>> reaching = {};
};

/// A counterfactual to run.
struct Change {
  std::string factor;
  std::string words;  ///< "cell 4 run once"
  Trial trial;
  std::vector<std::size_t> cells;
  /// Whether another crash in the place of the one under test shows that one to be gone; unset:
  /// only a later place does.
  std::function<bool(const Crash&)> shows_it_gone = {};
};

/// What a counterfactual did.
struct Effect {
  bool ran = false;       ///< False when a stop prevented it; then it is not listed either.
  bool flips = false;     ///< The crashed cell completes, or fails later with another signature.
  bool same = false;      ///< The same crash.
  bool resolved = false;  ///< It says something: neither time-out nor limit.
};

/// Runs each change in a fresh process and adds it to the experiments.
std::vector<Effect> try_changes(Case& investigated, std::vector<Change> changes);

/// The first effect that flips, as an index.
[[nodiscard]] std::optional<std::size_t> first_flip(const std::vector<Effect>& effects);

/// Whether `trial` judges as `expected` (flips, or crashes the same way) in each of some more
/// fresh runs with other hash seeds. Asked where the notebook draws random numbers: one run may
/// then flip by luck.
[[nodiscard]] bool holds_again(Case& investigated, const Trial& trial, bool expect_flip);

/// Whether the crashed cell completes, or fails later with another signature.
[[nodiscard]] bool flips(const Judgement& judgement, const Crash& crash);

/// "cell 4" → "Cell 4".
[[nodiscard]] std::string capitalised(std::string text);

/// Runs the top-to-bottom check.
void check_top_to_bottom(Case& investigated);

/// Refutes what R0 and the top-to-bottom check have already shown not to be, without a trial.
void rule_out(Case& investigated);

// The experiments, cheapest factor first. Each does nothing once a cause is established or the
// investigation has stopped.
void try_orders(Case& investigated);
void try_earlier_failures(Case& investigated);
void try_future_cells(Case& investigated);
void try_names(Case& investigated);
void try_versions(Case& investigated);
void try_modules(Case& investigated);
void try_files(Case& investigated);

/// The cause after all experiments; label "unknown" with what was ruled out when none decided.
[[nodiscard]] Cause decide_cause(const Case& investigated);

}  // namespace nbreplay
