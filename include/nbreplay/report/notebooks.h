#pragma once

#include "nbreplay/base/result.h"
#include "nbreplay/diagnosis/result.h"
#include "nbreplay/notebook/notebook.h"
#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay {

/// The notebook as an executor leaves it: each cell with the outputs and the count of its last
/// execution; widget states and the mark of nbreplay in its metadata. Cells that were not
/// executed lose what they had recorded, as with any executor that runs a whole notebook.
[[nodiscard]] Result<Notebook> executed_notebook(const Notebook& notebook, const Trial& trial,
                                                 const Outcome& outcome);

/// A notebook that crashes the same way when run top to bottom by any Jupyter with the same
/// environment and data: the executions of the minimal sequence in order, reduced where they
/// were; cells that are meant to fail carry `raises-exception`; a first markdown cell says what it
/// shows and how it was got.
[[nodiscard]] Notebook minimal_notebook(const Notebook& notebook, const CrashFinding& finding,
                                        const NotebookFinding& context);

}  // namespace nbreplay
