#include "diagnosis/csv_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace nbreplay {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::array<char, 4> kDelimiters = {',', ';', '\t', '|'};
/// Lines that choose the delimiter.
constexpr std::size_t kSample = 100;
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

}  // namespace

CsvTable::CsvTable(std::string text) : text_(std::move(text)) {
  if (text_.starts_with(kByteOrderMark)) start_ = kByteOrderMark.size();
  if (text_.find('\n') == std::string::npos) line_end_ = '\r';
  choose_delimiter();
  if (split(kAll, records_)) return;
  // A quote that nothing closes would hide all lines after it, of which one may matter.
  quotes_ = false;
  split(kAll, records_);
}

void CsvTable::choose_delimiter() {
  std::size_t best_agreeing = 0;
  std::uint32_t best_width = 1;
  char best = '\0';
  for (const char delimiter : kDelimiters) {
    delimiter_ = delimiter;
    std::vector<Record> sample;
    split(kSample, sample);
    if (sample.empty() || sample.front().fields < 2) continue;
    const std::uint32_t width = sample.front().fields;
    const auto agreeing = static_cast<std::size_t>(
        std::count_if(sample.begin(), sample.end(),
                      [&](const Record& record) { return record.fields == width; }));
    if (agreeing < best_agreeing || (agreeing == best_agreeing && width <= best_width)) continue;
    best_agreeing = agreeing;
    best_width = width;
    best = delimiter;
  }
  delimiter_ = best;
}

bool CsvTable::split(std::size_t most, std::vector<Record>& records) const {
  records.clear();
  std::size_t at = start_;
  while (at < text_.size() && records.size() < most) {
    Record record{at, at, 0};
    for (;;) {
      const Field field = next_field(at, text_.size());
      ++record.fields;
      record.end = field.end;
      if (field.end == std::string::npos) return false;
      if (field.last) break;
      at = field.end + 1;
    }
    at = after_line_end(record.end);
    if (record.end == record.begin) record.fields = 0;
    records.push_back(record);
  }
  return true;
}

/// The end of the field at `begin`, npos when its quote is not closed, and whether a line end
/// (or `limit`) follows.
CsvTable::Field CsvTable::next_field(std::size_t begin, std::size_t limit) const {
  std::size_t at = begin;
  if (quotes_ && at < limit && text_[at] == '"') {
    for (++at;; ++at) {
      at = text_.find('"', at);
      if (at == std::string::npos || at >= limit) return {std::string::npos, true};
      if (at + 1 < limit && text_[at + 1] == '"') {
        ++at;
        continue;
      }
      break;
    }
  }
  for (; at < limit; ++at) {
    if (delimiter_ != '\0' && text_[at] == delimiter_) return {at, false};
    if (text_[at] == line_end_) return {at > begin && text_[at - 1] == '\r' ? at - 1 : at, true};
  }
  return {limit, true};
}

std::size_t CsvTable::after_line_end(std::size_t at) const {
  if (at < text_.size() && text_[at] == '\r' && line_end_ == '\n') ++at;
  return std::min(at + 1, text_.size());
}

std::size_t CsvTable::columns_of(const reduce::Subset& records) const {
  std::uint32_t width = 0;
  for (const std::size_t record : records) {
    const std::uint32_t fields = records_[record].fields;
    if (fields == 0 || fields == width) continue;
    if (width != 0) return 0;
    width = fields;
  }
  return width;
}

std::vector<std::string_view> CsvTable::fields(std::size_t record) const {
  std::vector<std::string_view> result;
  const Record& place = records_[record];
  std::size_t at = place.begin;
  for (std::uint32_t i = 0; i < place.fields; ++i) {
    const std::size_t end = next_field(at, place.end).end;
    result.push_back(std::string_view(text_).substr(at, end - at));
    at = end + 1;
  }
  return result;
}

std::string CsvTable::value(std::string_view field) {
  if (field.size() < 2 || field.front() != '"' || field.back() != '"') return std::string(field);
  std::string result;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    result.push_back(field[i]);
    if (field[i] == '"') ++i;
  }
  return result;
}

std::string CsvTable::field(std::string_view value) const {
  const bool plain = value.find_first_of("\"\r\n") == std::string_view::npos &&
                     (delimiter_ == '\0' || value.find(delimiter_) == std::string_view::npos);
  if (plain) return std::string(value);
  std::string result = "\"";
  for (const char c : value) {
    if (c == '"') result.push_back('"');
    result.push_back(c);
  }
  return result + '"';
}

void CsvTable::for_each_value(const std::function<void(const std::string& value)>& take) const {
  for (std::size_t record = 0; record < records(); ++record)
    for (const std::string_view field : fields(record)) take(value(field));
}

TablePart CsvTable::whole() const {
  TablePart part;
  part.records.resize(records());
  std::iota(part.records.begin(), part.records.end(), std::size_t{0});
  return part;
}

std::string CsvTable::render(const TablePart& part) const {
  std::string result = text_.substr(0, start_);
  for (const std::size_t record : part.records) {
    const Record& place = records_[record];
    const std::size_t after = after_line_end(place.end);
    const auto changed = part.values.lower_bound({record, 0});
    const bool is_changed = changed != part.values.end() && changed->first.first == record;
    if ((!part.columns && !is_changed) || place.fields == 0) {
      result.append(text_, place.begin, after - place.begin);
      continue;
    }
    const std::vector<std::string_view> all = fields(record);
    bool first = true;
    const auto add = [&](std::size_t column) {
      if (column >= all.size()) return;
      if (!std::exchange(first, false)) result.push_back(delimiter_);
      const auto value = part.values.find({record, column});
      result += value == part.values.end() ? all[column] : std::string_view(value->second);
    };
    if (part.columns) {
      std::for_each(part.columns->begin(), part.columns->end(), add);
    } else {
      for (std::size_t column = 0; column < all.size(); ++column) add(column);
    }
    result.append(text_, place.end, after - place.end);
  }
  return result;
}

}  // namespace nbreplay
