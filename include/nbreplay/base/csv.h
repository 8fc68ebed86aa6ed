#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/result.h"

namespace nbreplay {

/// A record of a CSV file (RFC 4180) and the line it begins on, from 1.
struct CsvRecord {
  std::size_t line = 0;
  std::vector<std::string> fields;
  std::string problem;  ///< Why it cannot be read; `fields` is then what was read so far.
};

/// All records; quoted fields may hold commas, quotes and line ends; a byte order mark is dropped
/// and blank lines are passed over. An open quote at the end is that record's problem.
[[nodiscard]] std::vector<CsvRecord> parse_csv(std::string_view text);

/// One record with its line end; quotes where needed.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& fields);

}  // namespace nbreplay
