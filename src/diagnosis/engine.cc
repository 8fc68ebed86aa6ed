#include "nbreplay/diagnosis/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "nbreplay/crash/crash_type.h"

#include "diagnosis/case.h"
#include "diagnosis/finding.h"
#include "diagnosis/input_files.h"
#include "diagnosis/minimise.h"

namespace nbreplay {
namespace {

/// The reproduction, experiments and minimal sequence of one crash, as far as the goal asks.
class CrashInvestigation {
 public:
  /// `data_folder` is this crash's own.
  CrashInvestigation(Investigation& investigation, const Target& target, std::string data_folder)
      : investigation_(investigation), target_(target), data_folder_(std::move(data_folder)) {}

  CrashFinding run() {
    CrashFinding finding;
    finding.cell = investigation_.cell_name(target_.cell);
    finding.recorded = target_.recorded;
    finding.recorded_count = target_.count;
    finding.reproduction = reproduce(investigation_, target_);
    describe_crash(finding);
    Case investigated{investigation_, target_, finding.reproduction, base_run(finding.reproduction),
                      recorded_history(investigation_.notebook(), target_.cell)};
    const bool reproduced = finding.reproduction.verdict == ReproductionVerdict::kReproduced;
    const Goal goal = investigation_.settings().goal;
    if (reproduced && goal == Goal::kDiagnose) check_top_to_bottom(investigated);
    if (reproduced && goal != Goal::kReproduce)
      finding.minimal = minimise_cells(investigation_, investigated.base);
    if (reproduced && goal == Goal::kDiagnose) experiment(investigated);
    if (finding.minimal) finish_minimal(investigated.base, *finding.minimal);
    if (finding.minimal && was_denied(*finding.minimal)) {
      // What forked runs said does not hold: a hypothesis less, and none of that kind any more.
      investigation_.distrust_forks();
      finding.minimal = minimise_cells(investigation_, investigated.base);
      finish_minimal(investigated.base, *finding.minimal);
    }
    if (goal == Goal::kDiagnose) finding.cause = decide_cause(investigated);
    finding.top_to_bottom = investigated.top_to_bottom;
    finding.top_to_bottom_why = std::move(investigated.top_to_bottom_why);
    finding.experiments = std::move(investigated.experiments);
    finding.labels = std::move(investigated.labels);
    finding.evidence = std::move(investigated.evidence);
    finding.versions = std::move(investigated.versions);
    return finding;
  }

 private:
  /// Statements, data and the fresh runs that decide.
  void finish_minimal(const BaseRun& base, MinimalSequence& minimal) {
    if (investigation_.settings().reduce_statements)
      minimise_statements(investigation_, base, minimal);
    if (investigation_.settings().reduce_data)
      minimise_data(investigation_, base, minimal, data_folder_);
    else
      minimal.tables = named_tables(investigation_, trial_of(investigation_, base, minimal));
    confirm_minimal(investigation_, base, minimal);
  }

  /// Whether fresh runs deny a minimum that forked ones had a part in. A crash that depends on
  /// chance is denied by chance.
  [[nodiscard]] bool was_denied(const MinimalSequence& minimal) const {
    return minimal.confirmed_at_a == 0 && minimal.confirmations > 0 &&
           investigation_.counts().fresh < investigation_.counts().total &&
           !investigation_.stopped() && !investigation_.uses_randomness(minimal.order);
  }

  void describe_crash(CrashFinding& finding) const {
    const std::optional<Crash>& known =
        finding.recorded ? finding.recorded : finding.reproduction.observed;
    if (!known) return;
    finding.crash_type = crash_type(*known);
    finding.library = crash_library(*known);
  }

  static void experiment(Case& investigated) {
    rule_out(investigated);
    try_orders(investigated);
    try_earlier_failures(investigated);
    try_future_cells(investigated);
    try_names(investigated);
    try_versions(investigated);
    try_modules(investigated);
    try_files(investigated);
  }

  Investigation& investigation_;
  const Target& target_;
  std::string data_folder_;
};

/// The targets, from the record or from a run; fills the finding when there is none.
std::vector<Target> find_targets(Investigation& investigation, NotebookFinding& finding) {
  const InvestigationSettings& settings = investigation.settings();
  std::vector<Target> targets = recorded_targets(investigation.notebook());
  if (settings.cell) {
    targets.erase(std::remove_if(targets.begin(), targets.end(),
                                 [&](const Target& t) { return t.cell != *settings.cell; }),
                  targets.end());
    if (targets.empty()) targets.push_back({*settings.cell, std::nullopt, std::nullopt});
    return targets;
  }
  if (!targets.empty()) return targets;
  std::string why_not;
  if (auto target = first_failure(investigation, why_not)) return {std::move(*target)};
  if (why_not.empty()) {
    finding.ran_clean = !investigation.stopped();
  } else {
    finding.notes.push_back(
        fmt::format("no crash is recorded, and running top to bottom says nothing: {}", why_not));
  }
  return {};
}

}  // namespace

NotebookFinding investigate(const Notebook& notebook,
                            std::shared_ptr<const Environment> environment,
                            std::shared_ptr<const Project> project, const Services& services,
                            const InvestigationSettings& settings) {
  const TimePoint started = services.clock.now();
  NotebookFinding finding;
  begin_finding(finding, notebook, environment, settings);

  services.observer.stage("read cells");
  auto facts = services.facts.facts(sources_of(notebook));
  if (!facts) {
    finding.problem = facts.error();
    return finding;
  }
  Investigation investigation(notebook, std::move(*facts), std::move(environment),
                              std::move(project), services, settings, started);
  // After a stop the others are listed, too: as not reproduced.
  const std::vector<Target> targets = find_targets(investigation, finding);
  for (const Target& target : targets) {
    std::string folder = settings.data_folder;
    if (targets.size() > 1)
      folder += fmt::format("/{}", notebook.ordinal_of(target.cell).value_or(0));
    finding.crashes.push_back(CrashInvestigation(investigation, target, std::move(folder)).run());
  }
  end_finding(finding, investigation);
  finding.wall = services.clock.now() - started;
  return finding;
}

}  // namespace nbreplay
