#include "nbreplay/report/read_findings.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "nbreplay/report/json.h"

#include "report/read_parts.h"
#include "report/read_versions.h"

namespace nbreplay {
namespace {

Duration duration_in(FieldReader& reader, const char* key) {
  constexpr double kLongest = 1e9;  // seconds; beyond it is no measurement
  const double value = reader.real(key);
  if (std::isnan(value) || value < 0 || value > kLongest) {
    reader.fail(key, "a time in seconds");
    return {};
  }
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

Reproduction reproduction_in(FieldReader reader) {
  Reproduction result;
  result.verdict =
      word(reader, "verdict",
           std::array{ReproductionVerdict::kBlocked, ReproductionVerdict::kReproduced,
                      ReproductionVerdict::kFlaky, ReproductionVerdict::kDifferentCrash,
                      ReproductionVerdict::kAbsent});
  if (reader.find("level") != nullptr)
    result.level =
        word(reader, "level", std::array{Level::kS, Level::kA, Level::kB, Level::kC, Level::kD});
  result.order = reader.numbers("order");
  result.order_from =
      word(reader, "order_from",
           std::array{OrderSource::kRecorded, OrderSource::kTopToBottom, OrderSource::kGapFilled,
                      OrderSource::kSubset, OrderSource::kSearched});
  result.order_why = reader.text("order_why");
  if (reader.find("observed") != nullptr) result.observed = crash_in(reader.object("observed"));
  result.fresh_runs = reader.number("fresh_runs");
  result.matching = reader.number("matching");
  result.why = reader.text("why");
  result.stubs = reader.texts("stubs");
  return result;
}

Guarantee guarantee_in(FieldReader& reader) {
  return word(reader, "guarantee",
              std::array{Guarantee::kNone, Guarantee::kOneMinimal, Guarantee::kPartial});
}

CertifiedRemovals certified_in(FieldReader reader) {
  return {reader.number("fresh"), reader.number("branched"), reader.number("cached"),
          reader.number("of")};
}

InputReduction::Size size_in(FieldReader reader) {
  return {reader.number("rows"), reader.number("columns"), reader.number("bytes")};
}

/// What is left of a file, in detail.
void reduction_in(FieldReader& reader, InputReduction& input, std::string& problem) {
  reader.for_each("rows", [&](const auto& item, const std::string& path) {
    const std::vector<std::size_t> stretch =
        FieldReader(FieldReader::Json{{"rows", item}}, path, problem).numbers("rows");
    if (stretch.size() == 2)
      input.rows.emplace_back(stretch[0], stretch[1]);
    else
      reader.fail("rows", "pairs of a first and a last row");
  });
  reader.for_each("changed", [&](const auto& item, const std::string& path) {
    FieldReader entry(item, path, problem);
    input.changed.push_back({entry.number("row"), entry.number("column"),
                             entry.optional_text("name"), entry.text("before"),
                             entry.text("after")});
  });
  input.why_partial = reader.optional_text("why_partial");
  if (reader.find("message") != nullptr) input.message = reader.text("message");
}

InputReduction input_in(FieldReader reader, std::string& problem) {
  InputReduction input;
  input.path = reader.optional_text("path");
  input.position = reader.number("position");
  input.not_reduced = reader.optional_text("not_reduced");
  input.before = size_in(reader.object("before"));
  input.after = size_in(reader.object("after"));
  input.values = reader.number("values");
  input.queries = reader.number("queries");
  input.guarantee = guarantee_in(reader);
  if (reader.find("rows") != nullptr) reduction_in(reader, input, problem);  // since 1.1
  input.certified = certified_in(reader.object("certified"));
  input.pinned = reader.texts("pinned");
  input.in_place = reader.flag("in_place");
  input.written = reader.optional_text("file");
  return input;
}

MinimalSequence minimal_in(FieldReader reader, std::string& problem) {
  MinimalSequence result;
  result.order = reader.numbers("order");
  result.guarantee = guarantee_in(reader);
  result.certified = certified_in(reader.object("certified"));
  result.queries = reader.number("queries");
  reader.for_each("statements", [&](const auto& item, const std::string& path) {
    FieldReader entry(item, path, problem);
    ReducedExecution execution;
    execution.position = entry.number("position");
    execution.cell = entry.number("cell");
    const auto lines = entry.numbers("lines");
    if (lines.size() == 2 && std::max(lines[0], lines[1]) <= 100'000'000) {
      execution.first_line = static_cast<int>(lines[0]);
      execution.last_line = static_cast<int>(lines[1]);
    } else {
      entry.fail("lines", "a first and a last line");
    }
    execution.source = entry.text("source");
    result.statements.push_back(std::move(execution));
  });
  if (reader.find("data") != nullptr) {
    result.data.emplace();
    reader.for_each("data", [&](const auto& item, const std::string& path) {
      result.data->inputs.push_back(input_in(FieldReader(item, path, problem), problem));
    });
  }
  if (reader.find("tables") != nullptr) result.tables = reader.texts("tables");  // since 1.1
  FieldReader confirmed = reader.object("confirmed");
  result.confirmations = confirmed.number("fresh_runs");
  result.confirmed_at_s = confirmed.number("at_s");
  result.confirmed_at_a = confirmed.number("at_a");
  reader.for_each("slipped", [&](const auto& item, const std::string& path) {
    result.slipped.push_back(crash_in(FieldReader(item, path, problem)));
  });
  return result;
}

Cause cause_in(FieldReader reader) {
  Cause cause;
  cause.label = reader.text("label");
  cause.sublabel = reader.optional_text("sublabel");
  cause.verdict = verdict_in(reader, "verdict");
  cause.cells = reader.numbers("cells");
  if (reader.find("edit") != nullptr) {
    FieldReader edit = reader.object("edit");
    cause.edit = OrderEdit{edit.text("kind"), edit.numbers("cells")};
  }
  cause.explanation = reader.text("explanation");
  return cause;
}

Experiment experiment_in(FieldReader reader) {
  Experiment experiment;
  experiment.factor = reader.text("factor");
  experiment.change = reader.text("change");
  experiment.outcome = reader.text("outcome");
  experiment.flips = reader.flag("flips");
  experiment.fresh_runs = reader.number("fresh_runs");
  experiment.wall = duration_in(reader, "wall_s");
  experiment.cells = reader.numbers("cells");
  return experiment;
}

CrashFinding crash_finding_in(FieldReader reader, std::string& problem) {
  CrashFinding crash;
  FieldReader cell = reader.object("cell");
  crash.cell = {cell.number("index"), cell.number("ordinal"), {}};
  if (cell.find("id") != nullptr) crash.cell.id = cell.text("id");
  if (reader.find("recorded") != nullptr) {
    FieldReader recorded = reader.object("recorded");
    crash.recorded = crash_in(recorded);
    if (recorded.find("execution_count") != nullptr)
      crash.recorded_count = static_cast<int>(
          std::min<std::size_t>(recorded.number("execution_count"), 2'000'000'000));
  }
  crash.crash_type = reader.text("crash_type");
  crash.library = reader.optional_text("library");
  crash.reproduction = reproduction_in(reader.object("reproduction"));
  FieldReader down = reader.object("top_to_bottom");
  crash.top_to_bottom =
      word(down, "outcome",
           std::array{TopToBottom::kNotRun, TopToBottom::kPasses, TopToBottom::kSame,
                      TopToBottom::kDifferent, TopToBottom::kUnresolved});
  crash.top_to_bottom_why = down.text("why");
  if (reader.find("minimal") != nullptr)
    crash.minimal = minimal_in(reader.object("minimal"), problem);
  if (reader.find("cause") != nullptr) crash.cause = cause_in(reader.object("cause"));
  reader.for_each("experiments", [&](const auto& item, const std::string& path) {
    crash.experiments.push_back(experiment_in(FieldReader(item, path, problem)));
  });
  reader.for_each("labels", [&](const auto& item, const std::string& path) {
    FieldReader entry(item, path, problem);
    crash.labels.push_back({entry.text("label"), entry.text("sublabel"),
                            verdict_in(entry, "verdict"), entry.text("why")});
  });
  crash.evidence = reader.texts("evidence");
  if (reader.find("versions") != nullptr)
    crash.versions = versions_in(reader.object("versions"), problem);
  return crash;
}

std::shared_ptr<const Environment> environment_in(FieldReader reader, std::string& problem) {
  auto environment = std::make_shared<Environment>();
  environment->interpreter.version = reader.text("python");
  const std::string& version = environment->interpreter.version;
  environment->interpreter.minor = version.substr(0, version.find('.', version.find('.') + 1));
  environment->hash = reader.text("hash");
  environment->source = reader.text("source");
  environment->why = reader.text("why");
  environment->display_name = reader.optional_text("name");
  reader.for_each("packages", [&](const auto& item, const std::string& path) {
    FieldReader entry(item, path, problem);
    environment->packages.push_back({entry.text("name"), entry.text("version")});
  });
  return environment;
}

NotebookFinding finding_in(FieldReader reader, std::string& problem) {
  NotebookFinding finding;
  FieldReader notebook = reader.object("notebook");
  finding.path = notebook.text("path");
  finding.sha256 = notebook.text("sha256");
  finding.code_cells = notebook.number("code_cells");
  if (notebook.find("code_cell_indices") != nullptr) {
    std::size_t ordinal = 0;
    for (const std::size_t index : notebook.numbers("code_cell_indices"))
      finding.ordinals[index] = ++ordinal;
  }
  if (reader.find("environment") != nullptr)
    finding.environment = environment_in(reader.object("environment"), problem);
  FieldReader trials = reader.object("trials");
  finding.trials = {trials.number("total"), trials.number("fresh"),  trials.number("branched"),
                    trials.number("warm"),  trials.number("cached"), trials.number("dropped")};
  finding.wall = duration_in(reader, "wall_s");
  finding.stopped_by =
      word(reader, "stopped_by",
           std::array{StoppedBy::kDone, StoppedBy::kBudget, StoppedBy::kInterrupt});
  if (FieldReader outputs = reader.object("outputs"); !reader.failed())
    for (const auto& [name, path] : reader.find("outputs")->items())
      finding.outputs[name] = outputs.text(name.c_str());
  reader.for_each("crashes", [&](const auto& item, const std::string& path) {
    finding.crashes.push_back(crash_finding_in(FieldReader(item, path, problem), problem));
  });
  finding.ran_clean = reader.flag("ran_clean");
  reader.for_each("requirements", [&](const auto& item, const std::string& path) {
    FieldReader entry(item, path, problem);
    finding.requirements.push_back(
        {entry.text("command"), entry.text("requirement"), entry.flag("satisfied")});
  });
  if (reader.find("taints") != nullptr)  // since 1.1
    reader.for_each("taints", [&](const auto& item, const std::string& path) {
      FieldReader entry(item, path, problem);
      finding.taints.push_back(
          {entry.find("cell") != nullptr ? entry.number("cell") : kNoCell, entry.text("hazard")});
    });
  finding.notes = reader.texts("notes");
  finding.environment_change = reader.optional_text("environment_change");
  if (reader.find("problem") != nullptr) {
    FieldReader entry = reader.object("problem");
    finding.problem = Error{ErrorCode::kEnvironment, entry.text("message"),
                            entry.optional_text("cause"), entry.optional_text("hint")};
  }
  return finding;
}

Error not_a_result(const std::string& cause) {
  return bad_input("not a result of nbreplay that can be rendered", cause,
                   "give a file that 'nbreplay diagnose' wrote, or what --json printed");
}

}  // namespace

Result<SavedFindings> read_findings(std::string_view text) {
  const auto json = FieldReader::Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return not_a_result("it is not JSON");
  std::string problem;
  FieldReader reader(json, "", problem);
  const std::string version = reader.text("schema_version");
  SavedFindings saved;
  saved.command = reader.text("command");
  if (reader.failed()) return not_a_result(problem);
  const auto major = [](std::string_view full) { return full.substr(0, full.find('.')); };
  if (major(version) != major(kSchemaVersion))
    return not_a_result(fmt::format("its schema_version is {}, and this nbreplay reads {}", version,
                                    kSchemaVersion));
  if (saved.command != "diagnose" && saved.command != "reproduce" && saved.command != "minimize" &&
      saved.command != "bisect")
    return not_a_result(
        fmt::format("it is the result of `{}`, and only those of diagnose, reproduce, minimize "
                    "and bisect are rendered again",
                    saved.command));
  reader.for_each("notebooks", [&](const auto& item, const std::string& path) {
    saved.findings.push_back(finding_in(FieldReader(item, path, problem), problem));
  });
  if (reader.failed()) return not_a_result(problem);
  return saved;
}

}  // namespace nbreplay
