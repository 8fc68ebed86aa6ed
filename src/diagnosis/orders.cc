#include "nbreplay/diagnosis/orders.h"

#include <algorithm>

#include "nbreplay/base/check.h"

#include "diagnosis/finding.h"
#include "diagnosis/orders_runs.h"

namespace nbreplay {

std::string_view to_string(OrderEnd end) {
  switch (end) {
    case OrderEnd::kPasses:
      return "passes";
    case OrderEnd::kCrashes:
      return "crashes";
    case OrderEnd::kUnresolved:
      return "unresolved";
    case OrderEnd::kNotRun:
      break;
  }
  return "not-run";
}

std::string_view to_string(OrderChange change) {
  switch (change) {
    case OrderChange::kSkip:
      return "skip";
    case OrderChange::kRepeat:
      return "repeat";
    case OrderChange::kSwap:
      break;
  }
  return "swap";
}

std::string_view to_string(RerunSafety safety) {
  switch (safety) {
    case RerunSafety::kSafe:
      return "safe";
    case RerunSafety::kUnsafe:
      return "unsafe";
    case RerunSafety::kUnknown:
      break;
  }
  return "unknown";
}

std::optional<RecordedHistory> recorded_order(const Notebook& notebook) {
  std::optional<std::size_t> last;
  const auto count_of = [&](std::size_t cell) {
    return notebook.cells()[cell].execution_count.value_or(0);
  };
  for (const std::size_t cell : notebook.code_cells())
    if (has_code(notebook.cells()[cell]) && count_of(cell) > (last ? count_of(*last) : 0))
      last = cell;
  if (!last) return std::nullopt;
  return recorded_history(notebook, *last);
}

namespace {

/// Counts that account for every execution tell more of the notebook than the order of its cells.
void choose_base(const Notebook& notebook, const std::optional<ExecutionOrder>& given,
                 OrdersFinding& finding) {
  finding.base_from = "given";
  if (given) {
    finding.base = *given;
    return;
  }
  finding.base = top_to_bottom(notebook);
  finding.base_from = "top-to-bottom";
  auto recorded = recorded_order(notebook);
  // A session that left out cells is no base: what was never run cannot be compared.
  if (!recorded || !recorded->complete() || recorded->order.size() < finding.base.size()) return;
  if (recorded->order == finding.base) return;
  finding.base = std::move(recorded->order);
  finding.base_from = "recorded";
}

}  // namespace

OrdersFinding map_orders(const Notebook& notebook, std::shared_ptr<const Environment> environment,
                         std::shared_ptr<const Project> project, const Services& services,
                         const OrdersSettings& settings) {
  const TimePoint started = services.clock.now();
  OrdersFinding finding;
  begin_finding(finding.notebook, notebook, environment, settings.investigation);
  services.observer.stage("read cells");
  auto facts = services.facts.facts(sources_of(notebook));
  if (!facts) {
    finding.notebook.problem = facts.error();
    return finding;
  }
  Investigation investigation(notebook, std::move(*facts), std::move(environment),
                              std::move(project), services, settings.investigation, started);
  OrderRuns runs(investigation);
  if (settings.compare) {
    finding.comparison = compare_orders(runs, settings.compare->first, settings.compare->second);
  } else {
    choose_base(notebook, settings.investigation.order, finding);
    if (!finding.base.empty()) make_map(runs, finding);
  }
  finding.cost = runs.cost();
  end_finding(finding.notebook, investigation);
  finding.notebook.wall = services.clock.now() - started;
  return finding;
}

}  // namespace nbreplay
