#include "crash/frames.h"

#include <algorithm>
#include <array>

#include "crash/message.h"
#include "crash/text.h"

namespace nbreplay {
namespace {

/// `path` below the last folder called `folder`, or empty.
std::string_view below(std::string_view path, std::string_view folder) {
  const std::size_t at = path.rfind(folder);
  return at == std::string_view::npos ? std::string_view() : path.substr(at + folder.size());
}

std::string_view below_packages(std::string_view path) {
  for (const std::string_view folder : {"site-packages/", "dist-packages/"}) {
    if (const auto rest = below(path, folder); !rest.empty()) return rest;
  }
  return {};
}

/// Below ".../lib/python3.8/" (Unix), or below "/Lib/" (Windows). Where Python was not installed
/// under such a name, its own modules stay without a module, which compares with anything.
std::string_view below_standard_library(std::string_view path) {
  std::string_view rest = below(path, "/lib/python");
  if (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos) return rest.substr(slash + 1);
  }
  for (const std::string_view folder : {"/lib/", "/Lib/"}) {
    if (path.size() > 1 && path[1] == ':' && !(rest = below(path, folder)).empty()) return rest;
  }
  return {};
}

bool is_compiled_source(std::string_view file) {
  return file.ends_with(".pyx") || file.ends_with(".pxi") || file.ends_with(".pxd");
}

std::string dotted(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t dot = path.find('.', slash == std::string_view::npos ? 0 : slash + 1);
  path = path.substr(0, dot);
  if (path.ends_with("/__init__")) path.remove_suffix(std::string_view("/__init__").size());
  std::string module(path);
  std::ranges::replace(module, '/', '.');
  return module;
}

bool is_comprehension(std::string_view function) {
  return function.ends_with("<listcomp>") || function.ends_with("<dictcomp>") ||
         function.ends_with("<setcomp>");
}

/// `%time` and `%%time` compile what they are given under these names.
bool is_magic_body(const Frame& frame) {
  return frame.file == "<timed exec>" || frame.file == "<timed eval>";
}

bool is_in_notebook(const Frame& frame) {
  return frame.in_notebook || frame.cell.has_value() || frame.module == "__main__" ||
         is_magic_body(frame);
}

/// One is the other, or its end after a dot.
bool same_name(std::string_view one, std::string_view other) {
  if (one.size() > other.size()) std::swap(one, other);
  if (!other.ends_with(one)) return false;
  return one.size() == other.size() || one.empty() || other[other.size() - one.size() - 1] == '.';
}

/// Cython prints functions with their module: "pandas._libs.index.IndexEngine.get_loc". The
/// module is what stands before the first name in upper case, or before the last one.
void split_compiled(PlainFrame& frame) {
  std::size_t start = 0;
  std::size_t split = frame.function.rfind('.');
  while (start < frame.function.size()) {
    if (frame.function[start] >= 'A' && frame.function[start] <= 'Z') {
      split = start == 0 ? std::string::npos : start - 1;
      break;
    }
    const std::size_t dot = frame.function.find('.', start);
    if (dot == std::string::npos) break;
    start = dot + 1;
  }
  if (split == std::string::npos) return;
  frame.module = frame.function.substr(0, split);
  frame.function.erase(0, split + 1);
}

/// The frame of the cell's own code: the outermost one of that cell, at its top level.
const Frame* cell_frame(const Crash& crash) {
  const auto found = std::ranges::find_if(crash.frames, [&](const Frame& frame) {
    return frame.cell && frame.cell == crash.cell && frame.line > 0;
  });
  return found == crash.frames.end() ? nullptr : &*found;
}

}  // namespace

std::string module_of_path(std::string_view file) {
  if (take(file, "<frozen ")) return std::string(file.substr(0, file.find('>')));
  if (file.starts_with('<')) return {};
  std::string path(file);
  std::ranges::replace(path, '\\', '/');
  if (const auto rest = below_packages(path); !rest.empty()) return dotted(rest);
  if (const auto rest = below_standard_library(path); !rest.empty()) return dotted(rest);
  const bool relative = !path.empty() && path.front() != '/' && path.front() != '~';
  return relative && is_compiled_source(path) ? dotted(path) : std::string();
}

bool is_machinery(const Frame& frame) {
  static constexpr std::array<std::string_view, 3> kPackages = {"IPython", "ipykernel",
                                                                "xeus_python"};
  if (frame.file.starts_with("<decorator-gen-") || frame.file.starts_with("<__array_function__")) {
    return true;
  }
  const std::string module = frame.module.empty() ? module_of_path(frame.file) : frame.module;
  return std::ranges::any_of(kPackages, [&](std::string_view package) {
    return module.starts_with(package) &&
           (module.size() == package.size() || module[package.size()] == '.');
  });
}

bool is_library(const Frame& frame) {
  if (is_in_notebook(frame) || frame.file.empty()) return false;
  std::string path = frame.file;
  std::ranges::replace(path, '\\', '/');
  if (!below_packages(path).empty()) return true;
  return path.front() != '/' && is_compiled_source(path);
}

bool PlainFrame::agrees_with(const PlainFrame& other) const {
  if (in_notebook != other.in_notebook) return false;
  if (cell && other.cell && *cell != *other.cell) return false;
  if (function.empty() != other.function.empty() || !same_name(function, other.function)) {
    return false;
  }
  return module.empty() || other.module.empty() || same_name(module, other.module);
}

std::string PlainFrame::name() const {
  std::string text = in_notebook ? "the notebook" : module;
  if (!function.empty()) text += (text.empty() ? "" : ":") + function;
  return text;
}

std::vector<PlainFrame> plain_frames(const Crash& crash) {
  std::vector<PlainFrame> plain;
  for (const Frame& frame : crash.frames) {
    if (is_machinery(frame) || is_comprehension(frame.function)) continue;
    PlainFrame& result = plain.emplace_back();
    result.in_notebook = is_in_notebook(frame);
    result.cell = frame.cell;
    result.library = is_library(frame);
    if (frame.function != "<module>") result.function = frame.function;
    // Co-qualified names name the enclosing function: "f.<locals>.g" is printed "g" before 3.11.
    if (const std::size_t local = result.function.rfind("<locals>."); local != std::string::npos) {
      result.function.erase(0, local + std::string_view("<locals>.").size());
    }
    if (result.in_notebook) continue;
    result.module = frame.module.empty() ? module_of_path(frame.file) : frame.module;
    if (is_compiled_source(frame.file)) split_compiled(result);
  }
  return plain;
}

std::optional<int> line_in_cell(const Crash& crash) {
  const Frame* const cell = cell_frame(crash);
  const auto body = std::ranges::find_if(crash.frames, is_magic_body);
  const bool whole_cell = cell == nullptr || contains(cell->text, "run_cell_magic(");
  if (body != crash.frames.end() && whole_cell) {
    if (body->line <= 0) return std::nullopt;
    // An observed frame has the cell's own lines; a recorded one counts below the magic's line.
    return body->cell ? body->line : body->line + 1;
  }
  if (cell != nullptr) return cell->line;
  if (!crash.frames.empty() || !crash.message) return std::nullopt;
  return syntax_error_line(*crash.message);
}

}  // namespace nbreplay
