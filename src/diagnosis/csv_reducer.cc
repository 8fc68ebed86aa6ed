#include "diagnosis/csv_reducer.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>

#include "nbreplay/base/utf8.h"
#include "nbreplay/reduce/binary_reduction.h"
#include "nbreplay/reduce/elimination.h"

#include "diagnosis/minimise.h"

namespace nbreplay {
namespace {

using reduce::Subset;
using reduce::TestOutcome;

/// Simpler values make a result nicer, not smaller: they get no more trials than this.
constexpr std::size_t kValueTrials = 60;
/// Values that are tried at all.
constexpr std::size_t kMostValues = 10'000;

/// Subsets of what a table is made of, each tested as the text that keeps it.
class PartOracle final : public reduce::Oracle {
 public:
  PartOracle(DataTrials& trials, const CsvTable& table,
             const std::function<TablePart(const Subset&)>& keep)
      : trials_(trials), table_(table), keep_(keep) {}

  void test(std::span<const Subset> batch, const Report& report) override {
    std::vector<std::string> texts;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const TablePart part = keep_(batch[i]);
      // Lines without any field are no table.
      if (part.columns && part.columns->empty()) {
        report(i, TestOutcome::kPass);
        continue;
      }
      texts.push_back(table_.render(part));
      which.push_back(i);
    }
    const auto tested = trials_.test(texts, Freshness::kAny);
    for (std::size_t i = 0; i < tested.size(); ++i)
      if (tested[i] != nullptr) report(which[i], tested[i]->outcome);
  }

  std::size_t jobs() const override { return trials_.investigation().jobs(); }

