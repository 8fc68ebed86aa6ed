#include "diagnosis/type_pins.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "diagnosis/hexadecimal.h"

namespace nbreplay {
namespace {

/// Types that `dtype=` takes and that rows which had them still have alone.
constexpr std::array<std::string_view, 17> kTypes = {
    "object", "str",    "string", "bool",   "boolean", "int8",    "int16",   "int32", "int64",
    "uint8",  "uint16", "uint32", "uint64", "float32", "float64", "Float64", "Int64"};

constexpr std::string_view kBeginMark = "nbreplay-types:";
constexpr std::string_view kEndMark = ":end";

/// Names are in hexadecimal, so that nothing in them can be taken for anything else.
constexpr std::string_view kPrinter = R"(def _nbreplay_types(table):
    try:
        types = zip(list(table.columns), [str(kind) for kind in table.dtypes])
    except Exception:
        return table
    print("nbreplay-types:" + ",".join(
        name.encode("utf-8", "surrogatepass").hex() + "=" + kind
        for name, kind in types if isinstance(name, str)) + ":end")
    return table
)";

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

std::size_t after_string(const std::string& source, std::size_t at) {
  const char quote = source[at];
  const bool triple = source.compare(at, 3, std::string(3, quote)) == 0;
  const std::string end(triple ? 3 : 1, quote);
  for (at += end.size(); at < source.size(); ++at) {
    if (source[at] == '\\') {
      ++at;
    } else if (source.compare(at, end.size(), end) == 0) {
      return at + end.size();
    }
  }
  return source.size();
}

/// The bracket that closes the one before `at`; npos when none does.
std::size_t closing_bracket(const std::string& source, std::size_t at) {
  int depth = 0;
  while (at < source.size()) {
    const char c = source[at];
    if (c == '"' || c == '\'') {
      at = after_string(source, at);
      continue;
    }
    if (c == '#') {
      at = std::min(source.find('\n', at), source.size());
      continue;
    }
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') {
      if (depth == 0) return c == ')' ? at : std::string::npos;
      --depth;
    }
    ++at;
  }
  return std::string::npos;
}

/// The call whose first argument is the literal at `literal`.
std::optional<ReadCall> call_around(const std::string& source, std::size_t literal) {
  std::size_t open = literal;
  while (open > 0 && std::isspace(static_cast<unsigned char>(source[open - 1])) != 0) --open;
  if (open == 0 || source[open - 1] != '(') return std::nullopt;
  std::size_t begin = --open;
  while (begin > 0 && is_name(source[begin - 1])) --begin;
  const std::string_view callee = std::string_view(source).substr(begin, open - begin);
  if (!callee.ends_with("read_csv") && !callee.ends_with("read_table")) return std::nullopt;
  const std::size_t close = closing_bracket(source, open + 1);
  if (close == std::string::npos) return std::nullopt;
  const std::string_view arguments = std::string_view(source).substr(open, close - open);
  if (arguments.find("dtype") != std::string_view::npos) return std::nullopt;
  if (arguments.find("converters") != std::string_view::npos) return std::nullopt;
  return ReadCall{begin, close};
}

std::string python_literal(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      result.push_back(c);
  }
  return result + '"';
}

}  // namespace

std::optional<ReadCall> find_read_call(const std::string& source,
                                       const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    for (const char quote : {'"', '\''}) {
      const std::string literal = quote + path + quote;
      for (std::size_t at = source.find(literal); at != std::string::npos;
           at = source.find(literal, at + 1))
        if (const auto call = call_around(source, at)) return call;
    }
  }
  return std::nullopt;
}

Trial types_probe(const Trial& trial, std::size_t position, const ReadCall& call) {
  Trial probe = trial;
  std::string& source = probe.executions[position].source;
  source.insert(call.close + 1, ")");
  source.insert(call.begin, "_nbreplay_types(");
  Execution printer;
  printer.source = kPrinter;
  probe.executions.insert(probe.executions.begin() + static_cast<std::ptrdiff_t>(position),
                          std::move(printer));
  probe.keep_outputs = true;
  return probe;
}

ColumnTypes printed_types(const Outcome& outcome) {
  ColumnTypes types;
  for (const CellOutcome& cell : outcome.cells) {
    for (const OutputJson& output : cell.outputs) {
      std::string_view text = output;
      const std::size_t begin = text.find(kBeginMark);
      if (begin == std::string_view::npos) continue;
      text.remove_prefix(begin + kBeginMark.size());
      text = text.substr(0, text.find(kEndMark));
      while (!text.empty()) {
        const std::string_view entry = text.substr(0, text.find(','));
        text.remove_prefix(std::min(entry.size() + 1, text.size()));
        const std::size_t sign = entry.find('=');
        if (sign == std::string_view::npos) continue;
        const std::string_view type = entry.substr(sign + 1);
        const auto name = from_hexadecimal(entry.substr(0, sign));
        if (name && std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end())
          types.emplace_back(*name, type);
      }
      return types;
    }
  }
  return types;
}

std::string with_types(const std::string& source, const ReadCall& call, const ColumnTypes& types) {
  if (types.empty()) return source;
  std::string words;
  for (const auto& [name, type] : types)
    words += fmt::format("{}{}: \"{}\"", words.empty() ? "" : ", ", python_literal(name), type);
  std::size_t last = call.close;
  while (last > 0 && std::isspace(static_cast<unsigned char>(source[last - 1])) != 0) --last;
  const bool comma = source[last - 1] == ',';
  std::string result = source;
  result.insert(call.close, fmt::format("{}dtype={{{}}}", comma ? " " : ", ", words));
  return result;
}

}  // namespace nbreplay
