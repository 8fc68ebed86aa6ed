#include "crash/traceback_lines.h"

#include <algorithm>
#include <array>

#include "crash/text.h"

namespace nbreplay {
namespace {

/// No header is longer; it keeps hostile lines from costing anything.
constexpr std::size_t kLongestHeader = 4096;

/// "f" from "f(self, x=1)", "<module>" from "<cell line: 3>()".
std::string function_of(std::string_view text) {
  if (text.starts_with("<cell line:")) return "<module>";
  return std::string(trimmed(text.substr(0, text.find('('))));
}

/// What is known of code by the name of its file alone.
void classify_file(FrameHeader& header) {
  std::string_view file = header.file;
  header.in_cell_magic = file == "<timed exec>" || file == "<timed eval>";
  if (header.in_cell_magic) header.in_notebook = true;
  const std::size_t input = file.find("ipython-input-");
  if (input != std::string_view::npos && (file.front() == '<' || file.ends_with(".py"))) {
    header.in_notebook = true;
    file.remove_prefix(input + std::string_view("ipython-input-").size());
    const std::optional<int> count = take_number(file);
    // A lone number is Colab's hash; only one before a dash is the count.
    if (count && file.starts_with('-')) header.count = count;
  }
  for (const std::string_view kernel : {"ipykernel_", "xpython_"}) {
    const std::size_t at = file.rfind(kernel);
    if (at == std::string_view::npos) continue;
    std::string_view rest = file.substr(at + kernel.size());
    const bool numbered = take_number(rest).has_value();
    if (numbered && (rest.starts_with('/') || rest.starts_with('\\'))) header.in_notebook = true;
  }
}

/// `[5], line 3, in f(x)`, after `Cell In`, `Cell In `, `Input In `.
std::optional<FrameHeader> parse_cell_header(std::string_view rest) {
  FrameHeader header;
  header.in_notebook = true;
  take(rest, " ");
  if (!take(rest, "[")) return std::nullopt;
  header.count = take_number(rest);  // `In[ ]` has none
  rest = trimmed(rest);
  if (!take(rest, "]")) return std::nullopt;
  if (take(rest, ", line ")) header.line = take_number(rest).value_or(0);
  if (take(rest, ", in ")) {
    header.has_function = true;
    header.function = function_of(rest);
  }
  return header;
}

/// `"/x/y.py", line 3, in f` after `File `.
std::optional<FrameHeader> parse_cpython_header(std::string_view rest) {
  const std::size_t quote = rest.find('"', 1);
  if (quote == std::string_view::npos) return std::nullopt;
  FrameHeader header;
  header.file = rest.substr(1, quote - 1);
  rest.remove_prefix(quote + 1);
  if (!take(rest, ", line ")) return std::nullopt;
  header.line = take_number(rest).value_or(0);
  if (take(rest, ", in ")) {
    header.has_function = true;
    header.function = function_of(rest);
  }
  classify_file(header);
  return header;
}

/// `~/x/y.py:123, in A.f(self)` after `File `; the place alone for code without a function.
std::optional<FrameHeader> parse_file_header(std::string_view rest) {
  FrameHeader header;
  const std::size_t in = rest.find(", in ");
  std::string_view place = rest.substr(0, in);
  if (in != std::string_view::npos) {
    header.has_function = true;
    header.function = function_of(rest.substr(in + 5));
  }
  const std::size_t colon = place.rfind(':');
  if (colon != std::string_view::npos) {
    std::string_view number = place.substr(colon + 1);
    if (const auto line = take_number(number); line && number.empty()) {
      header.line = *line;
      place = place.substr(0, colon);
    }
  }
  if (place.empty() || (header.line == 0 && !header.has_function)) return std::nullopt;
  header.file = place;
  classify_file(header);
  return header;
}

/// `PLACE in f(x)` of IPython 7. The place must look like a file, since any prose has an " in ".
std::optional<FrameHeader> parse_classic_header(std::string_view line) {
  static constexpr std::array<std::string_view, 6> kEndings = {".py",  ".pyc", ".pyx",
                                                               ".pxi", ".so",  ">"};
  for (std::size_t in = line.find(" in "); in != std::string_view::npos;
       in = line.find(" in ", in + 1)) {
    const std::string_view place = line.substr(0, in);
    FrameHeader header;
    header.has_function = true;
    header.function = function_of(line.substr(in + 4));
    const std::size_t code_cell = place.rfind(".ipynb Cell ");
    if (code_cell != std::string_view::npos) {
      header.in_notebook = true;
      header.file = place;
      return header;
    }
    const bool file = std::ranges::any_of(
        kEndings, [&](std::string_view ending) { return place.ends_with(ending); });
    if (!file || (place.ends_with('>') && !place.starts_with('<'))) continue;
    header.file = place;
    classify_file(header);
    return header;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FrameHeader> parse_frame_header(std::string_view line) {
  if (line.size() > kLongestHeader) return std::nullopt;
  const bool indented = line.starts_with("  ") && !line.starts_with("   ");
  if (indented) line.remove_prefix(2);
  std::optional<FrameHeader> header;
  if (take(line, "Cell In") || take(line, "Input In")) {
    header = parse_cell_header(line);
  } else if (take(line, "File ")) {
    header = line.starts_with('"') ? parse_cpython_header(line) : parse_file_header(line);
  } else if (!indented && !line.empty() && !is_blank(line.front())) {
    header = parse_classic_header(line);
  }
  if (header) header->indented = indented;
  return header;
}

std::optional<ArrowLine> parse_arrow_line(std::string_view line) {
  const std::size_t dashes = line.find_first_not_of('-');
  if (dashes == 0 || dashes == std::string_view::npos || line[dashes] != '>') return std::nullopt;
  line.remove_prefix(dashes + 1);
  if (!take(line, " ")) return std::nullopt;
  const bool linked = line.starts_with("<a href=");
  if (linked) line.remove_prefix(std::min(line.find('>'), line.size() - 1) + 1);
  const std::optional<int> number = take_number(line);
  if (!number) return std::nullopt;
  if (linked) take(line, "</a>");
  return ArrowLine{*number, std::string(trimmed(line))};
}

std::optional<std::string_view> parse_traceback_title(std::string_view line) {
  constexpr std::string_view kTitle = "Traceback (most recent call last)";
  const std::size_t at = line.find(kTitle);
  if (at == std::string_view::npos || line.size() > kLongestHeader) return std::nullopt;
  const std::string_view type = trimmed(line.substr(0, at));
  if (!std::ranges::all_of(type, [](char c) { return is_word(c) || c == '.'; })) {
    return std::nullopt;
  }
  return type;
}

std::optional<bool> parse_chain_separator(std::string_view line) {
  const std::string_view text = trimmed(line.substr(0, kLongestHeader));
  if (text == "The above exception was the direct cause of the following exception:") return true;
  if (text == "During handling of the above exception, another exception occurred:") return false;
  return std::nullopt;
}

std::optional<std::string_view> parse_exception_line(std::string_view line, std::string_view type) {
  std::size_t end = 0;
  while (end < line.size() && (is_word(line[end]) || line[end] == '.')) ++end;
  const std::string_view name = line.substr(0, end);
  if (name.empty() || is_digit(name.front())) return std::nullopt;
  if (!type.empty()) {
    const std::size_t dot = name.rfind('.');
    if (name.substr(dot == std::string_view::npos ? 0 : dot + 1) != type) return std::nullopt;
  }
  std::string_view rest = line.substr(end);
  if (trimmed(rest).empty() && (!type.empty() || rest.empty())) return rest.substr(0, 0);
  if (!take(rest, ":")) return std::nullopt;
  take(rest, " ");
  return rest;
}

}  // namespace nbreplay
