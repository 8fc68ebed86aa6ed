#include "report/text_layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"

namespace nbreplay {

std::string paint(const TextStyle& style, Colour colour, std::string_view text) {
  if (!style.colour || colour == Colour::kNone || text.empty()) return std::string(text);
  constexpr const char* codes[] = {"0", "31", "32", "33", "36", "1"};
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(colour)], text);
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string two_sided(std::string_view left, std::string_view right, std::size_t width,
                      std::size_t indent) {
  if (right.empty()) return std::string(left) + "\n";
  const std::size_t used = columns(left) + columns(right) + 2;
  if (used > width) return fmt::format("{}\n{:{}}{}\n", left, "", indent, right);
  return fmt::format("{}{:{}}{}\n", left, "", width - columns(left) - columns(right), right);
}

std::string wrapped(std::string_view text, std::size_t width) {
  std::string result;
  std::size_t used = kKeyWidth;
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!first && used + 1 + columns(word) > width) {
      result += fmt::format("\n{:{}}", "", kKeyWidth);
      used = kKeyWidth;
    } else if (!first) {
      result += ' ';
      ++used;
    }
    result += word;
    used += columns(word);
    first = false;
  }
  return result;
}

std::string row_text(std::string_view key, std::string_view value, std::string_view right,
                     Colour colour, const TextStyle& style) {
  const std::string padded = fmt::format("{:{}}", key, kKeyWidth);
  const std::string body = right.empty() ? wrapped(value, style.width) : std::string(value);
  if (right.empty()) return padded + paint(style, colour, body) + "\n";
  return two_sided(padded + body, right, style.width, kKeyWidth);
}

std::string environment_words(const NotebookFinding& finding) {
  if (!finding.environment) return {};
  const Environment& environment = *finding.environment;
  return fmt::format("Python {}, {} ({} package{})", environment.interpreter.minor,
                     escape_control(environment.display_name), environment.packages.size(),
                     environment.packages.size() == 1 ? "" : "s");
}

std::string trials_words(const NotebookFinding& finding) {
  const TrialCounts& trials = finding.trials;
  std::string words = fmt::format("{} trial{}, {}", trials.total, trials.total == 1 ? "" : "s",
                                  format_duration(finding.wall));
  // By an earlier call or by this one, whose trials are in the cache at once.
  if (trials.cached > 0) words += fmt::format(" ({} known already)", trials.cached);
  return words;
}

std::string stop_text(const NotebookFinding& finding, const TextStyle& style) {
  if (finding.stopped_by == StoppedBy::kBudget)
    return row_text("stopped",
                    "the time budget is used up; run again with a larger --budget to go on", {},
                    Colour::kYellow, style);
  if (finding.stopped_by == StoppedBy::kInterrupt)
    return row_text("stopped", "interrupted; run the same command again to go on from here", {},
                    Colour::kYellow, style);
  return {};
}

std::string problem_text(const NotebookFinding& finding, const TextStyle& style) {
  std::string text;
  if (finding.problem) text += error_text(*finding.problem, style);
  if (!finding.environment_change.empty())
    text += error_text(
        environment_error("a trial changed the environment: " + finding.environment_change, {},
                          "restore the environment; what was found after the change is discarded"),
        style);
  return text;
}

}  // namespace nbreplay
