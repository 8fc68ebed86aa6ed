#include "notebook/cell_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace nbreplay {
namespace {

using json::Kind;
using json::View;

/// Lines of a source or traceback, or tags. Each costs 32 bytes even when empty.
constexpr std::size_t kMaxStrings = 1'000'000;

bool is_absent(const std::optional<View>& value) {
  return !value || value->kind() == Kind::kNull;
}

Result<std::vector<std::string>> read_strings(const Source& source, View list,
                                              const std::string& path) {
  if (list.kind() != Kind::kArray) return source.wrong_kind(list, path, "a list of strings");
  const std::vector<View> items = json::items(list);
  if (items.size() > kMaxStrings)
    return source.wrong(
        list, path,
        fmt::format("{} strings, more than the {} that are read", items.size(), kMaxStrings));
  std::vector<std::string> result;
  result.reserve(items.size());
  for (const View item : items) {
    if (item.kind() != Kind::kString)
      return source.wrong_kind(item, fmt::format("{}[{}]", path, result.size()), "a string");
    result.push_back(json::decode(item));
  }
  return result;
}

CellType type_of(std::string_view name) {
  if (name == "code") return CellType::kCode;
  if (name == "markdown") return CellType::kMarkdown;
  if (name == "raw") return CellType::kRaw;
  return CellType::kOther;
}

Result<RecordedError> read_error(const Source& source, View output, const std::string& path) {
  RecordedError error;
  NBREPLAY_TRY(error.ename, read_optional_string(source, output, "ename", path));
  NBREPLAY_TRY(error.evalue, read_optional_string(source, output, "evalue", path));
  if (const auto traceback = json::find(output, "traceback"); !is_absent(traceback)) {
    NBREPLAY_TRY(error.traceback, read_strings(source, *traceback, path + ".traceback"));
  }
  return error;
}

Status read_outputs(const Source& source, View outputs, const std::string& path, Cell& cell) {
  if (outputs.kind() != Kind::kArray) return source.wrong_kind(outputs, path, "a list");
  std::size_t place = 0;
  for (const View output : json::items(outputs)) {
    const std::string here = fmt::format("{}[{}]", path, place++);
    if (output.kind() != Kind::kObject) return source.wrong_kind(output, here, "an object");
    const auto type = json::find(output, "output_type");
    if (!type) return source.wrong(output, here, "`output_type` is missing");
    if (type->kind() != Kind::kString)
      return source.wrong_kind(*type, here + ".output_type", "a string");
    if (!json::equals(*type, "error")) continue;
    NBREPLAY_TRY(RecordedError error, read_error(source, output, here));
    cell.errors.push_back(std::move(error));
  }
  return {};
}

Status read_code(const Source& source, const std::vector<json::Member>& all,
                 const std::string& path, Cell& cell) {
  if (const auto count = json::find(all, "execution_count"); !is_absent(count)) {
    cell.execution_count = json::to_int(*count);
    if (!cell.execution_count)
      return source.wrong(*count, path + ".execution_count", "expected a whole number or null");
  }
  if (const auto outputs = json::find(all, "outputs"))
    NBREPLAY_TRY_VOID(read_outputs(source, *outputs, path + ".outputs", cell));
  return {};
}

Status read_metadata(const Source& source, View metadata, const std::string& path, Cell& cell) {
  if (metadata.kind() != Kind::kObject) return source.wrong_kind(metadata, path, "an object");
  if (const auto tags = json::find(metadata, "tags")) {
    NBREPLAY_TRY(cell.tags, read_strings(source, *tags, path + ".tags"));
  }
  return {};
}

}  // namespace

Result<std::string> read_text(const Source& source, View text, const std::string& path) {
  if (text.kind() == Kind::kString) return json::decode(text);
  if (text.kind() != Kind::kArray)
    return source.wrong_kind(text, path, "a string or a list of strings");
  NBREPLAY_TRY(const std::vector<std::string> lines, read_strings(source, text, path));
  std::string result;
  for (const std::string& line : lines) json::append_decoded(result, line);
  return result;
}

Result<std::string> read_optional_string(const Source& source, View object, std::string_view key,
                                         const std::string& path) {
  const auto value = json::find(object, key);
  if (is_absent(value)) return std::string();
  if (value->kind() != Kind::kString)
    return source.wrong_kind(*value, fmt::format("{}.{}", path, key), "a string");
  return json::decode(*value);
}

Result<Cell> read_cell(const Source& source, View view, const std::string& path) {
  if (view.kind() != Kind::kObject) return source.wrong_kind(view, path, "a cell (an object)");
  const std::vector<json::Member> all = json::members(view);
  Cell cell;
  const auto type = json::find(all, "cell_type");
  if (!type) return source.wrong(view, path, "`cell_type` is missing");
  if (type->kind() != Kind::kString)
    return source.wrong_kind(*type, path + ".cell_type", "a string");
  cell.type = type_of(json::decode(*type));
  if (const auto id = json::find(all, "id")) {
    if (id->kind() != Kind::kString) return source.wrong_kind(*id, path + ".id", "a string");
    cell.id = json::decode(*id);
  }
  if (const auto text = json::find(all, "source")) {
    NBREPLAY_TRY(cell.source, read_text(source, *text, path + ".source"));
  } else if (cell.type != CellType::kOther) {
    return source.wrong(view, path, "`source` is missing");
  }
  if (const auto metadata = json::find(all, "metadata"))
    NBREPLAY_TRY_VOID(read_metadata(source, *metadata, path + ".metadata", cell));
  if (cell.type == CellType::kCode) NBREPLAY_TRY_VOID(read_code(source, all, path, cell));
  return cell;
}

bool Cell::has_tag(std::string_view tag) const {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace nbreplay
