#include "nbreplay/notebook/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "nbreplay/base/check.h"
#include "nbreplay/base/utf8.h"

namespace nbreplay {
namespace {

constexpr std::array<std::string_view, 35> kKeywords{
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Letters outside ASCII pass: Python's own rule needs the Unicode tables, and a wrong one ends
/// in a clear SyntaxError of the injected cell.
bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_';
  };
  return !text.empty() && !is_digit(text[0]) && std::all_of(text.begin(), text.end(), fits) &&
         std::find(kKeywords.begin(), kKeywords.end(), text) == kKeywords.end();
}

Status check_name(std::string_view name) {
  if (is_name(name)) return {};
  return usage_error(
      fmt::format("`{}` cannot be a parameter: it is no Python name", escape_control(name)),
      "use letters, digits and underscores, such as learning_rate");
}

std::string_view strip(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// How many characters of `text` are digits, with single underscores between, as Python has it.
std::size_t digits_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    if (is_digit(text[length])) {
      ++length;
    } else if (text[length] == '_' && length > 0 && text[length - 1] != '_' &&
               length + 1 < text.size() && is_digit(text[length + 1])) {
      ++length;
    } else {
      break;
    }
  }
  return length;
}

/// The sign of a number as Python source ("-" or nothing), taken off the text.
std::string_view take_sign(std::string_view& text) {
  if (!text.starts_with('-') && !text.starts_with('+')) return "";
  const bool minus = text[0] == '-';
  text.remove_prefix(1);
  return minus ? "-" : "";
}

/// What int() takes. Leading zeros go: in source they would be an error.
std::optional<std::string> int_literal(std::string_view text) {
  text = strip(text);
  const std::string_view sign = take_sign(text);
  if (text.empty() || digits_length(text) != text.size()) return {};
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_digit);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return std::string(sign) + digits;
}

/// What float() takes. The number stays as it was written; Python reads the same value from it.
std::optional<std::string> float_literal(std::string_view text) {
  text = strip(text);
  const std::string_view sign = take_sign(text);
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "nan") return "float('nan')";
  if (lower == "inf" || lower == "infinity") return fmt::format("float('{}inf')", sign);
  std::string_view rest = text;
  const std::size_t whole = digits_length(rest);
  rest.remove_prefix(whole);
  std::size_t fraction = 0;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = digits_length(rest);
    rest.remove_prefix(fraction);
  }
  if (whole + fraction == 0) return {};
  if (rest.starts_with('e') || rest.starts_with('E')) {
    rest.remove_prefix(1);
    take_sign(rest);
    const std::size_t exponent = digits_length(rest);
    if (exponent == 0) return {};
    rest.remove_prefix(exponent);
  }
  if (!rest.empty()) return {};
  return fmt::format("{}{}", sign, text);
}

/// Python source of a string. Characters above 0x7f stand for themselves (source is UTF-8);
/// what arguments hold that is not UTF-8 becomes U+FFFD.
std::string string_literal(std::string_view text) {
  std::string result = "\"";
  for (const char c : to_valid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(result), "\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  result += '"';
  return result;
}

std::string typed_literal(std::string_view value) {
  if (value == "True" || value == "False" || value == "None") return std::string(value);
  if (auto number = int_literal(value)) return *number;
  if (auto number = float_literal(value)) return *number;
  return string_literal(value);
}

std::optional<std::size_t> first_tagged(const Notebook& notebook, std::string_view tag) {
  const auto& cells = notebook.cells();
  const auto found =
      std::find_if(cells.begin(), cells.end(), [&](const Cell& cell) { return cell.has_tag(tag); });
  if (found == cells.end()) return {};
  return static_cast<std::size_t>(found - cells.begin());
}

}  // namespace

Result<Parameter> typed_parameter(std::string_view name, std::string_view value) {
  NBREPLAY_TRY_VOID(check_name(name));
  return Parameter{std::string(name), typed_literal(value)};
}

Result<Parameter> raw_parameter(std::string_view name, std::string_view value) {
  NBREPLAY_TRY_VOID(check_name(name));
  return Parameter{std::string(name), string_literal(value)};
}

std::string parameters_source(const std::vector<Parameter>& parameters) {
  std::vector<Parameter> last;
  for (const Parameter& parameter : parameters) {
    const auto same = std::find_if(last.begin(), last.end(), [&](const Parameter& earlier) {
      return earlier.name == parameter.name;
    });
    if (same == last.end()) {
      last.push_back(parameter);
    } else {
      same->literal = parameter.literal;
    }
  }
  std::string source = "# Parameters\n";
  for (const Parameter& parameter : last)
    source += fmt::format("{} = {}\n", parameter.name, parameter.literal);
  return source;
}

Injection inject_parameters(Notebook& notebook, const std::vector<Parameter>& parameters) {
  Injection injection;
  if (const auto old = first_tagged(notebook, kTagInjectedParameters)) {
    injection = {*old, Injection::Place::kReplaced};
    notebook.remove_cell(*old);
  } else if (const auto defaults = first_tagged(notebook, kTagParameters)) {
    injection = {*defaults + 1, Injection::Place::kAfterDefaults};
  }
  notebook.insert_cell(injection.index, CellType::kCode, parameters_source(parameters));
  notebook.add_tag(injection.index, kTagInjectedParameters);
  return injection;
}

}  // namespace nbreplay
