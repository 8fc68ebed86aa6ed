#include "cli/labels_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "nbreplay/base/csv.h"
#include "nbreplay/base/hash.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/notebook/cell_name.h"

namespace nbreplay::cli {
namespace {

constexpr Bytes kMaxLabels = mib(256);
constexpr std::size_t kUuidLength = 36;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::optional<std::size_t> column(const std::vector<std::string>& header, std::string_view name) {
  for (std::size_t i = 0; i < header.size(); ++i)
    if (lower(header[i]) == name) return i;
  return std::nullopt;
}

bool looks_like_uuid(const std::string& text) {
  return text.size() == kUuidLength && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
         text[23] == '-';
}

std::string labels_known() {
  std::vector<std::string> names;
  for (const TaxonomyEntry& entry : taxonomy()) {
    std::string name(entry.label);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

struct Columns {
  std::size_t notebook;
  std::size_t cell;
  std::size_t label;
  std::optional<std::size_t> sublabel;
};

LabelRow read_row(const CsvRecord& record, const Columns& columns, std::size_t width) {
  LabelRow row;
  row.line = record.line;
  row.fields = record.fields;
  row.fields.resize(width);
  if (!record.problem.empty()) {
    row.problem = record.problem;
  } else if (record.fields.size() != width) {
    row.problem = fmt::format("has {} fields, the header has {}", record.fields.size(), width);
  }
  if (!row.problem.empty()) return row;
  row.notebook = record.fields[columns.notebook];
  row.cell = record.fields[columns.cell];
  const std::string& label = record.fields[columns.label];
  const std::string sublabel = columns.sublabel ? record.fields[*columns.sublabel] : "";
  if (row.notebook.empty()) {
    row.problem = "names no notebook";
  } else if (row.cell.empty()) {
    row.problem = "names no cell";
  } else if (const auto given = parse_label(label, sublabel)) {
    row.given = *given;
  } else {
    row.problem = fmt::format("unknown label '{}'; expected one of: {}",
                              escape_control(sublabel.empty() ? label : label + " / " + sublabel),
                              labels_known());
  }
  return row;
}

}  // namespace

Result<LabelsFile> read_labels(const Path& path) {
  NBREPLAY_TRY(const std::string text, read_file(path, kMaxLabels));
  if (const std::size_t bad = find_invalid_utf8(text); bad != std::string::npos)
    return bad_input(fmt::format("{}: is not UTF-8 (byte {})", path.string(), bad), {},
                     "save the file as UTF-8");
  std::vector<CsvRecord> records = parse_csv(text);
  if (records.empty())
    return bad_input(fmt::format("{}: is empty", path.string()), {},
                     "the first line must name the columns: notebook,cell,root_cause");
  LabelsFile file;
  file.header = records.front().fields;
  const auto notebook = column(file.header, "notebook");
  const auto cell = column(file.header, "cell");
  const auto label = column(file.header, "root_cause");
  if (!notebook || !cell || !label)
    return bad_input(fmt::format("{}:1: the header lacks {}", path.string(),
                                 !notebook ? "'notebook'" : (!cell ? "'cell'" : "'root_cause'")),
                     {},
                     "the first line must name the columns: notebook,cell,root_cause[,sublabel]");
  const Columns columns{*notebook, *cell, *label, column(file.header, "sublabel")};
  for (std::size_t i = 1; i < records.size(); ++i)
    file.rows.push_back(read_row(records[i], columns, file.header.size()));
  return file;
}

Result<std::size_t> find_labelled_cell(const Notebook& notebook, const std::string& name) {
  if (looks_like_uuid(name)) {
    const Path& path = notebook.path();
    const std::vector<std::string> files = {path.filename().string(), path.stem().string(),
                                            path.string()};
    for (const std::size_t cell : notebook.code_cells()) {
      const RecordedError* error = notebook.cells()[cell].error();
      if (error == nullptr) continue;
      for (const std::string& file : files)
        if (uuid3_dns(lower(fmt::format("nb_exception://{}.{}.{}", file, cell, error->ename))) ==
            lower(name))
          return cell;
    }
    return usage_error(fmt::format("no recorded crash has the id {}", name));
  }
  constexpr std::string_view prefix = "index:";
  if (name.rfind(prefix, 0) == 0) {
    std::size_t index = 0;
    const auto [end, problem] =
        std::from_chars(name.data() + prefix.size(), name.data() + name.size(), index);
    if (problem == std::errc() && end == name.data() + name.size() &&
        notebook.ordinal_of(index).has_value())
      return index;
    return usage_error(fmt::format("'{}' is not the index of a code cell", escape_control(name)));
  }
  return parse_cell_name(notebook, name);
}

}  // namespace nbreplay::cli
