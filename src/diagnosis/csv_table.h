#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay {

/// What is kept of a table.
struct TablePart {
  reduce::Subset records;                 ///< The first line counts as a record.
  std::optional<reduce::Subset> columns;  ///< Nothing: whole records, whatever their width.
  /// Fields written anew, by record and column, as they then stand in the file.
  std::map<std::pair<std::size_t, std::size_t>, std::string> values;
};

/// A delimited text file (CSV), as places in its text: what is kept of it keeps its quotes, its
/// line ends and its encoding, byte for byte. Any encoding that has ASCII's bytes for delimiters
/// will do. The delimiter (comma, semicolon, tab, bar) is the one that the first lines agree on.
class CsvTable {
 public:
  explicit CsvTable(std::string text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t records() const { return records_.size(); }
  /// How many fields each of these records has, blank lines aside; 0 when they differ.
  [[nodiscard]] std::size_t columns_of(const reduce::Subset& records) const;
  /// The fields of a record as they stand in the text.
  [[nodiscard]] std::vector<std::string_view> fields(std::size_t record) const;
  /// What a field says, without its quotes.
  [[nodiscard]] static std::string value(std::string_view field);
  /// A field that says `value`, in quotes where it needs them.
  [[nodiscard]] std::string field(std::string_view value) const;

  /// Calls with what each field says, those of the first line included.
  void for_each_value(const std::function<void(const std::string& value)>& take) const;

  [[nodiscard]] TablePart whole() const;
  [[nodiscard]] std::string render(const TablePart& part) const;

 private:
  struct Record {
    std::size_t begin = 0;
    std::size_t end = 0;       ///< Before the line end.
    std::uint32_t fields = 0;  ///< 0: a blank line.
  };
  struct Field {
    std::size_t end = 0;
    bool last = false;
  };

  void choose_delimiter();
  /// Records from `begin` on, at most `most`; false when a quoted field is never closed.
  bool split(std::size_t most, std::vector<Record>& records) const;
  [[nodiscard]] Field next_field(std::size_t begin, std::size_t limit) const;
  [[nodiscard]] std::size_t after_line_end(std::size_t at) const;

  std::string text_;
  std::size_t start_ = 0;  ///< After a byte order mark.
  char delimiter_ = '\0';  ///< '\0': one column.
  char line_end_ = '\n';
  bool quotes_ = true;  ///< Quotes may hold delimiters and line ends.
  std::vector<Record> records_;
};

}  // namespace nbreplay
