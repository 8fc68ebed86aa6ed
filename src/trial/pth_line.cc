#include "nbreplay/trial/pth_line.h"

#include <string>

namespace nbreplay {
namespace {

constexpr std::string_view kAddFolder = "import site; site.addsitedir(";

/// The value of a Python string literal on its own; nothing where it is no plain one.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || (text.front() != '\'' && text.front() != '"') ||
      text.back() != text.front())
    return std::nullopt;
  const char quote = text.front();
  text = text.substr(1, text.size() - 2);
  std::string value;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == quote) return std::nullopt;
    if (text[at] == '\\') {
      ++at;
      if (at == text.size() || (text[at] != '\\' && text[at] != '\'' && text[at] != '"'))
        return std::nullopt;
    }
    value += text[at];
  }
  return value;
}

}  // namespace

std::optional<Path> folder_in_pth_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  if (line.empty() || line.front() == '#') return std::nullopt;
  if (line.starts_with(kAddFolder) && line.back() == ')') {
    line.remove_prefix(kAddFolder.size());
    line.remove_suffix(1);
    if (auto folder = unquoted(line); folder && !folder->empty()) return Path(std::move(*folder));
    return std::nullopt;
  }
  // As Python's site module tells code from paths.
  if (line.starts_with("import ") || line.starts_with("import\t")) return std::nullopt;
  return Path(line);
}

}  // namespace nbreplay
