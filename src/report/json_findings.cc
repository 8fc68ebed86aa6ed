#include <fmt/format.h>

#include "nbreplay/report/json.h"

#include "report/json_parts.h"
#include "report/versions_parts.h"

namespace nbreplay {
namespace {

Json json_of(const Reproduction& reproduction) {
  Json json;
  json["verdict"] = to_string(reproduction.verdict);
  json["level"] = reproduction.level ? Json(to_string(*reproduction.level)) : Json();
  json["order"] = reproduction.order;
  json["order_from"] = to_string(reproduction.order_from);
  json["order_why"] = reproduction.order_why;
  json["observed"] = reproduction.observed ? nbreplay::json_of(*reproduction.observed) : Json();
  json["fresh_runs"] = reproduction.fresh_runs;
  json["matching"] = reproduction.matching;
  json["hash_seeds"] = reproduction.hash_seeds;
  json["why"] = reproduction.why;
  json["stubs"] = reproduction.stubs;
  return json;
}

Json json_of(const CertifiedRemovals& certified) {
  return {{"fresh", certified.fresh},
          {"branched", certified.branched},
          {"cached", certified.cached},
          {"of", certified.of}};
}

Json json_of(const InputReduction::Size& size) {
  return {{"rows", size.rows}, {"columns", size.columns}, {"bytes", size.bytes}};
}

Json json_of(const InputReduction::Value& value) {
  return {{"row", value.row},
          {"column", value.column},
          {"name", value.name.empty() ? Json() : Json(value.name)},
          {"before", value.before},
          {"after", value.after}};
}

Json json_of(const InputReduction& input) {
  Json json;
  json["path"] = input.path.empty() ? Json() : Json(input.path);
  json["position"] = input.position;
  json["not_reduced"] = input.reduced() ? Json() : Json(input.not_reduced);
  json["before"] = json_of(input.before);
  json["after"] = json_of(input.after);
  json["rows"] = Json::array();
  for (const auto& [first, last] : input.rows) json["rows"].push_back({first, last});
  json["values"] = input.values;
  json["changed"] = Json::array();
  for (const InputReduction::Value& value : input.changed)
    json["changed"].push_back(json_of(value));
  json["queries"] = input.queries;
  json["guarantee"] = to_string(input.guarantee);
  json["why_partial"] = input.why_partial.empty() ? Json() : Json(input.why_partial);
  json["certified"] = json_of(input.certified);
  json["pinned"] = input.pinned;
  json["message"] = optional_json(input.message);
  json["in_place"] = input.in_place;
  json["file"] = input.written.empty() ? Json() : Json(input.written.string());
  return json;
}

Json json_of(const MinimalSequence& minimal, const Path& notebook) {
  Json json;
  json["order"] = minimal.order;
  json["guarantee"] = to_string(minimal.guarantee);
  json["certified"] = json_of(minimal.certified);
  json["queries"] = minimal.queries;
  json["statements"] = Json::array();
  for (const ReducedExecution& execution : minimal.statements)
    json["statements"].push_back({{"position", execution.position},
                                  {"cell", execution.cell},
                                  {"lines", {execution.first_line, execution.last_line}},
                                  {"source", execution.source}});
  json["statements_complete"] = minimal.statements_complete;
  json["data"] = Json();
  if (minimal.data) {
    json["data"] = Json::array();
    for (const InputReduction& input : minimal.data->inputs) json["data"].push_back(json_of(input));
  }
  json["tables"] = minimal.tables;
  json["confirmed"] = {{"fresh_runs", minimal.confirmations},
                       {"at_s", minimal.confirmed_at_s},
                       {"at_a", minimal.confirmed_at_a}};
  json["slipped"] = Json::array();
  for (const Crash& crash : minimal.slipped) json["slipped"].push_back(nbreplay::json_of(crash));
  json["notebook"] = notebook.empty() ? Json() : Json(notebook.string());
  return json;
}

Json json_of(const Cause& cause) {
  Json json;
  json["label"] = cause.label;
  json["sublabel"] = cause.sublabel.empty() ? Json() : Json(cause.sublabel);
  json["verdict"] = to_string(cause.verdict);
  json["cells"] = cause.cells;
  json["edit"] =
      cause.edit ? Json{{"kind", cause.edit->kind}, {"cells", cause.edit->cells}} : Json();
  json["explanation"] = cause.explanation;
  return json;
}

Json json_of(const Experiment& experiment) {
  Json json;
  json["factor"] = experiment.factor;
  json["change"] = experiment.change;
  json["outcome"] = experiment.outcome;
  json["flips"] = experiment.flips;
  json["fresh_runs"] = experiment.fresh_runs;
  json["wall_s"] = rounded_seconds(experiment.wall);
  json["cells"] = experiment.cells;
  return json;
}

Json json_of(const CrashFinding& crash, const NotebookFinding& finding) {
  Json json;
  json["cell"] = nbreplay::json_of(crash.cell);
  if (crash.recorded) {
    json["recorded"] = nbreplay::json_of(*crash.recorded);
    json["recorded"]["execution_count"] = optional_json(crash.recorded_count);
  } else {
    json["recorded"] = nullptr;
  }
  json["crash_type"] = crash.crash_type;
  json["stage"] = nullptr;
  json["library"] = crash.library.empty() ? Json() : Json(crash.library);
  json["reproduction"] = json_of(crash.reproduction);
  json["top_to_bottom"] = {{"outcome", to_string(crash.top_to_bottom)},
                           {"why", crash.top_to_bottom_why}};
  const auto written = finding.outputs.find(fmt::format("minimal-{}", crash.cell.ordinal));
  json["minimal"] =
      crash.minimal
          ? json_of(*crash.minimal, written == finding.outputs.end() ? Path() : written->second)
          : Json();
  json["cause"] = crash.cause ? json_of(*crash.cause) : Json();
  json["experiments"] = Json::array();
  for (const Experiment& experiment : crash.experiments)
    json["experiments"].push_back(json_of(experiment));
  json["labels"] = Json::array();
  for (const LabelStatus& status : crash.labels)
    json["labels"].push_back({{"label", status.label},
                              {"sublabel", status.sublabel},
                              {"verdict", to_string(status.verdict)},
                              {"why", status.why}});
  json["evidence"] = crash.evidence;
  json["versions"] = crash.versions ? nbreplay::json_of(*crash.versions) : Json();
  return json;
}

Json json_of(const NotebookFinding& finding) {
  Json json;
  begin_notebook(json, finding);
  json["crashes"] = Json::array();
  for (const CrashFinding& crash : finding.crashes)
    json["crashes"].push_back(json_of(crash, finding));
  json["ran_clean"] = finding.ran_clean;
  end_notebook(json, finding);
  return json;
}

}  // namespace

std::string findings_json(std::string_view command, const std::vector<NotebookFinding>& findings,
                          bool pretty) {
  Json json = envelope(command);
  json["notebooks"] = Json::array();
  for (const NotebookFinding& finding : findings) json["notebooks"].push_back(json_of(finding));
  return to_text(json, pretty);
}

}  // namespace nbreplay
