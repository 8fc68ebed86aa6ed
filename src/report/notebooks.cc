#include "nbreplay/report/notebooks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "nbreplay/base/check.h"
#include "nbreplay/base/utf8.h"

#include "report/words.h"

namespace nbreplay {
namespace {

/// What marks a notebook as ours (store/ looks for it before replacing a file).
std::string mark(std::string_view command, const Notebook& source) {
  const nlohmann::json json = {{"command", command}, {"source_sha256", source.sha256()}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A fence that the text cannot close.
std::string fenced(std::string_view text, std::string_view language) {
  std::string fence = "```";
  while (text.find(fence) != std::string_view::npos) fence += '`';
  return fmt::format("{}{}\n{}\n{}", fence, language, text, fence);
}

std::string original_names(const Notebook& notebook, const ExecutionOrder& order) {
  std::vector<std::size_t> ordinals;
  for (const std::size_t cell : order) ordinals.push_back(notebook.ordinal_of(cell).value_or(0));
  return fmt::format("{}", fmt::join(ordinals, ", "));
}

std::string what_was_certified(const MinimalSequence& minimal) {
  const auto& certified = minimal.certified;
  const std::size_t seen = certified.fresh + certified.branched + certified.cached;
  if (minimal.guarantee == Guarantee::kOneMinimal)
    return "Without any single one of these cells the crash does not happen (each was tried).";
  if (seen == certified.of)
    return "Each of these cells was tried without, but what is left was not seen to crash every "
           "time: some may not be needed.";
  return fmt::format("{} of {} cells were tried without: some may not be needed.", seen,
                     certified.of);
}

/// The source of an execution, reduced where it was.
const std::string& source_of(const Notebook& notebook, const MinimalSequence& minimal,
                             std::size_t position) {
  if (minimal.data && position < minimal.data->sources.size())
    return minimal.data->sources[position];
  for (const ReducedExecution& reduced : minimal.statements)
    if (reduced.position == position) return reduced.source;
  return notebook.cells()[minimal.order[position]].source;
}

/// Executions that statement reduction left anything of. An empty cell does nothing anywhere.
std::vector<std::size_t> positions_with_code(const Notebook& notebook,
                                             const MinimalSequence& minimal) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < minimal.order.size(); ++i) {
    const std::string& source = source_of(notebook, minimal, i);
    if (i + 1 == minimal.order.size() || source.find_first_not_of(" \t\r\n\f") != std::string::npos)
      positions.push_back(i);
  }
  return positions;
}

/// What the reader must have beside the notebook for it to crash the same way.
std::string what_it_takes(const CrashFinding& finding, const NotebookFinding& context) {
  std::string text;
  if (!finding.reproduction.stubs.empty())
    text += fmt::format(
        "nbreplay put placeholders in place of modules that the environment lacks ({}): without "
        "these modules, a cell that still imports one fails there. ",
        escape_control(fmt::format("{}", fmt::join(finding.reproduction.stubs, ", "))));
  if (context.seed) text += fmt::format("Random numbers were seeded with {}. ", *context.seed);
  return text;
}

/// Where its data are, and what they were.
std::string what_it_reads(const MinimalSequence& minimal) {
  std::string text;
  if (!minimal.data) return text;
  const auto code = [](const std::string& path) {
    return fmt::format("`{}`", escape_control(to_valid_utf8(path)));
  };
  for (const InputReduction& input : minimal.data->inputs) {
    if (!input.reduced()) continue;
    const std::string columns =
        input.before.columns == 0
            ? std::string()
            : fmt::format(" and {} of {} columns", input.after.columns, input.before.columns);
    text += fmt::format("{} holds {} of {} rows{} of {}", code(input.file), input.after.rows,
                        input.before.rows, columns, code(input.path));
    if (input.values > 0)
      text +=
          fmt::format("; {} value{} simpler", input.values, input.values == 1 ? " is" : "s are");
    text += input.in_place ? fmt::format(": put it in the place of {} to see the crash with it. ",
                                         code(input.path))
                           : std::string(". ");
    if (!input.pinned.empty())
      text += fmt::format(
          "`dtype=` gives columns the type that they had with all rows: {}. ",
          escape_control(to_valid_utf8(fmt::format("{}", fmt::join(input.pinned, ", ")))));
  }
  return text;
}

std::string introduction(const Notebook& notebook, const CrashFinding& finding,
                         const NotebookFinding& context) {
  const MinimalSequence& minimal = *finding.minimal;
  const Crash& crash =
      minimal.data && minimal.data->crash ? *minimal.data->crash : *finding.reproduction.observed;
  std::string text = fmt::format(
      "# Why `{}` crashes in cell {}\n\n"
      "Run this notebook from top to bottom in the environment below: {}\n\n{}\n\n",
      to_valid_utf8(notebook.path().filename().string()), finding.cell.ordinal,
      minimal.confirmed_at_a == 0          ? "its last cell should raise (this was not confirmed)"
      : finding.reproduction.stubs.empty() ? "its last cell raises"
                                           : "with the modules named below, its last cell raises",
      fenced(crash_summary(crash), "text"));
  if (finding.cause) {
    text += fmt::format("**Cause** ({}): {}. {}\n\n", to_string(finding.cause->verdict),
                        cause_name(*finding.cause), finding.cause->explanation);
  }
  text += fmt::format(
      "It holds {} of the {} executions that led to the crash: cells {} of the original, in that "
      "order. {}\n\n",
      minimal.order.size(), finding.reproduction.order.size(),
      original_names(notebook, minimal.order), what_was_certified(minimal));
  if (const std::size_t left = positions_with_code(notebook, minimal).size();
      left < minimal.order.size())
    text += fmt::format(
        "Once the other cells were reduced, {} of these had nothing left to do: left out. ",
        minimal.order.size() - left);
  if (minimal.confirmations > 0)
    text += fmt::format("{} of {} fresh runs of it crashed alike. ", minimal.confirmed_at_a,
                        minimal.confirmations);
  if (!minimal.statements.empty())
    text += minimal.statements_complete
                ? "Statements that the crash does not need were left out of each cell."
                : "Some statements that the crash does not need were left out.";
  text += "\n\n";
  if (const std::string needs = what_it_takes(finding, context); !needs.empty())
    text += needs + "\n\n";
  std::string reads = what_it_reads(minimal);
  if (!reads.empty()) reads.pop_back();
  if (!reads.empty()) text += reads + "\n\n";
  if (context.environment) {
    text += fmt::format("Environment: Python {}", context.environment->interpreter.version);
    std::vector<std::string> pins;
    for (const PackageVersion& package : context.environment->packages)
      pins.push_back(fmt::format("{}=={}", package.name, package.version));
    text += fmt::format(".\n\n{}\n\n", fenced(fmt::format("{}", fmt::join(pins, "\n")), "text"));
  }
  text +=
      fmt::format("Made by nbreplay. {} files are not included: keep them beside this notebook.",
                  reads.empty() ? "Data" : "Other data");
  return text;
}

void drop_tag(Notebook& notebook, std::size_t cell, std::string_view tag) {
  const Cell& from = notebook.cells()[cell];
  if (!from.has_tag(tag)) return;
  nlohmann::json left = nlohmann::json::array();
  for (const std::string& other : from.tags)
    if (other != tag) left.push_back(other);
  const auto set = notebook.set_cell_metadata(
      cell, "tags", left.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  CHECK(set.has_value(), "tags are valid JSON");
}

}  // namespace

Result<Notebook> executed_notebook(const Notebook& notebook, const Trial& trial,
                                   const Outcome& outcome) {
  Notebook result = notebook;
  for (const std::size_t cell : notebook.code_cells())
    NBREPLAY_TRY_VOID(result.set_execution(cell, std::nullopt, {}));
  for (const CellOutcome& cell : outcome.cells) {
    CHECK(cell.position < trial.executions.size(), "an outcome is of its trial");
    if (cell.cell == kNoCell || std::holds_alternative<NotReached>(cell.end)) continue;
    NBREPLAY_TRY_VOID(result.set_execution(cell.cell, cell.execution_count, cell.outputs));
  }
  if (!outcome.widget_state_json.empty())
    NBREPLAY_TRY_VOID(result.set_notebook_metadata("widgets", outcome.widget_state_json));
  NBREPLAY_TRY_VOID(result.set_notebook_metadata("nbreplay", mark("run", notebook)));
  return result;
}

Notebook minimal_notebook(const Notebook& notebook, const CrashFinding& finding,
                          const NotebookFinding& context) {
  CHECK(finding.minimal && finding.reproduction.observed, "only what was reproduced is minimised");
  const MinimalSequence& minimal = *finding.minimal;
  const std::vector<std::size_t> positions = positions_with_code(notebook, minimal);
  ExecutionOrder kept;
  for (const std::size_t position : positions) kept.push_back(minimal.order[position]);
  Notebook result = notebook.keep_cells(kept);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::size_t position = positions[i];
    const auto cleared = result.set_execution(i, std::nullopt, {});
    CHECK(cleared.has_value(), "no outputs are valid outputs");
    if (const std::string& source = source_of(notebook, minimal, position);
        source != notebook.cells()[kept[i]].source)
      result.set_source(i, source);
    // Every cell runs here, and the last one must be seen to fail.
    drop_tag(result, i, kTagSkipExecution);
    if (i + 1 == positions.size()) drop_tag(result, i, kTagRaisesException);
    if (position < minimal.may_fail.size() && minimal.may_fail[position])
      result.add_tag(i, kTagRaisesException);
  }
  const auto marked = result.set_notebook_metadata("nbreplay", mark("minimize", notebook));
  CHECK(marked.has_value(), "the mark is valid JSON");
  result.insert_cell(0, CellType::kMarkdown, introduction(notebook, finding, context));
  return result;
}

}  // namespace nbreplay
