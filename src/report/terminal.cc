#include "nbreplay/report/terminal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"

#include "report/reduction_words.h"
#include "report/text_layout.h"
#include "report/versions_parts.h"
#include "report/words.h"

namespace nbreplay {
namespace {

class FindingText {
 public:
  FindingText(const NotebookFinding& finding, const TextStyle& style)
      : finding_(finding), style_(style) {}

  std::string render() {
    head();
    for (const CrashFinding& crash : finding_.crashes) {
      text_ += '\n';
      render_crash(crash);
    }
    if (finding_.ran_clean)
      row("result", "no crash: nothing was recorded, and top to bottom nothing raises");
    for (const std::string& note : finding_.notes) row("note", escape_control(note));
    for (const PipRequirement& requirement : finding_.requirements) {
      if (requirement.satisfied) continue;
      row("note", fmt::format("the notebook asks for `{}`, which was not run; "
                              "environments are never changed",
                              escape_control(requirement.command)));
    }
    foot();
    return std::move(text_);
  }

 private:
  void row(std::string_view key, std::string_view value, std::string_view right = {},
           Colour colour = Colour::kNone) {
    text_ += row_text(key, value, right, colour, style_);
  }

  void head() {
    const std::size_t recorded = static_cast<std::size_t>(
        std::count_if(finding_.crashes.begin(), finding_.crashes.end(),
                      [](const CrashFinding& crash) { return crash.recorded.has_value(); }));
    std::string left =
        fmt::format("{}   {} code cell{}", escape_control(finding_.path.filename().string()),
                    finding_.code_cells, finding_.code_cells == 1 ? "" : "s");
    left += recorded == 0
                ? ", no recorded crash"
                : fmt::format(", {} recorded crash{}", recorded, recorded == 1 ? "" : "es");
    const std::string right = environment_words(finding_);
    text_ += two_sided(left, right, style_.width, 0);
  }

  void render_crash(const CrashFinding& crash) {
    const std::optional<Crash>& known =
        crash.recorded ? crash.recorded : crash.reproduction.observed;
    row("crash",
        fmt::format("cell {}   {}", crash.cell.ordinal, known ? crash_summary(*known) : "unknown"),
        crash.recorded_count ? fmt::format("recorded as In[{}]", *crash.recorded_count)
        : crash.recorded     ? std::string("recorded without a count")
        : known              ? std::string("found by running it")
                             : std::string("none was recorded"));
    render_reproduction(crash);
    if (crash.top_to_bottom != TopToBottom::kNotRun) render_top_to_bottom(crash);
    if (crash.minimal) render_minimal(crash);
    if (crash.cause) render_cause(crash);
    // A diagnosis that finds nothing there need not show every release.
    if (crash.versions)
      text_ += versions_text(*crash.versions,
                             crash.cause.has_value() && crash.versions->packages.empty(), style_);
  }

  void render_reproduction(const CrashFinding& crash) {
    const Reproduction& r = crash.reproduction;
    if (r.verdict == ReproductionVerdict::kReproduced) {
      std::string value = fmt::format("{} of {} fresh runs, {}", r.matching, r.fresh_runs,
                                      escape_control(r.order_why));
      if (!r.stubs.empty()) value += fmt::format("; placeholders for {}", fmt::join(r.stubs, ", "));
      row("reproduced", value);
    } else {
      row("reproduced", fmt::format("no: {}. {}", to_string(r.verdict), escape_control(r.why)), {},
          Colour::kYellow);
    }
  }

  void render_top_to_bottom(const CrashFinding& crash) {
    switch (crash.top_to_bottom) {
      case TopToBottom::kPasses: {
        const bool order =
            crash.cause && crash.cause->verdict == Verdict::kConfirmed && crash.cause->edit;
        row("top-down", order ? "passes: the crash comes from the order of execution" : "passes");
        break;
      }
      case TopToBottom::kSame:
        row("top-down", "crashes the same way");
        break;
      default:
        row("top-down", fmt::format("{}", escape_control(crash.top_to_bottom_why)));
    }
  }

  void render_minimal(const CrashFinding& crash) {
    const MinimalSequence& minimal = *crash.minimal;
    std::vector<std::string> names;
    for (const std::size_t cell : minimal.order) names.push_back(ordinal(crash, cell));
    const auto& certified = minimal.certified;
    const std::size_t seen = certified.fresh + certified.branched + certified.cached;
    const std::string guarantee =
        minimal.guarantee == Guarantee::kOneMinimal
            ? fmt::format("1-minimal, verified ({} trial{})", minimal.queries,
                          minimal.queries == 1 ? "" : "s")
            : fmt::format("{} of {} verified", seen, certified.of);
    row("minimal",
        fmt::format("{} of {} executions: {}", minimal.order.size(),
                    crash.reproduction.order.size(), fmt::join(names, ", ")),
        guarantee);
    if (minimal.confirmations == 0)
      row("", "not run again in fresh processes: the command was stopped before", {},
          Colour::kYellow);
    if (minimal.confirmed_at_a < minimal.confirmations)
      row("",
          fmt::format("only {} of {} fresh runs of it crash alike", minimal.confirmed_at_a,
                      minimal.confirmations),
          {}, Colour::kYellow);
    if (!minimal.slipped.empty())
      row("", fmt::format("{} other crash{} met on the way, kept in the JSON",
                          minimal.slipped.size(), minimal.slipped.size() == 1 ? "" : "es"));
    render_statement(crash);
    if (minimal.data) render_data(*minimal.data);
    // Where none was written, one with reduced data stayed, or there is nothing to go on with.
    if (!minimal.tables.empty() &&
        finding_.outputs.contains(fmt::format("minimal-{}", crash.cell.ordinal)))
      row("data", fmt::format("{} as {}; to reduce the data, too: nbreplay minimize --data {}",
                              escape_control(fmt::format("{}", fmt::join(minimal.tables, ", "))),
                              minimal.tables.size() == 1 ? "it is" : "they are",
                              escape_control(shell_word(finding_.path.string()))));
  }

