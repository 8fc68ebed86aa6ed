#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nbreplay/diagnosis/engine.h"
#include "nbreplay/trial/judgement.h"
#include "nbreplay/trial/notebook_trial.h"

namespace nbreplay {

/// A trial that was run.
struct Ran {
  Outcome outcome;
  Origin origin = Origin::kFresh;
};

/// One notebook under investigation: makes trials of it, runs them within the budget, counts them.
///
/// Once `stopped()` (budget, interrupt, a runner that cannot run anything, an environment that a
/// trial changed) every further run is skipped and answered with nothing, so that the steps above
/// can return what they have.
class Investigation {
 public:
  Investigation(const Notebook& notebook, std::vector<CellFacts> facts,
                std::shared_ptr<const Environment> environment,
                std::shared_ptr<const Project> project, const Services& services,
                const InvestigationSettings& settings, TimePoint started);

  [[nodiscard]] const Notebook& notebook() const { return notebook_; }
  [[nodiscard]] const std::vector<CellFacts>& facts() const { return facts_; }
  [[nodiscard]] const Environment& environment() const { return *environment_; }
  [[nodiscard]] const std::shared_ptr<const Environment>& shared_environment() const {
    return environment_;
  }
  /// Trials that are made from now on run there.
  void move_to(std::shared_ptr<const Environment> environment) {
    environment_ = std::move(environment);
  }
  [[nodiscard]] const Project& project() const { return *project_; }
  [[nodiscard]] const InvestigationSettings& settings() const { return settings_; }
  /// Facts of sources that may be changed ones, by place; kept, since reduction asks again. Of a
  /// source that nothing could be found out about, `problem` says so.
  [[nodiscard]] std::vector<CellFacts> facts_of(const std::vector<std::string>& sources);
  [[nodiscard]] Observer& observer() const { return services_.observer; }
  [[nodiscard]] const VersionServices* versions() const { return services_.versions; }
  [[nodiscard]] std::size_t jobs() const { return services_.runner.jobs(); }

  /// "cell 4", as people name it.
  [[nodiscard]] std::string name(std::size_t cell) const;
  /// "cells 1, 4, 4" of an order.
  [[nodiscard]] std::string names(std::span<const std::size_t> cells) const;
  [[nodiscard]] CellName cell_name(std::size_t cell) const;

  /// What T2B runs.
  [[nodiscard]] ExecutionOrder top_to_bottom(std::size_t target) const {
    return nbreplay::top_to_bottom(notebook_, target);
  }

  /// A run of the notebook's cells as they stand. A cell that the record shows as failed, or that
  /// is tagged raises-exception, may fail; the last execution may not, since it is under test.
  [[nodiscard]] Trial trial(const ExecutionOrder& order) const;

  /// Runs all, at most `jobs` at a time; answers in the order of `trials`; nothing where a stop
  /// came first.
  [[nodiscard]] std::vector<std::optional<Ran>> run_all(std::vector<Trial> trials,
                                                        Freshness freshness);
  [[nodiscard]] std::optional<Ran> run(Trial trial, Freshness freshness);

  [[nodiscard]] bool stopped() const;
  [[nodiscard]] StoppedBy stopped_by() const;
  /// Of the budget; nothing without one.
  [[nodiscard]] std::optional<Duration> time_left() const;
  [[nodiscard]] const TrialCounts& counts() const { return counts_; }
  void count_dropped() { ++counts_.dropped; }
  /// A fresh run denied what forked ones had said: counted as dropped, and every later trial is
  /// fresh.
  void distrust_forks();
  [[nodiscard]] bool distrusts_forks() const { return distrusts_forks_; }
  /// The cells after which no snapshot could be taken, and why; each pair once.
  [[nodiscard]] const std::vector<CellTaint>& taints() const { return taints_; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] const std::string& environment_change() const { return environment_change_; }
  [[nodiscard]] const std::vector<PipRequirement>& requirements() const { return requirements_; }

  /// Whether any of the cells depends on randomness, time or hash order.
  [[nodiscard]] bool uses_randomness(std::span<const std::size_t> cells) const;

 private:
  [[nodiscard]] Limits trial_limits() const;
  [[nodiscard]] std::optional<TimePoint> deadline() const;
  void learn(const Trial& trial, const Outcome& outcome, Origin origin);
  /// Workers know lines only: finds the statements that crashed, which level A compares.
  void name_statements(const Trial& trial, Outcome& outcome);

  const Notebook& notebook_;
  std::vector<CellFacts> facts_;
  std::shared_ptr<const Environment> environment_;
  std::shared_ptr<const Project> project_;
  Services services_;
  const InvestigationSettings& settings_;
  TimePoint started_;
  TrialCounts counts_;
  std::map<std::string, CellFacts> parsed_;
  std::optional<Error> failure_;
  std::string environment_change_;
  std::vector<PipRequirement> requirements_;
  std::vector<CellTaint> taints_;
  bool distrusts_forks_ = false;
  Duration slowest_cell_{};  ///< Of all cells that ran to an end so far.
  bool any_cell_ran_ = false;
};

/// The execution of the crash under test in `outcome`, or null when it was not reached.
[[nodiscard]] const CellOutcome* last_execution_of(const Outcome& outcome, std::size_t cell);

/// What a trial that ended elsewhere says, in words: "KeyError: 'x' in cell 3".
[[nodiscard]] std::string describe_failure(const Investigation& investigation,
                                           const Judgement& judgement);

}  // namespace nbreplay
