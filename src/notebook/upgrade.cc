#include "notebook/upgrade.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "nbreplay/base/hash.h"

#include "notebook/cell_reader.h"
#include "notebook/json_edit.h"
#include "notebook/output_text.h"

namespace nbreplay {
namespace {

using json::Fields;
using json::Kind;
using json::View;

const json::Style kStyle;

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kMediaTypes{{
    {"text", "text/plain"},
    {"html", "text/html"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpeg", "image/jpeg"},
    {"latex", "text/latex"},
    {"json", "application/json"},
    {"javascript", "application/javascript"},
}};

std::string media_type(std::string_view name) {
  for (const auto& [alias, type] : kMediaTypes)
    if (alias == name) return std::string(type);
  return std::string(name);
}

/// Text of version 3. Some early writers split lines without keeping their ends.
Result<std::string> read_v3_text(const Source& source, View text, const std::string& path) {
  if (text.kind() != Kind::kArray) return read_text(source, text, path);
  const std::vector<View> lines = json::items(text);
  std::string result;
  bool ends_kept = true;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    NBREPLAY_TRY(const std::string line,
                 read_text(source, lines[i], fmt::format("{}[{}]", path, i)));
    if (i == 0) ends_kept = line.ends_with('\n') || line.ends_with('\r');
    if (i > 0 && !ends_kept) result += '\n';
    json::append_decoded(result, line);
  }
  return result;
}

/// Renames keys of an object that are short names of media types.
std::string with_media_types(View object, std::size_t depth) {
  Fields renamed;
  for (const auto& [key, value] : json::fields_of(object, kStyle, depth))
    renamed[media_type(key)] = value;
  return json::join_object(renamed, kStyle, depth);
}

/// Everything in a version 3 output that is not about the output becomes its data.
Result<std::string> upgrade_rich_output(const Source& source, View output, bool is_result,
                                        const std::string& path, std::size_t depth) {
  Fields fields{{"metadata", "{}"}};
  Fields data;
  if (is_result) fields["execution_count"] = "null";
  for (const json::Member& member : json::members(output)) {
    const std::string key = json::decode(member.key);
    const View value = member.value;
    if (key == "output_type") continue;
    if (key == "metadata" && value.kind() == Kind::kObject) {
      fields[key] = with_media_types(value, depth + 1);
    } else if (key == "prompt_number" && is_result) {
      fields["execution_count"] = value.text;
    } else if (key != "metadata") {
      const std::string type = media_type(key);
      if (type == "application/json") {  // version 3 wraps it into a string
        NBREPLAY_TRY(const std::string text, read_v3_text(source, value, path + "." + key));
        data[type] = json::find_fault(text) ? json::quote(text, kStyle)
                                            : json::reformat(json::whole(text), kStyle, depth + 2);
      } else if (is_split_media(type)) {
        NBREPLAY_TRY(const std::string text, read_v3_text(source, value, path + "." + key));
        data[type] = json::quote_lines(text, kStyle, depth + 2);
      } else {
        data[type] = json::reformat(value, kStyle, depth + 2);
      }
    }
  }
  fields["output_type"] = is_result ? "\"execute_result\"" : "\"display_data\"";
  fields["data"] = json::join_object(data, kStyle, depth + 1);
  return json::join_object(fields, kStyle, depth);
}

Result<std::string> upgrade_output(const Source& source, View output, const std::string& path,
                                   std::size_t depth) {
  if (output.kind() != Kind::kObject) return source.wrong_kind(output, path, "an object");
  NBREPLAY_TRY(const std::string type, read_optional_string(source, output, "output_type", path));
  if (type == "pyout" || type == "display_data")
    return upgrade_rich_output(source, output, type == "pyout", path, depth);
  Fields fields = json::fields_of(output, kStyle, depth);
  if (type == "pyerr") fields["output_type"] = "\"error\"";
  if (type == "stream") {
    const auto name = fields.extract("stream");
    fields["name"] = name.empty() ? "\"stdout\"" : name.mapped();
    if (const auto text = json::find(output, "text")) {
      NBREPLAY_TRY(const std::string joined, read_v3_text(source, *text, path + ".text"));
      fields["text"] = json::quote_lines(joined, kStyle, depth + 1);
    }
  }
  return json::join_object(fields, kStyle, depth);
}

Result<std::string> upgrade_outputs(const Source& source, View outputs, const std::string& path) {
  if (outputs.kind() != Kind::kArray) return source.wrong_kind(outputs, path, "a list");
  std::vector<std::string> upgraded;
  for (const View output : json::items(outputs)) {
    NBREPLAY_TRY(std::string one,
                 upgrade_output(source, output, fmt::format("{}[{}]", path, upgraded.size()),
                                json::kCellDepth + 2));
    upgraded.push_back(std::move(one));
  }
  return json::join_list(upgraded, kStyle, json::kCellDepth + 1);
}

Status upgrade_code(const Source& source, View cell, const std::string& path, Fields& fields,
                    Fields& metadata) {
  if (auto collapsed = fields.extract("collapsed"); !collapsed.empty())
    metadata["collapsed"] = collapsed.mapped();
  auto count = fields.extract("prompt_number");
  fields["execution_count"] = count.empty() ? "null" : count.mapped();
  fields["source"] = "[]";
  if (const auto input = json::find(cell, "input")) {
    NBREPLAY_TRY(const std::string text, read_v3_text(source, *input, path + ".input"));
    fields["source"] = json::quote_lines(text, kStyle, json::kCellDepth + 1);
  }
  fields["outputs"] = "[]";
  if (const auto outputs = json::find(cell, "outputs")) {
    NBREPLAY_TRY(fields["outputs"], upgrade_outputs(source, *outputs, path + ".outputs"));
  }
  return {};
}

/// A version 3 heading is one line; its level becomes that many `#`.
std::string heading_text(View cell, const std::string& text) {
  const auto level = json::find(cell, "level");
  const int number = level ? json::to_int(*level).value_or(1) : 1;
  std::string result(static_cast<std::size_t>(std::clamp(number, 1, 6)), '#');
  if (text.empty()) result += ' ';
  for (const std::string_view line : json::split_lines(text, false)) {
    result += ' ';
    result += line;
  }
  return result;
}

Status upgrade_prose(const Source& source, View cell, const std::string& type,
                     const std::string& path, Fields& fields) {
  std::string text;
  if (const auto value = json::find(cell, "source")) {
    NBREPLAY_TRY(text, read_v3_text(source, *value, path + ".source"));
  }
  if (type == "heading") text = heading_text(cell, text);
  if (type == "heading" || type == "html") fields["cell_type"] = "\"markdown\"";
  fields["source"] = json::quote_lines(text, kStyle, json::kCellDepth + 1);
  return {};
}

Result<std::string> upgrade_cell(const Source& source, View cell, const std::string& path,
                                 std::string_view id) {
  if (cell.kind() != Kind::kObject) return source.wrong_kind(cell, path, "a cell (an object)");
  NBREPLAY_TRY(const std::string type, read_optional_string(source, cell, "cell_type", path));
  if (type.empty()) return source.wrong(cell, path, "`cell_type` is missing");
  // `trusted` is transient in both versions: whether the browser believed the outputs.
  Fields fields = json::fields_of(cell, kStyle, json::kCellDepth,
                                  {"input", "language", "level", "metadata", "outputs", "trusted"});
  Fields metadata;
  if (const auto value = json::find(cell, "metadata")) {
    if (value->kind() != Kind::kObject)
      return source.wrong_kind(*value, path + ".metadata", "an object");
    metadata = json::fields_of(*value, kStyle, json::kCellDepth + 1, {"trusted"});
  }
  if (type == "code") {
    NBREPLAY_TRY_VOID(upgrade_code(source, cell, path, fields, metadata));
  } else {
    NBREPLAY_TRY_VOID(upgrade_prose(source, cell, type, path, fields));
  }
  fields["id"] = json::quote(id, kStyle);
  fields["metadata"] = json::join_object(metadata, kStyle, json::kCellDepth + 1);
  return json::join_object(fields, kStyle, json::kCellDepth);
}

/// The cells of all worksheets, and the language of the first code cell.
struct Cells {
  std::vector<std::string> texts;
  std::string language;
};

Result<Cells> upgrade_cells(const Source& source, View worksheets, const std::string& seed) {
  if (worksheets.kind() != Kind::kArray)
    return source.wrong_kind(worksheets, "worksheets", "a list");
  Cells result;
  std::size_t sheet_number = 0;
  for (const View sheet : json::items(worksheets)) {
    const std::string sheet_path = fmt::format("worksheets[{}]", sheet_number++);
    if (sheet.kind() != Kind::kObject) return source.wrong_kind(sheet, sheet_path, "an object");
    const auto cells = json::find(sheet, "cells");
    if (!cells) return source.wrong(sheet, sheet_path, "`cells` is missing");
    if (cells->kind() != Kind::kArray)
      return source.wrong_kind(*cells, sheet_path + ".cells", "a list");
    std::size_t place = 0;
    for (const View cell : json::items(*cells)) {
      const std::string path = fmt::format("{}.cells[{}]", sheet_path, place++);
      NBREPLAY_TRY(std::string text,
                   upgrade_cell(source, cell, path, derived_id(seed, result.texts.size())));
      result.texts.push_back(std::move(text));
      if (result.language.empty()) {
        NBREPLAY_TRY(result.language, read_optional_string(source, cell, "language", path));
      }
    }
  }
  return result;
}

Result<std::string> upgrade_metadata(const Source& source, View root, const std::string& language) {
  const auto metadata = json::find(root, "metadata");
  if (!metadata) return std::string("{}");
  if (metadata->kind() != Kind::kObject)
    return source.wrong_kind(*metadata, "metadata", "an object");
  Fields fields = json::fields_of(*metadata, kStyle, 1,
                                  {"name", "signature", "orig_nbformat", "orig_nbformat_minor"});
  NBREPLAY_TRY(const std::string named,
               read_optional_string(source, *metadata, "language", "metadata"));
  const std::string& known = named.empty() ? language : named;
  if (!known.empty() && known != "python" && !fields.contains("language_info") &&
      !fields.contains("kernelspec"))
    fields["language_info"] = json::join_object({{"name", json::quote(known, kStyle)}}, kStyle, 2);
  return json::join_object(fields, kStyle, 1);
}

}  // namespace

Result<std::string> upgrade_v3(const Source& source, View root, const std::string& seed) {
  const auto worksheets = json::find(root, "worksheets");
  if (!worksheets) return source.wrong(root, "the top level", "`worksheets` is missing");
  NBREPLAY_TRY(const Cells cells, upgrade_cells(source, *worksheets, seed));
  Fields fields =
      json::fields_of(root, kStyle, 0, {"worksheets", "orig_nbformat", "orig_nbformat_minor"});
  fields["cells"] = json::join_list(cells.texts, kStyle, 1);
  NBREPLAY_TRY(fields["metadata"], upgrade_metadata(source, root, cells.language));
  fields["nbformat"] = "4";
  fields["nbformat_minor"] = "5";
  return json::join_object(fields, kStyle, 0) + "\n";
}

std::string derived_id(std::string_view seed, std::size_t number) {
  return sha256_hex(fmt::format("{} cell {}", seed, number)).substr(0, 8);
}

}  // namespace nbreplay
