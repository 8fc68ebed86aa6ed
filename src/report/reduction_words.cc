#include "report/reduction_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nbreplay/base/utf8.h"

namespace nbreplay {
namespace {

constexpr std::size_t kMostStretches = 8;
constexpr std::size_t kMostValues = 3;
constexpr std::size_t kMostText = 60;

/// One line of it, in quotes, not too long.
std::string shown(const std::string& text) {
  std::string line;
  for (const char c : to_valid_utf8(text)) {
    if (line.size() >= kMostText && (static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      line += "…";
      break;
    }
    line.push_back(c == '\n' || c == '\t' || c == '\r' ? ' ' : c);
  }
  return fmt::format("\"{}\"", escape_control(line));
}

std::string why_partial(const InputReduction& input) {
  const CertifiedRemovals& certified = input.certified;
  return fmt::format("partial: {}; {} of {} rows and columns verified",
                     escape_control(to_valid_utf8(input.why_partial)),
                     certified.fresh + certified.branched, certified.of);
}

std::string rows_left(const InputReduction& input) {
  std::vector<std::string> stretches;
  for (const auto& [first, last] : input.rows) {
    if (stretches.size() == kMostStretches) {
      stretches.emplace_back("…");
      break;
    }
    stretches.push_back(first == last ? std::to_string(first) : fmt::format("{}-{}", first, last));
  }
  const bool one = input.rows.size() == 1 && input.rows.front().first == input.rows.front().second;
  return fmt::format("left of the original: row{} {}", one ? "" : "s", fmt::join(stretches, ", "));
}

std::string value_changed(const InputReduction::Value& value) {
  const std::string column = value.name.empty() ? fmt::format("column {}", value.column)
                                                : escape_control(to_valid_utf8(value.name));
  return fmt::format("changed: row {}, {}: {} is now {}", value.row, column, shown(value.before),
                     shown(value.after));
}

}  // namespace

std::vector<std::string> reduction_words(const InputReduction& input) {
  std::vector<std::string> lines;
  if (!input.why_partial.empty()) lines.push_back(why_partial(input));
  if (!input.rows.empty() && input.after.rows < input.before.rows)
    lines.push_back(rows_left(input));
  for (std::size_t i = 0; i < input.changed.size() && i < kMostValues; ++i)
    lines.push_back(value_changed(input.changed[i]));
  if (input.changed.size() > kMostValues)
    lines.push_back(
        fmt::format("changed: {} more values, in the JSON", input.changed.size() - kMostValues));
  if (input.message) lines.push_back(fmt::format("the message now says {}", shown(*input.message)));
  return lines;
}

}  // namespace nbreplay
