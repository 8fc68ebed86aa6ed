#include "nbreplay/base/csv.h"

namespace nbreplay {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Reads one record at the front of `text`, which is not empty; counts lines.
CsvRecord take_record(std::string_view& text, std::size_t& line) {
  CsvRecord record;
  record.line = line;
  std::string field;
  bool quoted = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        field.push_back(c);
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field.push_back('"');
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      record.fields.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      ++i;
      break;
    } else if (c != '\r' || i + 1 == text.size() || text[i + 1] != '\n') {
      field.push_back(c);
    }
  }
  if (quoted) record.problem = "a quoted field is not closed";
  record.fields.push_back(std::move(field));
  text.remove_prefix(i);
  return record;
}

}  // namespace

std::vector<CsvRecord> parse_csv(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    text.remove_prefix(kByteOrderMark.size());
  std::vector<CsvRecord> records;
  std::size_t line = 1;
  while (!text.empty()) {
    CsvRecord record = take_record(text, line);
    const bool blank = record.fields.size() == 1 && record.fields.front().empty();
    if (!blank || !record.problem.empty()) records.push_back(std::move(record));
  }
  return records;
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line.push_back(',');
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      line += field;
      continue;
    }
    line.push_back('"');
    for (const char c : field) {
      if (c == '"') line.push_back('"');
      line.push_back(c);
    }
    line.push_back('"');
  }
  line.push_back('\n');
  return line;
}

}  // namespace nbreplay
