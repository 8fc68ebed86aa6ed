#include "notebook/source.h"

#include <fmt/format.h>

#include <algorithm>

namespace nbreplay {
namespace {

/// Lines and columns from 1; a column is a character, so that editors agree.
struct Place {
  std::size_t line;
  std::size_t column;
};

Place place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::string_view line = before.substr(line_start);
  const auto characters = std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // not a trailing byte
  });
  return {static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<std::size_t>(characters) + 1};
}

/// What usually hides behind a file that is no JSON.
std::string hint_for(std::string_view text, bool cut_off) {
  if (text.starts_with("<<<<<<< ") || text.find("\n<<<<<<< ") != std::string_view::npos)
    return "the file holds unresolved merge conflicts (lines of `<<<<<<<`): resolve them first";
  if (text.starts_with("version https://git-lfs"))
    return "this is a Git LFS pointer, not the notebook: run `git lfs pull`";
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin != std::string_view::npos && text[begin] == '<')
    return "this looks like a web page: download the raw notebook file instead";
  if (cut_off) return "download or copy the file again: its end is missing";
  return "open it in an editor at this place, or restore the last version that Jupyter saved";
}

}  // namespace

Error Source::wrong(json::View value, std::string_view path, std::string cause) const {
  std::string message = fmt::format("{}: not a valid notebook at {}", name, path);
  if (!text.empty()) {
    const auto offset = static_cast<std::size_t>(value.text.data() - text.data());
    message += fmt::format(" (line {})", place_of(text, offset).line);
  }
  return bad_input(std::move(message), std::move(cause),
                   "repair this value, or open the notebook in Jupyter and save it again");
}

Error Source::wrong_kind(json::View value, std::string_view path, std::string_view expected) const {
  return wrong(value, path,
               fmt::format("expected {}, found {}", expected, json::kind_name(value.kind())));
}

Error Source::not_json(const json::Fault& fault) const {
  const auto [line, column] = place_of(text, fault.offset);
  if (fault.kind == json::Fault::Kind::kTooMuch)
    return bad_input(
        fmt::format("{}: too large or too deep at line {}, column {}", name, line, column),
        fault.what,
        "no real notebook gets there; clear the outputs, or check where the file is from");
  return bad_input(fmt::format("{}: not valid JSON at line {}, column {}", name, line, column),
                   fault.what, hint_for(text, fault.kind == json::Fault::Kind::kCutOff));
}

Error Source::not_utf8(std::size_t offset) const {
  const auto [line, column] = place_of(text, offset);
  return bad_input(
      fmt::format("{}: not valid UTF-8 at byte {} (line {}, column {})", name, offset, line,
                  column),
      fmt::format("byte 0x{:02x} cannot stand here", static_cast<unsigned char>(text[offset])),
      "notebooks are UTF-8: convert the file, such as with "
      "`iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW`");
}

}  // namespace nbreplay