 private:
  DataTrials& trials_;
  const CsvTable& table_;
  const std::function<TablePart(const Subset&)>& keep_;
};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool says(const std::string& source, const std::string& name) {
  for (std::size_t at = source.find(name); at != std::string::npos;
       at = source.find(name, at + 1)) {
    const bool begins = at == 0 || !is_word(source[at - 1]) || !is_word(name.front());
    const std::size_t end = at + name.size();
    if (begins && (end == source.size() || !is_word(source[end]) || !is_word(name.back())))
      return true;
  }
  return false;
}

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

/// The simplest value of the same type, so that a column's inferred type stays: NaN and infinity
/// have no digits and count as text.
std::string default_of(const std::string& value) {
  const bool digits = value.find_first_of("0123456789") != std::string::npos;
  if (!digits || !is_number(value)) return {};
  return value.find_first_of(".eE") == std::string::npos ? "0" : "0.0";
}

/// The first half of a text, whole characters only.
std::string first_half(const std::string& text) {
  std::size_t end = text.size() / 2;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 200;
  if (text.size() <= kMost) return text;
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

Subset picked(const Subset& from, const Subset& places) {
  Subset result;
  result.reserve(places.size());
  for (const std::size_t place : places) result.push_back(from[place]);
  return result;
}

}  // namespace

CsvReducer::CsvReducer(DataTrials& trials, CsvTable table)
    : trials_(trials), table_(std::move(table)), part_(table_.whole()) {}

// ---- columns and rows -----------------------------------------------------------------------

void CsvReducer::reduce_lines() {
  drop_unnamed_columns();
  reduce_columns(Search::kBinary);
  reduce_rows(Search::kBinary);
  settle();
}

void CsvReducer::reduce_further(TablePart part) {
  part_ = std::move(part);
  reduce_rows(Search::kBinary);
  settle();
}

/// Columns whose name stands in no source are hardly used: one test for all of them.
void CsvReducer::drop_unnamed_columns() {
  const std::vector<std::string> names = column_names();
  Subset named;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (is_named(names[i])) named.push_back(columns()[i]);
  if (named.empty() || named.size() == names.size()) return;
  TablePart part = part_;
  part.columns = std::move(named);
  adopt_if_same(std::move(part));
}

void CsvReducer::reduce_columns(Search search) {
  const Subset all = columns();
  if (all.size() < 2) return;
  const Keep keep = [&](const Subset& kept) {
    TablePart part = part_;
    part.columns = picked(all, kept);
    return part;
  };
  part_ = keep(search_for(search, all.size(), keep));
}

void CsvReducer::reduce_rows(Search search) {
  const Subset all = rows();
  const bool first_line = has_first_line();
  const Keep keep = [&](const Subset& kept) {
    TablePart part;
    part.columns = part_.columns;
    part.values = part_.values;
    if (first_line) part.records.push_back(0);
    for (const std::size_t place : kept) part.records.push_back(all[place]);
    return part;
  };
  part_ = keep(search_for(search, all.size(), keep));
}

Subset CsvReducer::search_for(Search search, std::size_t count, const Keep& keep) {
  PartOracle oracle(trials_, table_, keep);
  const reduce::Reduction reduction = search == Search::kBinary
                                          ? reduce::binary_reduction(count, oracle)
                                          : reduce::backward_elimination(count, oracle);
  complete_ = complete_ && reduction.complete;
  return reduction.kept;
}

/// Fewer rows may need fewer columns, and the other way round. The first line is more often than
/// not a header that everything needs, so it is tried last.
void CsvReducer::settle() {
  bool changed = true;
  while (changed && complete_) {
    const auto before = std::pair(columns(), rows());
    reduce_columns(Search::kElimination);
    reduce_rows(Search::kElimination);
    changed = std::pair(columns(), rows()) != before;
    if (changed || !has_first_line() || !complete_) continue;
    TablePart part = part_;
    part.records.erase(part.records.begin());
    changed = adopt_if_same(std::move(part));
  }
}

bool CsvReducer::adopt_if_same(TablePart part) {
  const TestedText* tested = trials_.test(table_.render(part));
  complete_ = complete_ && tested != nullptr;
  if (tested == nullptr || tested->outcome != TestOutcome::kFail) return false;
  part_ = std::move(part);
  return true;
}

// ---- values ---------------------------------------------------------------------------------

void CsvReducer::reduce_values() {
  const TestedText* current = trials_.known(text());
  if (!complete_ || current == nullptr || !current->crash) return;
  reference_ = current->crash;
  const auto places = values();
  if (places.empty() || places.size() > kMostValues) return;
  simplify_together();
  for (const auto& [record, column] : places) {
    if (value_trials_ >= kValueTrials || !complete_) break;
    simplify_one(record, column);
  }
  if (!part_.values.empty()) settle();
}

/// Where the values hardly matter, two tests settle all of them: numbers, then texts.
void CsvReducer::simplify_together() {
  for (const bool numbers : {true, false}) {
    TablePart part = part_;
    for (const auto& [record, column] : values()) {
      const std::string value = value_at(record, column);
      const std::string simple = default_of(value);
      if (simple.empty() == numbers || simple == value) continue;
      part.values[{record, column}] = table_.field(simple);
    }
    if (part.values != part_.values) adopt_if_same_to_the_letter(std::move(part));
  }
}

void CsvReducer::simplify_one(std::size_t record, std::size_t column) {
  std::string value = value_at(record, column);
  const auto becomes = [&](const std::string& simpler) {
    TablePart part = part_;
    part.values[{record, column}] = table_.field(simpler);
    if (!adopt_if_same_to_the_letter(std::move(part))) return false;
    value = simpler;
    return true;
  };
  const std::string simple = default_of(value);
  if (value.empty() || value == simple || becomes(simple) || !simple.empty()) return;
  if (find_invalid_utf8(value) != std::string::npos) return;
  while (value.size() > 1 && value_trials_ < kValueTrials && becomes(first_half(value))) {
  }
}

bool CsvReducer::adopt_if_same_to_the_letter(TablePart part) {
  ++value_trials_;
  const TestedText* tested = trials_.test(table_.render(part));
  complete_ = complete_ && tested != nullptr;
  if (tested == nullptr || !tested->crash) return false;
  if (!compare(*reference_, *tested->crash, Level::kS).same) return false;
  part_ = std::move(part);
  return true;
}

// ---- what is there --------------------------------------------------------------------------

bool CsvReducer::is_named(const std::string& name) const {
  const auto& executions = trials_.trial().executions;
  return !name.empty() &&
         std::any_of(executions.begin(), executions.end(),
                     [&](const Execution& execution) { return says(execution.source, name); });
}

bool CsvReducer::has_first_line() const {
  return !part_.records.empty() && part_.records.front() == 0;
}

Subset CsvReducer::rows() const {
  return {part_.records.begin() + (has_first_line() ? 1 : 0), part_.records.end()};
}

Subset CsvReducer::columns() const {
  if (part_.columns) return *part_.columns;
  Subset all(table_.columns_of(part_.records));
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::vector<std::string> CsvReducer::column_names() const {
  std::vector<std::string> names;
  if (!has_first_line()) return names;
  const auto fields = table_.fields(0);
  for (const std::size_t column : columns())
    if (column < fields.size()) names.push_back(CsvTable::value(fields[column]));
  return names;
}

InputReduction::Size CsvReducer::size() const {
  return {rows().size(), columns().size(), text().size()};
}

/// Records are numbered from 0, so a row's number is that of its record: the first line is none.
std::vector<std::pair<std::size_t, std::size_t>> CsvReducer::stretches() const {
  std::vector<std::pair<std::size_t, std::size_t>> result;
  for (const std::size_t row : rows()) {
    if (result.empty() || result.back().second + 1 != row) result.emplace_back(row, row);
    result.back().second = row;
  }
  return result;
}

std::vector<InputReduction::Value> CsvReducer::changed() const {
  const auto names = table_.records() == 0 ? std::vector<std::string_view>() : table_.fields(0);
  std::vector<InputReduction::Value> result;
  for (const auto& [place, field] : part_.values) {
    const auto [record, column] = place;
    const bool kept = std::ranges::binary_search(part_.records, record) &&
                      (!part_.columns || std::ranges::binary_search(*part_.columns, column));
    if (!kept) continue;
    const std::string name = column < names.size() ? CsvTable::value(names[column]) : "";
    result.push_back({record, column + 1, shortened(name),
                      shortened(CsvTable::value(table_.fields(record)[column])),
                      shortened(CsvTable::value(field))});
  }
  return result;
}

std::string CsvReducer::value_at(std::size_t record, std::size_t column) const {
  const auto changed = part_.values.find({record, column});
  if (changed != part_.values.end()) return CsvTable::value(changed->second);
  return CsvTable::value(table_.fields(record)[column]);
}

std::vector<std::pair<std::size_t, std::size_t>> CsvReducer::values() const {
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (const std::size_t record : rows()) {
    const std::size_t width = table_.fields(record).size();
    if (part_.columns) {
      for (const std::size_t column : *part_.columns)
        if (column < width) places.emplace_back(record, column);
    } else {
      for (std::size_t column = 0; column < width; ++column) places.emplace_back(record, column);
    }
    if (places.size() > kMostValues) break;
  }
  return places;
}

// ---- what was seen --------------------------------------------------------------------------

std::vector<TablePart> CsvReducer::single_removals() const {
  std::vector<TablePart> parts;
  for (std::size_t i = 0; i < part_.records.size(); ++i) {
    parts.push_back(part_);
    auto& records = parts.back().records;
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const Subset all = columns();
  for (std::size_t i = 0; i < all.size() && all.size() > 1; ++i) {
    parts.push_back(part_);
    parts.back().columns = all;
    parts.back().columns->erase(parts.back().columns->begin() + static_cast<std::ptrdiff_t>(i));
  }
  return parts;
}

void CsvReducer::certify() {
  if (!complete_) return;
  std::vector<std::string> texts;
  for (const TablePart& part : single_removals()) {
    std::string text = table_.render(part);
    const TestedText* known = trials_.known(text);
    if (known != nullptr && known->origin == Origin::kCached) texts.push_back(std::move(text));
  }
  if (!texts.empty()) trials_.test(texts, Freshness::kFresh);
}

MinimalSequence::Certified CsvReducer::certified() const {
  MinimalSequence::Certified certified;
  if (!complete_) {  // of what may be a long table only how long it is
    certified.of = part_.records.size() + (columns().size() > 1 ? columns().size() : 0);
    return certified;
  }
  for (const TablePart& part : single_removals()) {
    ++certified.of;
    const TestedText* known = trials_.known(table_.render(part));
    if (known == nullptr || known->outcome != TestOutcome::kPass) continue;
    count_removal(certified, known->origin);
  }
  return certified;
}

}  // namespace nbreplay
