#include "store/outcome_json.h"

#include <nlohmann/json.hpp>

namespace nbreplay {
namespace {

using Json = nlohmann::json;

// Absent optionals are null. Texts may hold lone surrogates (WTF-8); dump() replaces them.
template <class T>
Json optional_json(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

template <class T>
std::optional<T> optional_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<T>();
}

Json to_json(const Frame& frame) {
  return {{"cell", optional_json(frame.cell)},
          {"notebook", frame.in_notebook},
          {"file", frame.file},
          {"module", frame.module},
          {"function", frame.function},
          {"line", frame.line},
          {"text", frame.text}};
}

Frame frame_from(const Json& json) {
  Frame frame;
  frame.cell = optional_from<std::size_t>(json.at("cell"));
  frame.in_notebook = json.at("notebook");
  frame.file = json.at("file");
  frame.module = json.at("module");
  frame.function = json.at("function");
  frame.line = json.at("line");
  frame.text = json.at("text");
  return frame;
}

Json to_json(const Crash& crash) {
  Json frames = Json::array();
  for (const Frame& frame : crash.frames) frames.push_back(to_json(frame));
  Json chain = Json::array();
  for (const ChainLink& link : crash.chain)
    chain.push_back({link.type, link.message, link.explicit_cause});
  return {{"type", crash.type},
          {"qualified", crash.qualified_type},
          {"bases", crash.base_types},
          {"message", optional_json(crash.message)},
          {"frames", std::move(frames)},
          {"chain", std::move(chain)},
          {"chain_known", crash.chain_known},
          {"cell", optional_json(crash.cell)},
          {"line", optional_json(crash.line)},
          {"statement", optional_json(crash.statement)}};
}

Crash crash_from(const Json& json) {
  Crash crash;
  crash.type = json.at("type");
  crash.qualified_type = json.at("qualified");
  crash.base_types = json.at("bases").get<std::vector<std::string>>();
  crash.message = optional_from<std::string>(json.at("message"));
  for (const Json& frame : json.at("frames")) crash.frames.push_back(frame_from(frame));
  for (const Json& link : json.at("chain"))
    crash.chain.push_back({link.at(0), link.at(1), link.at(2)});
  crash.chain_known = json.at("chain_known");
  crash.cell = optional_from<std::size_t>(json.at("cell"));
  crash.line = optional_from<int>(json.at("line"));
  crash.statement = optional_from<std::string>(json.at("statement"));
  return crash;
}

Json to_json(const CellOutcome& cell) {
  Json json = {{"position", cell.position},
               {"cell", cell.cell},
               {"count", optional_json(cell.execution_count)},
               {"wall_ns", cell.wall.count()},
               {"end", cell.end.index()}};
  if (const auto* raised = std::get_if<Raised>(&cell.end)) {
    json["crash"] = to_json(raised->crash);
    json["by_limit"] = raised->caused_by_limit;
  }
  if (const auto& seen = cell.observed)
    json["observed"] = {seen->reads, seen->writes, seen->changes, seen->complete};
  return json;
}

CellOutcome cell_from(const Json& json) {
  CellOutcome cell;
  cell.position = json.at("position");
  cell.cell = json.at("cell");
  cell.execution_count = optional_from<int>(json.at("count"));
  cell.wall = Duration(json.at("wall_ns").get<Duration::rep>());
  if (json.contains("observed")) {
    const Json& seen = json.at("observed");
    cell.observed = Observed{seen.at(0), seen.at(1), seen.at(2), seen.at(3)};
  }
  switch (json.at("end").get<std::size_t>()) {
    case 0:
      cell.end = Completed{};
      break;
    case 1:
      cell.end = Raised{crash_from(json.at("crash")), json.at("by_limit")};
      break;
    case 2:
      cell.end = Interrupted{};
      break;
    default:
      cell.end = NotReached{};
      break;
  }
  return cell;
}

}  // namespace

std::string outcome_to_json(const Outcome& outcome) {
  Json cells = Json::array();
  for (const CellOutcome& cell : outcome.cells) cells.push_back(to_json(cell));
  Json requirements = Json::array();
  for (const PipRequirement& r : outcome.requirements)
    requirements.push_back({r.command, r.requirement, r.satisfied});
  Json json = {{"cells", std::move(cells)},
               {"finished", outcome.finished},
               {"python_stack", outcome.python_stack},
               {"requirements", std::move(requirements)},
               {"notes", outcome.notes},
               {"python", outcome.python_version},
               {"ipython", outcome.ipython_version},
               {"wall_ns", outcome.wall.count()}};
  // Only ends of the notebook's own making are ever stored.
  if (const auto* exited = std::get_if<Exited>(&outcome.termination)) json["exit"] = exited->code;
  if (const auto* signaled = std::get_if<Signaled>(&outcome.termination))
    json["signal"] = signaled->signal;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Outcome> outcome_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Outcome outcome;
    for (const Json& cell : json.at("cells")) outcome.cells.push_back(cell_from(cell));
    outcome.finished = json.at("finished");
    outcome.python_stack = json.at("python_stack");
    for (const Json& r : json.at("requirements"))
      outcome.requirements.push_back({r.at(0), r.at(1), r.at(2)});
    outcome.notes = json.at("notes").get<std::vector<std::string>>();
    outcome.python_version = json.at("python");
    outcome.ipython_version = json.at("ipython");
    outcome.wall = Duration(json.at("wall_ns").get<Duration::rep>());
    if (json.contains("exit")) {
      outcome.termination = Exited{json["exit"]};
    } else if (json.contains("signal")) {
      outcome.termination = Signaled{json["signal"]};
    } else {
      return std::nullopt;
    }
    return outcome;
  } catch (const Json::exception&) {
    return std::nullopt;  // a damaged entry is no entry
  }
}

}  // namespace nbreplay
