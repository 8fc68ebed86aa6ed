#include "nbreplay/diagnosis/versions.h"

#include <fmt/format.h>

#include "diagnosis/finding.h"
#include "diagnosis/version_modes.h"

namespace nbreplay {
namespace {

VersionMode mode_of(const VersionsSettings& settings) {
  if (settings.environments) return VersionMode::kEnvironments;
  return settings.package ? VersionMode::kPackage : VersionMode::kPythonVersions;
}

/// What the notebook's own %pip lines ask for, and what is compared does not have.
void note_requirements(NotebookFinding& finding) {
  for (const PipRequirement& requirement : finding.requirements)
    if (!requirement.satisfied)
      finding.notes.push_back(
          fmt::format("the notebook asks for `{}`, which the environment does not satisfy",
                      requirement.requirement));
}

}  // namespace

NotebookFinding bisect_versions(const Notebook& notebook,
                                std::shared_ptr<const Environment> environment,
                                std::shared_ptr<const Project> project, const Services& services,
                                const VersionServices& versions, const VersionsSettings& settings) {
  const TimePoint started = services.clock.now();
  NotebookFinding finding;
  begin_finding(finding, notebook, environment, settings.investigation);
  services.observer.stage("read cells");
  auto facts = services.facts.facts(sources_of(notebook));
  if (!facts) {
    finding.problem = facts.error();
    return finding;
  }
  Investigation investigation(notebook, std::move(*facts), environment, std::move(project),
                              services, settings.investigation, started);
  VersionRuns runs(investigation, versions, std::move(environment));
  CrashFinding crash;
  VersionsFinding found;
  found.mode = mode_of(settings);
  std::optional<Target> target;
  VersionCase compared{investigation, runs, crash, target, found};
  if (settings.environments) {
    compare_environments(compared, *settings.environments);
  } else if (settings.package) {
    compare_releases(compared, *settings.package);
  } else {
    compare_pythons(compared, settings.python_versions);
  }
  if (found.verdict == Verdict::kUnknown && found.why.empty() && investigation.stopped())
    found.why = "The command was stopped before anything was established.";
  end_finding(finding, investigation);
  if (runs.failure()) finding.problem = *runs.failure();
  note_requirements(finding);
  if (target) {
    crash.versions = std::move(found);
    finding.crashes.push_back(std::move(crash));
  } else {
    finding.ran_clean = crash.reproduction.verdict == ReproductionVerdict::kAbsent;
    finding.notes.push_back(found.why.empty() ? crash.reproduction.why : found.why);
  }
  finding.wall = services.clock.now() - started;
  return finding;
}

}  // namespace nbreplay