  void render_data(const ReducedData& data) {
    for (const InputReduction& input : data.inputs) {
      const std::string path = input.path.empty() ? "a file" : escape_control(input.path);
      if (!input.reduced()) {
        row("data", fmt::format("{} stays: {}", path, escape_control(input.not_reduced)));
        continue;
      }
      std::string value =
          fmt::format("{}: {} of {} rows", path, input.after.rows, input.before.rows);
      if (input.before.columns > 0)
        value += fmt::format(", {} of {} columns", input.after.columns, input.before.columns);
      value += fmt::format(", {} of {}", format_bytes(Bytes{input.after.bytes}),
                           format_bytes(Bytes{input.before.bytes}));
      row("data", value,
          fmt::format("{} ({} trial{})", to_string(input.guarantee), input.queries,
                      input.queries == 1 ? "" : "s"));
      for (const std::string& line : reduction_words(input)) row("", line);
      if (!input.pinned.empty())
        row("", fmt::format("the notebook says the type of {}",
                            escape_control(fmt::format("{}", fmt::join(input.pinned, ", ")))));
      if (input.in_place && !input.written.empty())
        row("",
            fmt::format("put {} in the place of {}", escape_control(input.written.string()), path));
    }
  }

  /// What statement reduction left of the cell that the cause names.
  void render_statement(const CrashFinding& crash) {
    if (!crash.cause || crash.cause->cells.empty()) return;
    for (const ReducedExecution& reduced : crash.minimal->statements) {
      if (reduced.cell != crash.cause->cells.front()) continue;
      const std::string source = escape_control(reduced.source);
      const std::size_t lines =
          static_cast<std::size_t>(std::count(source.begin(), source.end(), '\n')) + 1;
      const std::string place =
          reduced.first_line == reduced.last_line
              ? fmt::format("line {}", reduced.first_line)
              : fmt::format("lines {}-{}", reduced.first_line, reduced.last_line);
      const std::string shown = source.substr(0, source.find('\n'));
      row("statement", fmt::format("cell {}, {}: {}{}", ordinal(crash, reduced.cell), place, shown,
                                   lines > 1 ? " …" : ""));
      return;
    }
  }

  void render_cause(const CrashFinding& crash) {
    const Cause& cause = *crash.cause;
    const Colour colour = cause.verdict == Verdict::kConfirmed ? Colour::kGreen : Colour::kYellow;
    if (crash.reproduction.verdict != ReproductionVerdict::kReproduced) {
      row("cause", "unknown: a crash that is not reproduced is not investigated", {}, colour);
      return;
    }
    const std::string verdict = cause.verdict == Verdict::kUnknown
                                    ? std::string()
                                    : fmt::format(" ({})", to_string(cause.verdict));
    row("cause",
        fmt::format("{}{}. {}", cause_name(cause), verdict, escape_control(cause.explanation)), {},
        colour);
    std::vector<std::string> evidence;
    for (const Experiment& experiment : crash.experiments)
      if (experiment.flips && experiment.change.rfind("top to bottom,", 0) != 0)
        evidence.push_back(fmt::format("{}: {}", escape_control(experiment.change),
                                       escape_control(experiment.outcome)));
    for (const std::string& fact : crash.evidence) evidence.push_back(escape_control(fact));
    const std::string ruled_out = fmt::format("{}", fmt::join(evidence, "; "));
    if (escape_control(cause.explanation).find(ruled_out) != std::string::npos) return;
    row("evidence", fmt::format("{}", fmt::join(evidence, " · ")));
  }

  /// The name of a cell of this notebook; findings carry indices, so it is looked up in what the
  /// finding knows, and shown as an index otherwise.
  std::string ordinal(const CrashFinding&, std::size_t cell) const {
    const auto found = finding_.ordinals.find(cell);
    return found == finding_.ordinals.end() ? fmt::format("#{}", cell)
                                            : std::to_string(found->second);
  }

  void foot() {
    std::vector<std::string> files;
    for (const auto& [name, path] : finding_.outputs)
      files.push_back(escape_control(path.filename().string()));
    const std::string right = trials_words(finding_);
    text_ += '\n';
    text_ += two_sided(fmt::format("{}", fmt::join(files, "   ")), right, style_.width, 0);
    text_ += stop_text(finding_, style_);
  }

  const NotebookFinding& finding_;
  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string finding_text(const NotebookFinding& finding, const TextStyle& style) {
  return FindingText(finding, style).render() + problem_text(finding, style);
}

std::string shell_word(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("/._-+=:,@%").find(c) != std::string_view::npos;
  });
  if (plain) return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string error_text(const Error& error, const TextStyle& style) {
  std::string text = paint(style, Colour::kRed, "error:") + " " + escape_control(error.message);
  if (!error.cause.empty()) text += fmt::format("\n  {}", escape_control(error.cause));
  text += '\n';
  if (!error.hint.empty())
    text +=
        fmt::format("\n{} {}\n", paint(style, Colour::kCyan, "hint:"), escape_control(error.hint));
  return text;
}

}  // namespace nbreplay
