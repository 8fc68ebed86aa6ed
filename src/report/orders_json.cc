#include <cmath>

#include "nbreplay/report/orders.h"

#include "report/json_parts.h"

namespace nbreplay {
namespace {

double rounded(double number) {
  return std::round(number * 100) / 100;
}

Json json_of(const OrderOutcome& outcome) {
  Json json;
  json["end"] = to_string(outcome.end);
  json["position"] = optional_json(outcome.position);
  json["cell"] = optional_json(outcome.cell);
  json["observed"] = outcome.crash ? nbreplay::json_of(*outcome.crash) : Json();
  json["why"] = outcome.why;
  json["origin"] = outcome.origin ? Json(to_string(*outcome.origin)) : Json();
  json["as_base"] = outcome.as_base;
  return json;
}

Json json_of(const TriedOrder& tried) {
  return {{"from", tried.from},
          {"why", tried.why},
          {"order", tried.order},
          {"outcome", json_of(tried.outcome)}};
}

Json json_of(const MapEntry& entry) {
  return {{"cell", entry.cell},
          {"position", entry.position},
          {"change", to_string(entry.change)},
          {"before", optional_json(entry.before)},
          {"order", entry.order},
          {"affected", entry.affected},
          {"outcome", json_of(entry.outcome)},
          {"denied", entry.denied}};
}

Json json_of(const DecidingEdit& edit) {
  Json json;
  json["kind"] = edit.kind;
  json["cells"] = edit.cells;
  json["pairs"] = Json::array();
  for (const auto& [first, second] : edit.pairs)
    json["pairs"].push_back({{"first", first}, {"second", second}});
  json["along"] = edit.along;
  return json;
}

Json json_of(const OrderComparison& comparison) {
  Json json;
  json["passing"] = {{"order", comparison.passing},
                     {"outcome", json_of(comparison.passing_outcome)}};
  json["failing"] = {{"order", comparison.failing},
                     {"outcome", json_of(comparison.failing_outcome)}};
  json["verdict"] = to_string(comparison.verdict);
  json["why"] = comparison.why;
  json["edit"] = comparison.edit ? json_of(*comparison.edit) : Json();
  json["with_edit"] = comparison.edit ? json_of(comparison.with_edit) : Json();
  json["without_edit"] = comparison.edit ? json_of(comparison.without_edit) : Json();
  json["pairs"] = comparison.pairs;
  json["tests"] = comparison.tests;
  json["most_tests"] = comparison.most_tests;
  json["interval"] =
      comparison.interval ? Json{comparison.interval->first, comparison.interval->second} : Json();
  return json;
}

Json json_of(const OrdersFinding& finding) {
  Json json;
  begin_notebook(json, finding.notebook);
  json["safety"] = {{"answer", to_string(finding.safety)},
                    {"cell", optional_json(finding.unsafe_cell)},
                    {"run", finding.unsafe_run ? json_of(*finding.unsafe_run) : Json()}};
  json["base"] = {{"order", finding.base},
                  {"from", finding.base_from},
                  {"outcome", json_of(finding.base_outcome)}};
  json["measured"] = finding.measured;
  json["incomplete"] = finding.incomplete;
  json["conflicts"] = Json::array();
  for (const CellConflict& conflict : finding.conflicts)
    json["conflicts"].push_back(
        {{"first", conflict.first}, {"second", conflict.second}, {"through", conflict.through}});
  json["map"] = Json::array();
  for (const MapEntry& entry : finding.entries) json["map"].push_back(json_of(entry));
  json["orders"] = Json::array();
  for (const TriedOrder& tried : finding.orders) json["orders"].push_back(json_of(tried));
  json["comparison"] = finding.comparison ? json_of(*finding.comparison) : Json();
  json["cost"] = {{"base_s", rounded_seconds(finding.cost.base)},
                  {"executed_s", rounded_seconds(finding.cost.executed)},
                  {"base_runs", rounded(finding.cost.base_runs)},
                  {"base_runs_from_top", rounded(finding.cost.base_runs_from_top)}};
  end_notebook(json, finding.notebook);
  return json;
}

}  // namespace

std::string orders_json(const std::vector<OrdersFinding>& findings, bool pretty) {
  Json json = envelope("orders");
  json["notebooks"] = Json::array();
  for (const OrdersFinding& finding : findings) json["notebooks"].push_back(json_of(finding));
  return to_text(json, pretty);
}

}  // namespace nbreplay
