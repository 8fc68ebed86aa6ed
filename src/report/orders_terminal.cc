#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/report/orders.h"

#include "report/text_layout.h"

namespace nbreplay {
namespace {

constexpr std::size_t kCellWidth = 6;
constexpr std::size_t kColumn = 22;
/// Cells of a long order that are listed.
constexpr std::size_t kMostListed = 60;

/// At most `width` columns; whole characters.
std::string cut(std::string text, std::size_t width) {
  if (columns(text) <= width) return text;
  while (columns(text) >= width) {
    while ((static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
    text.pop_back();
  }
  return text + "~";
}

class OrdersText {
 public:
  OrdersText(const OrdersFinding& finding, const TextStyle& style)
      : finding_(finding), style_(style) {}

  std::string render() {
    const NotebookFinding& notebook = finding_.notebook;
    text_ += two_sided(
        fmt::format("{}   {} code cell{}", escape_control(notebook.path.filename().string()),
                    notebook.code_cells, notebook.code_cells == 1 ? "" : "s"),
        environment_words(notebook), style_.width, 0);
    text_ += '\n';
    if (finding_.comparison) {
      render_comparison(*finding_.comparison);
    } else if (!notebook.problem) {
      render_answer();
      if (!finding_.entries.empty()) render_matrix();
      render_orders();
    }
    foot();
    return std::move(text_);
  }

 private:
  void row(std::string_view key, std::string_view value, Colour colour = Colour::kNone) {
    text_ += row_text(key, value, {}, colour, style_);
  }

  std::string name(std::size_t cell) const {
    const auto& ordinals = finding_.notebook.ordinals;
    const auto found = ordinals.find(cell);
    return found == ordinals.end() ? fmt::format("#{}", cell) : std::to_string(found->second);
  }

  std::string listed(const ExecutionOrder& order) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(order.size(), kMostListed); ++i)
      names.push_back(name(order[i]));
    if (order.size() > kMostListed) names.push_back(fmt::format("… ({} in all)", order.size()));
    return fmt::format("{}", fmt::join(names, ","));
  }

  /// "passes (fresh)", "cell 4: KeyError: 'a' (branched)".
  std::string words(const OrderOutcome& outcome) const {
    std::string text;
    switch (outcome.end) {
      case OrderEnd::kPasses:
        text = "passes";
        break;
      case OrderEnd::kCrashes:
        text = fmt::format("crashes in cell {}: {}", name(outcome.cell.value_or(0)),
                           escape_control(crash_summary(*outcome.crash)));
        break;
      case OrderEnd::kUnresolved:
        text = fmt::format("unresolved: {}", escape_control(outcome.why));
        break;
      case OrderEnd::kNotRun:
        return "not run";
    }
    if (outcome.origin) text += fmt::format(" ({})", to_string(*outcome.origin));
    return text;
  }

  // ---- the answer and the map --------------------------------------------------------------

  void render_answer() {
    const RerunSafety safety = finding_.safety;
    if (safety == RerunSafety::kUnsafe && finding_.unsafe_run) {
      const TriedOrder& run = *finding_.unsafe_run;
      row("re-run",
          run.from == "repeat"
              ? fmt::format("not safe: cell {} run twice {}{}", name(*finding_.unsafe_cell),
                            words(run.outcome), other_unsafe_cells())
              : fmt::format("not safe: the notebook {}", words(run.outcome)),
          Colour::kRed);
    } else if (safety == RerunSafety::kSafe) {
      const std::string repeats =
          origins([](const MapEntry& entry) { return entry.change == OrderChange::kRepeat; });
      row("re-run",
          fmt::format("safe: no cell makes anything crash when it runs twice ({})",
                      repeats.empty() ? "nothing was run" : repeats),
          Colour::kGreen);
    } else {
      const bool ran = finding_.base_outcome.end == OrderEnd::kPasses;
      row("re-run",
          ran ? "unknown: not every repeat came to an end"
              : "unknown: the order to change did not come to an end",
          Colour::kYellow);
    }
    row("base", fmt::format("{}: {}", base_words(), words(finding_.base_outcome)));
    std::string conflicts =
        fmt::format("{} pair{} of cells, {}", finding_.conflicts.size(),
                    finding_.conflicts.size() == 1 ? "" : "s",
                    finding_.measured ? "measured while the base order ran" : "by their text only");
    if (finding_.measured && !finding_.incomplete.empty()) {
      std::vector<std::string> cells;
      for (const std::size_t cell : finding_.incomplete) cells.push_back(name(cell));
      conflicts += fmt::format("; of cell{} {} by the text, too", cells.size() == 1 ? "" : "s",
                               fmt::join(cells, ", "));
    }
    row("conflicts", conflicts);
  }

  /// How many more cells make something crash when they run twice: the map has them.
  std::string other_unsafe_cells() const {
    std::set<std::size_t> cells;
    const auto is_other = [&](const MapEntry& entry) {
      return entry.change == OrderChange::kRepeat && entry.outcome.crashes() &&
             entry.cell != finding_.unsafe_cell;
    };
    for (const MapEntry& entry : finding_.entries)
      if (is_other(entry)) cells.insert(entry.cell);
    if (cells.empty()) return {};
    return fmt::format("; {} more cell{} something crash when run twice ({})", cells.size(),
                       cells.size() == 1 ? " makes" : "s make", origins(is_other));
  }

  std::string base_words() const {
    if (finding_.base_from == "top-to-bottom") return "top to bottom";
    return finding_.base_from == "recorded" ? "the recorded order" : "the order given";
  }

  /// "12 branched, 2 cached": how entries are known. Empty when none of them was run.
  template <class Predicate>
  std::string origins(const Predicate& counts) const {
    std::map<std::string, std::size_t> numbers;
    for (const MapEntry& entry : finding_.entries)
      if (entry.outcome.origin && counts(entry))
        ++numbers[std::string(to_string(*entry.outcome.origin))];
    std::vector<std::string> parts;
    for (const auto& [origin, number] : numbers)
      parts.push_back(fmt::format("{} {}", number, origin));
    return fmt::format("{}", fmt::join(parts, ", "));
  }

  void render_matrix() {
    text_ += fmt::format("\n{:>{}}  {:<{}} {:<{}} {}\n", "cell", kCellWidth - 2, "skipped", kColumn,
                         "run twice", kColumn, "run before a predecessor");
    for (std::size_t position = 0; position < finding_.base.size(); ++position) {
      std::string cells[3] = {"-", "-", "-"};
      bool bad[3] = {};
      for (const MapEntry& entry : finding_.entries) {
        if (entry.position != position) continue;
        const auto column = static_cast<std::size_t>(entry.change);
        cells[column] = short_words(entry);
        bad[column] = entry.outcome.crashes() && !entry.outcome.as_base;
      }
      std::string line = fmt::format("{:>{}}  ", name(finding_.base[position]), kCellWidth - 2);
      for (std::size_t column = 0; column < 3; ++column) {
        const std::size_t width = column < 2 ? kColumn : kColumn + 6;
        const std::string shown = cut(cells[column], width);
        line += paint(style_, bad[column] ? Colour::kRed : Colour::kNone, shown);
        if (column < 2) line += std::string(width - columns(shown) + 1, ' ');
      }
      text_ += line + "\n";
    }
    text_ += '\n';
    if (const std::string words = legend() + map_origins(); !words.empty()) row("read", words);
  }

  /// Of what stands in the map, nothing else.
  std::string legend() const {
    bool ok = false, nothing = false, unresolved = false, denied = false;
    const MapEntry* crash = nullptr;
    const MapEntry* swap = nullptr;
    for (const MapEntry& entry : finding_.entries) {
      const std::string text = short_words(entry);
      nothing = nothing || text == "-";
      if (text == "-") continue;
      const OrderOutcome& outcome = entry.outcome;
      ok = ok || outcome.end == OrderEnd::kPasses;
      unresolved = unresolved || outcome.end == OrderEnd::kUnresolved;
      denied = denied || entry.denied;
      if (crash == nullptr && outcome.crashes() && !outcome.as_base) crash = &entry;
      if (swap == nullptr && entry.before) swap = &entry;
    }
    // Rows of the map hold a "-" wherever there is no entry.
    nothing = nothing || finding_.entries.size() < 3 * finding_.base.size();
    std::string text;
    if (ok) text += "ok: as without the change. ";
    if (crash != nullptr)
      text += fmt::format("{0} in {1}: cell {1} raises it then. ",
                          escape_control(crash->outcome.crash->type),
                          name(crash->outcome.cell.value_or(0)));
    if (swap != nullptr) text += fmt::format("{0}: …: run before cell {0}. ", name(*swap->before));
    if (unresolved) text += "?: came to no end. ";
    if (nothing) text += "-: nothing to try. ";
    if (denied) text += "(!): a crash that a fresh run denied. ";
    return text;
  }

  std::string map_origins() const {
    std::string text = origins([](const MapEntry&) { return true; });
    if (text.empty()) return {};
    const std::size_t dropped = finding_.notebook.trials.dropped;
    if (dropped > 0) text += fmt::format("; {} denied by a fresh run", dropped);
    return fmt::format("Entries: {}.", text);
  }

  std::string short_words(const MapEntry& entry) const {
    if (entry.change == OrderChange::kSwap && !entry.before) return "-";
    std::string text;
    const OrderOutcome& outcome = entry.outcome;
    if (outcome.end == OrderEnd::kPasses || outcome.as_base) {
      text = outcome.as_base ? "crashes all the same" : "ok";
    } else if (outcome.crashes()) {
      const std::string place = " in " + name(outcome.cell.value_or(0));
      const std::size_t room = kColumn - place.size();
      text = cut(escape_control(outcome.crash->type), room) + place;
    } else {
      text = outcome.end == OrderEnd::kNotRun ? "not run" : "?";
    }
    if (entry.denied) text += " (!)";
    if (entry.before) {
      const std::string before = fmt::format("{}: ", name(*entry.before));
      text = before + text;
    }
    return text;
  }

  void render_orders() {
    for (const TriedOrder& tried : finding_.orders) {
      if (tried.order == finding_.base && tried.from == finding_.base_from) continue;
      const std::string key = tried.from == "top-to-bottom" ? "top-down" : tried.from;
      row(key,
          fmt::format("{}: {}", words(tried.outcome),
                      tried.from == "top-to-bottom" ? "cells as they stand" : listed(tried.order)),
          tried.outcome.crashes() && !finding_.base_outcome.crashes() ? Colour::kYellow
                                                                      : Colour::kNone);
    }
  }

  // ---- two orders --------------------------------------------------------------------------

  void render_comparison(const OrderComparison& comparison) {
    row("passing",
        fmt::format("{}: {}", listed(comparison.passing), words(comparison.passing_outcome)));
    const OrderOutcome& failing = comparison.failing_outcome;
    const std::size_t reached =
        failing.position ? *failing.position + 1 : comparison.failing.size();
    const std::size_t left =
        comparison.failing.size() - std::min(reached, comparison.failing.size());
    row("failing", fmt::format("{}: {}{}", listed(comparison.failing), words(failing),
                               left == 0 ? std::string()
                                         : fmt::format("; {} execution{} behind it not reached",
                                                       left, left == 1 ? "" : "s")));
    const bool confirmed = comparison.verdict == Verdict::kConfirmed;
    if (comparison.edit) {
      row("edit",
          fmt::format("{} ({})", edit_words(*comparison.edit), to_string(comparison.verdict)),
          confirmed ? Colour::kGreen : Colour::kYellow);
      row("with it", fmt::format("{}: {}", listed(comparison.with_edit.order),
                                 words(comparison.with_edit.outcome)));
      row("without it", fmt::format("{}: {}", listed(comparison.without_edit.order),
                                    words(comparison.without_edit.outcome)));
    }
    std::string why = escape_control(comparison.why);
    if (comparison.interval)
      why += fmt::format("; orders between its steps {} and {} say nothing",
                         comparison.interval->first, comparison.interval->second);
    if (!why.empty())
      row(comparison.edit ? "why" : "edit", why, confirmed ? Colour::kNone : Colour::kYellow);
    if (comparison.tests > 0) {
      std::string tests =
          fmt::format("{} order{}", comparison.tests, comparison.tests == 1 ? "" : "s");
      if (comparison.pairs > 0)
        tests += fmt::format(", for {} conflicting pair{} that the two orders have inverted",
                             comparison.pairs, comparison.pairs == 1 ? "" : "s");
      row("tested", tests);
    }
  }

  std::string edit_words(const DecidingEdit& edit) const {
    if (edit.kind == "move") {
      std::vector<std::string> pairs;
      for (std::size_t i = 0; i + edit.along < edit.pairs.size(); ++i)
        pairs.push_back(fmt::format("cell {} runs before cell {}", name(edit.pairs[i].second),
                                    name(edit.pairs[i].first)));
      std::string words = fmt::format("{}", fmt::join(pairs, ", and "));
      if (edit.along > 0)
        words += fmt::format("; {} pair{} that cannot stay along with it", edit.along,
                             edit.along == 1 ? "" : "s");
      return words;
    }
    std::vector<std::string> cells;
    for (const std::size_t cell : edit.cells) cells.push_back(name(cell));
    const std::string which =
        fmt::format("cell{} {}", cells.size() == 1 ? "" : "s", fmt::join(cells, ", "));
    if (edit.kind == "insert") return which + " run once more";
    if (edit.kind == "delete") return which + " left out";
    return which + " run once more or left out";
  }

  void foot() {
    for (const std::string& note : finding_.notebook.notes) row("note", escape_control(note));
    text_ += '\n';
    std::string left;
    const OrdersCost& cost = finding_.cost;
    if (cost.base > Duration::zero())
      left = fmt::format("{:.1f} base runs executed ({:.1f} had every trial run from the top)",
                         cost.base_runs, cost.base_runs_from_top);
    text_ += two_sided(left, trials_words(finding_.notebook), style_.width, 0);
    text_ += stop_text(finding_.notebook, style_);
  }

  const OrdersFinding& finding_;
  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string orders_text(const OrdersFinding& finding, const TextStyle& style) {
  return OrdersText(finding, style).render() + problem_text(finding.notebook, style);
}

}  // namespace nbreplay
