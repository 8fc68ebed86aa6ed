#pragma once

#include <memory>
#include <string>
#include <vector>

#include "diagnosis/investigation.h"

namespace nbreplay {

/// By cell index; empty for cells that hold no code.
[[nodiscard]] std::vector<std::string> sources_of(const Notebook& notebook);

/// What a finding says of its notebook, whatever is found.
void begin_finding(NotebookFinding& finding, const Notebook& notebook,
                   std::shared_ptr<const Environment> environment,
                   const InvestigationSettings& settings);
/// What running its trials told.
void end_finding(NotebookFinding& finding, const Investigation& investigation);

}  // namespace nbreplay
