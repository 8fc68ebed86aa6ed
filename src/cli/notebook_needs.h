#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/dataflow/facts.h"
#include "nbreplay/notebook/notebook.h"
#include "nbreplay/trial/runner.h"

namespace nbreplay::cli {

/// The top-level modules that the code seems to import, read line by line: enough to tell that
/// an environment holds them all, and too much where a text looks like an import.
[[nodiscard]] std::vector<std::string> seeming_imports(const Notebook& notebook);

/// What the code imports, as dotted as it can be ("google.cloud.storage" of "from google.cloud
/// import storage"), sorted. What its recorded errors say was not
/// there ("No module named 'x'") is left out, unless it was installed by a later line of its own:
/// the environment that the notebook had did not hold it.
[[nodiscard]] std::vector<std::string> imports_of(const Notebook& notebook,
                                                  const std::vector<CellFacts>& facts);

/// What its lines such as "%pip install pandas==1.5.3 -q" ask for: "pandas==1.5.3".
[[nodiscard]] std::vector<std::string> pip_lines_of(const Notebook& notebook);

/// The last day on which it was run, from the times that some front ends keep in the metadata of
/// cells ("2023-06-01"); empty where there are none. `json` is the notebook's file.
[[nodiscard]] std::string last_run_of(std::string_view json);

/// The day of the last commit that changed a file; empty when it is in no repository, or git is
/// not there. The repository is a stranger's: nothing that it configures is run.
[[nodiscard]] std::string commit_date(ChildRunner& children, const Path& file);

}  // namespace nbreplay::cli
