#include "nbreplay/trial/notebook_trial.h"

namespace nbreplay {

bool has_code(const Cell& cell) {
  return cell.type == CellType::kCode &&
         cell.source.find_first_not_of(" \t\r\n\f") != std::string::npos;
}

ExecutionOrder top_to_bottom(const Notebook& notebook, std::optional<std::size_t> last) {
  ExecutionOrder order;
  for (const std::size_t index : notebook.code_cells()) {
    if (last && index > *last) break;
    const Cell& cell = notebook.cells()[index];
    if (index == last || (has_code(cell) && !cell.is_skipped())) order.push_back(index);
  }
  return order;
}

std::vector<Execution> executions_of(const Notebook& notebook, const ExecutionOrder& order,
                                     ErrorPolicy policy) {
  std::vector<Execution> executions;
  for (const std::size_t index : order) {
    const Cell& cell = notebook.cells()[index];
    const bool may_fail = cell.may_raise() || policy == ErrorPolicy::kContinue ||
                          (policy == ErrorPolicy::kAsRecorded && cell.error() != nullptr);
    executions.push_back({index, cell.id.value_or(""), cell.source, may_fail});
  }
  return executions;
}

}  // namespace nbreplay
