#include "report/json_parts.h"

#include <cmath>

#include "nbreplay/report/json.h"
#include "nbreplay/report/version.h"

namespace nbreplay {

double rounded_seconds(Duration duration) {
  return std::round(seconds(duration) * 1e4) / 1e4;
}

Json envelope(std::string_view command) {
  Json json;
  json["schema_version"] = kSchemaVersion;
  json["tool"] = {{"name", "nbreplay"}, {"version", kVersion}};
  json["command"] = command;
  return json;
}

std::string to_text(const Json& json, bool pretty) {
  return json.dump(pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const std::vector<PackageVersion>& packages) {
  Json list = Json::array();
  for (const PackageVersion& package : packages)
    list.push_back({{"name", package.name}, {"version", package.version}});
  return list;
}

Json json_of(const Environment& environment) {
  Json json;
  json["name"] = environment.display_name;
  json["python"] = environment.interpreter.version;
  json["packages"] = json_of(environment.packages);
  json["hash"] = environment.hash;
  json["source"] = environment.source;
  json["why"] = environment.why;
  json["ipython"] =
      environment.ipython_version.empty() ? Json() : Json(environment.ipython_version);
  json["ipython_from"] = environment.has_ipython             ? "environment"
                         : !environment.prepend_path.empty() ? "supply, before"
                         : !environment.append_path.empty()  ? "supply, after"
                                                             : "none";
  return json;
}

Json json_of(const SandboxFacts& sandbox) {
  Json missing = Json::array();
  Json remedies = Json::array();
  for (const MissingLayer& layer : sandbox.missing) {
    missing.push_back(layer.name);
    remedies.push_back({{"layer", layer.name}, {"why", layer.why}, {"remedy", layer.remedy}});
  }
  return {{"level", sandbox.level},
          {"layers", sandbox.layers},
          {"missing", std::move(missing)},
          {"remedies", std::move(remedies)},
          {"network", sandbox.network}};
}

Json json_of(const Limits& limits) {
  const auto time = [](const std::optional<Duration>& limit) {
    return limit ? Json(rounded_seconds(*limit)) : Json();
  };
  Json json;
  json["cell_timeout_s"] = time(limits.cell_timeout);
  json["budget_s"] = time(limits.budget);
  json["memory_bytes"] = limits.memory.count;
  json["output_per_stream_bytes"] = limits.output_per_stream.count;
  json["output_per_run_bytes"] = limits.output_per_run.count;
  json["files_written_bytes"] = limits.files_written.count;
  json["files"] = limits.files;
  json["processes"] = limits.processes;
  json["address_space_bytes"] = limits.address_space ? Json(limits.address_space->count) : Json();
  return json;
}

Json json_of(const Error& error) {
  return {{"message", error.message}, {"cause", error.cause}, {"hint", error.hint}};
}

Json json_of(const CellName& cell) {
  return {{"index", cell.index}, {"ordinal", cell.ordinal}, {"id", optional_json(cell.id)}};
}

Json json_of(const Crash& crash) {
  return {{"ename", crash.type}, {"evalue", optional_json(crash.message)}};
}

Json json_of(const TrialCounts& trials) {
  return {{"total", trials.total}, {"fresh", trials.fresh},   {"branched", trials.branched},
          {"warm", trials.warm},   {"cached", trials.cached}, {"dropped", trials.dropped}};
}

Json json_of(const std::vector<PipRequirement>& requirements) {
  Json list = Json::array();
  for (const PipRequirement& requirement : requirements)
    list.push_back({{"command", requirement.command},
                    {"requirement", requirement.requirement},
                    {"satisfied", requirement.satisfied}});
  return list;
}

Json json_of(const Termination& termination) {
  Json json;
  struct Visitor {
    Json& json;
    void operator()(const Exited& end) const {
      json["kind"] = "exited";
      json["code"] = end.code;
    }
    void operator()(const Signaled& end) const {
      json["kind"] = "signaled";
      json["signal"] = end.signal;
    }
    void operator()(const TimedOut& end) const {
      json["kind"] = "timed-out";
      json["limit"] = end.limit == TimeLimit::kCell ? "cell" : "budget";
    }
    void operator()(const LimitExceeded& end) const {
      json["kind"] = "limit-exceeded";
      switch (end.resource) {
        case Resource::kMemory:
          json["limit"] = "memory";
          break;
        case Resource::kDisk:
          json["limit"] = "disk";
          break;
        case Resource::kOutput:
          json["limit"] = "output";
          break;
        case Resource::kProcesses:
          json["limit"] = "processes";
          break;
      }
    }
    void operator()(const Killed&) const { json["kind"] = "killed"; }
    void operator()(const SetupFailed& end) const {
      json["kind"] = "setup-failed";
      json["stage"] = end.stage;
    }
  };
  std::visit(Visitor{json}, termination);
  json["words"] = describe(termination);
  return json;
}

void begin_notebook(Json& json, const NotebookFinding& finding) {
  json["notebook"] = {{"path", finding.path.string()},
                      {"sha256", finding.sha256},
                      {"code_cells", finding.code_cells}};
  // Cells are named by index everywhere; with this a reader can say their ordinals.
  json["notebook"]["code_cell_indices"] = Json::array();
  for (const auto& [index, ordinal] : finding.ordinals)
    json["notebook"]["code_cell_indices"].push_back(index);
  json["environment"] = finding.environment ? json_of(*finding.environment) : Json();
  json["sandbox"] = json_of(finding.sandbox);
  json["limits"] = json_of(finding.limits);
  json["seed"] = optional_json(finding.seed);
  json["trials"] = json_of(finding.trials);
  json["wall_s"] = rounded_seconds(finding.wall);
  json["stopped_by"] = to_string(finding.stopped_by);
  json["outputs"] = Json::object();
  for (const auto& [name, path] : finding.outputs) json["outputs"][name] = path.string();
}

void end_notebook(Json& json, const NotebookFinding& finding) {
  json["requirements"] = json_of(finding.requirements);
  json["taints"] = Json::array();
  for (const CellTaint& taint : finding.taints)
    json["taints"].push_back(
        {{"cell", taint.cell == kNoCell ? Json() : Json(taint.cell)}, {"hazard", taint.hazard}});
  json["notes"] = finding.notes;
  json["environment_change"] =
      finding.environment_change.empty() ? Json() : Json(finding.environment_change);
  json["problem"] = finding.problem ? json_of(*finding.problem) : Json();
}

}  // namespace nbreplay
