#include "diagnosis/finding.h"

namespace nbreplay {

std::vector<std::string> sources_of(const Notebook& notebook) {
  std::vector<std::string> sources;
  for (const Cell& cell : notebook.cells())
    sources.push_back(cell.type == CellType::kCode ? cell.source : std::string());
  return sources;
}

void begin_finding(NotebookFinding& finding, const Notebook& notebook,
                   std::shared_ptr<const Environment> environment,
                   const InvestigationSettings& settings) {
  finding.path = notebook.path();
  finding.sha256 = notebook.sha256();
  finding.code_cells = notebook.code_cells().size();
  for (const std::size_t cell : notebook.code_cells())
    finding.ordinals[cell] = notebook.ordinal_of(cell).value_or(0);
  finding.environment = std::move(environment);
  finding.limits = settings.limits;
  finding.seed = settings.seed;
}

void end_finding(NotebookFinding& finding, const Investigation& investigation) {
  finding.trials = investigation.counts();
  finding.stopped_by = investigation.stopped_by();
  finding.requirements = investigation.requirements();
  finding.taints = investigation.taints();
  if (investigation.distrusts_forks())
    finding.notes.emplace_back(
        "what forked runs had shown did not hold in fresh ones: it was dropped, and everything "
        "after it was run in fresh processes");
  finding.environment_change = investigation.environment_change();
  if (investigation.failure()) finding.problem = investigation.failure();
}

}  // namespace nbreplay
