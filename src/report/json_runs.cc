#include "nbreplay/report/json.h"
#include "nbreplay/trial/ending.h"

#include "report/json_parts.h"

namespace nbreplay {
namespace {

Json json_of(const CellOutcome& cell) {
  Json json;
  json["position"] = cell.position;
  json["cell"] = cell.cell == kNoCell ? Json() : Json(cell.cell);
  json["execution_count"] = optional_json(cell.execution_count);
  json["wall_s"] = rounded_seconds(cell.wall);
  json["output_truncated"] = cell.output_truncated;
  const auto* raised = std::get_if<Raised>(&cell.end);
  json["end"] = raised != nullptr                               ? "raised"
                : std::holds_alternative<Completed>(cell.end)   ? "completed"
                : std::holds_alternative<Interrupted>(cell.end) ? "interrupted"
                                                                : "not-reached";
  json["raised"] = raised != nullptr ? nbreplay::json_of(raised->crash) : Json();
  if (raised != nullptr) json["raised"]["caused_by_limit"] = raised->caused_by_limit;
  return json;
}

TrialCounts plain_trials(std::size_t number, Origin origin) {
  TrialCounts counts;
  counts.total = number;
  (origin == Origin::kWarm ? counts.warm : counts.fresh) = number;
  return counts;
}

/// The failure that a run or a test ended with, as far as one run tells: it was seen, not
/// investigated.
Json seen_crash(std::optional<std::size_t> cell, std::optional<std::size_t> ordinal, Json observed,
                const std::string& summary) {
  const bool in_cell = cell && *cell != kNoCell;
  return {{"cell", in_cell ? Json{{"index", *cell}, {"ordinal", optional_json(ordinal)}} : Json()},
          {"observed", std::move(observed)},
          {"summary", summary}};
}

Json crashes_of(const RunResult& run) {
  Json crashes = Json::array();
  if (!run.outcome || !run.failed_cell) return crashes;
  Json observed;
  for (const CellOutcome& cell : run.outcome->cells)
    if (const auto* raised = std::get_if<Raised>(&cell.end);
        raised != nullptr && cell.cell == *run.failed_cell)
      observed = nbreplay::json_of(raised->crash);
  crashes.push_back(
      seen_crash(run.failed_cell, run.failed_ordinal, std::move(observed), run.summary));
  return crashes;
}

Json json_of(const RunResult& run) {
  Json json;
  json["notebook"] = {
      {"path", run.path.string()}, {"sha256", run.sha256}, {"code_cells", run.code_cells}};
  json["environment"] = run.environment ? nbreplay::json_of(*run.environment) : Json();
  json["sandbox"] = nbreplay::json_of(run.sandbox);
  json["limits"] = nbreplay::json_of(run.limits);
  json["seed"] = optional_json(run.seed);
  json["trials"] = nbreplay::json_of(plain_trials(run.outcome ? 1 : 0, run.origin));
  json["stopped_by"] = to_string(run.stopped_by);
  json["passed"] = run.passed();
  json["order"] = run.order;
  json["summary"] = run.summary;
  json["outputs"] = Json::object();
  if (!run.executed.empty()) json["outputs"]["executed"] = run.executed.string();
  json["crashes"] = crashes_of(run);
  json["cells"] = Json::array();
  json["termination"] = nullptr;
  json["wall_s"] = 0.0;
  json["python_stack"] = nullptr;
  json["requirements"] = nbreplay::json_of(std::vector<PipRequirement>());
  json["taints"] = Json::array();
  json["notes"] = Json::array();
  json["environment_change"] = nullptr;
  if (run.outcome) {
    for (const CellOutcome& cell : run.outcome->cells) json["cells"].push_back(json_of(cell));
    json["termination"] = nbreplay::json_of(run.outcome->termination);
    json["termination"]["words"] = describe_end(*run.outcome);
    json["wall_s"] = rounded_seconds(run.outcome->wall);
    if (!run.outcome->python_stack.empty()) json["python_stack"] = run.outcome->python_stack;
    json["requirements"] = nbreplay::json_of(run.outcome->requirements);
    for (const Taint& taint : run.outcome->taints) {
      const auto& cells = run.outcome->cells;
      const std::size_t cell = taint.position < cells.size() ? cells[taint.position].cell : kNoCell;
      json["taints"].push_back(
          {{"cell", cell == kNoCell ? Json() : Json(cell)}, {"hazard", taint.hazard}});
    }
    json["notes"] = run.outcome->notes;
    if (!run.outcome->environment_change.empty())
      json["environment_change"] = run.outcome->environment_change;
  }
  json["problem"] = run.problem ? nbreplay::json_of(*run.problem) : Json();
  return json;
}

StoppedBy stopped_by(const TestResult& test) {
  return test.interrupted       ? StoppedBy::kInterrupt
         : test.ended_by_budget ? StoppedBy::kBudget
                                : StoppedBy::kDone;
}

Json json_of(const TestResult& test, const SandboxFacts& sandbox) {
  Json json;
  json["notebook"] = {
      {"path", test.notebook.string()}, {"sha256", test.sha256}, {"code_cells", test.code_cells}};
  json["environment"] = test.environment ? nbreplay::json_of(*test.environment) : Json();
  json["sandbox"] = nbreplay::json_of(sandbox);
  json["limits"] = nbreplay::json_of(test.limits);
  json["seed"] = optional_json(test.seed);
  json["trials"] = nbreplay::json_of(plain_trials(test.trials, test.origin));
  json["wall_s"] = rounded_seconds(test.wall);
  json["stopped_by"] = to_string(stopped_by(test));
  json["outputs"] = Json::object();
  json["crashes"] = Json::array();
  if (test.status == TestStatus::kFailed)
    json["crashes"].push_back(seen_crash(test.failed_cell, test.failed_ordinal,
                                         test.observed ? nbreplay::json_of(*test.observed) : Json(),
                                         test.summary));
  json["status"] = to_string(test.status);
  json["cells_run"] = test.cells_run;
  json["summary"] = test.summary;
  json["traceback"] = test.traceback;
  json["cause"] = test.cause.empty() ? Json() : Json(test.cause);
  return json;
}

}  // namespace

std::string runs_json(const std::vector<RunResult>& runs, bool pretty) {
  Json json = envelope("run");
  json["notebooks"] = Json::array();
  for (const RunResult& run : runs) json["notebooks"].push_back(json_of(run));
  return to_text(json, pretty);
}

std::string tests_json(const std::vector<TestResult>& tests, const SandboxFacts& sandbox,
                       bool pretty) {
  Json json = envelope("test");
  const TestTotals sum = totals(tests);
  json["totals"] = {{"passed", sum.passed},
                    {"failed", sum.failed},
                    {"errors", sum.errors},
                    {"skipped", sum.skipped}};
  json["notebooks"] = Json::array();
  for (const TestResult& test : tests) json["notebooks"].push_back(json_of(test, sandbox));
  return to_text(json, pretty);
}

std::string verify_json(const std::map<std::string, std::size_t>& verdicts, std::size_t rows,
                        std::size_t resumed, const Path& csv, const Path& jsonl, bool pretty) {
  Json json = envelope("verify");
  Json counts = Json::object();
  for (const char* verdict :
       {"confirmed", "refuted", "ambiguous", "blocked", "unknown", "not-judged"}) {
    const auto found = verdicts.find(verdict);
    counts[verdict] = found == verdicts.end() ? 0 : found->second;
  }
  json["verify"] = {{"rows", rows},
                    {"resumed", resumed},
                    {"verdicts", std::move(counts)},
                    {"outputs", {{"csv", csv.string()}, {"jsonl", jsonl.string()}}}};
  return to_text(json, pretty);
}

}  // namespace nbreplay
