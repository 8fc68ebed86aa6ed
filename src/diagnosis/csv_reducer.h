#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/csv_table.h"
#include "diagnosis/data_trials.h"

namespace nbreplay {

/// Reduces one table whose whole text was seen to crash alike in `trials`. Columns first, those
/// that no source names all at once; then rows; then both again until no single one can go. Every
/// text kept was tested and crashed alike.
class CsvReducer {
 public:
  CsvReducer(DataTrials& trials, CsvTable table);

  /// Columns and rows.
  void reduce_lines();
  /// Rows again, and what can go with them: of a part that crashed alike in `trials`, which run
  /// other sources than those it was found with.
  void reduce_further(TablePart part);
  /// Numbers to 0, texts to nothing or less of them, where the crash stays the same at level S;
  /// then what can go of columns and rows with these values.
  void reduce_values();
  /// Runs afresh what only an earlier call's cache says of leaving out any single row or column.
  void certify();

  [[nodiscard]] const TablePart& part() const { return part_; }

  [[nodiscard]] std::string text() const { return table_.render(part_); }
  [[nodiscard]] InputReduction::Size size() const;
  /// The rows and changed values of InputReduction.
  [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> stretches() const;
  [[nodiscard]] std::vector<InputReduction::Value> changed() const;
  /// Names of the columns kept, as the first line has them; empty without a first line or where
  /// lines differ in width.
  [[nodiscard]] std::vector<std::string> column_names() const;
  /// What was seen of leaving out single rows and columns.
  [[nodiscard]] MinimalSequence::Certified certified() const;
  /// The search ended by itself, not by a stop.
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  enum class Search { kBinary, kElimination };
  using Keep = std::function<TablePart(const reduce::Subset& kept)>;

  void drop_unnamed_columns();
  void reduce_columns(Search search);
  void reduce_rows(Search search);
  void settle();
  [[nodiscard]] reduce::Subset search_for(Search search, std::size_t count, const Keep& keep);
  bool adopt_if_same(TablePart part);

  void simplify_together();
  void simplify_one(std::size_t record, std::size_t column);
  bool adopt_if_same_to_the_letter(TablePart part);

  [[nodiscard]] bool is_named(const std::string& name) const;
  [[nodiscard]] bool has_first_line() const;
  [[nodiscard]] reduce::Subset rows() const;
  [[nodiscard]] reduce::Subset columns() const;
  [[nodiscard]] std::string value_at(std::size_t record, std::size_t column) const;
  [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> values() const;
  [[nodiscard]] std::vector<TablePart> single_removals() const;

  DataTrials& trials_;
  CsvTable table_;
  TablePart part_;
  std::optional<Crash> reference_;  ///< What values may not change.
  std::size_t value_trials_ = 0;
  bool complete_ = true;
};

}  // namespace nbreplay
