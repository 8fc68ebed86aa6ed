#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay {

// pandas infers a column's type from all of its rows: with most of them gone, a column may be of
// another type, and a row be needed only to keep it. The types that the failing run had can be
// said in the call that reads the table instead.

/// A call of pandas.read_csv or read_table in a source, by offsets.
struct ReadCall {
  std::size_t begin = 0;  ///< Of what is called: "pd.read_csv".
  std::size_t close = 0;  ///< Its closing bracket.
};

/// Column and type, as pandas names it.
using ColumnTypes = std::vector<std::pair<std::string, std::string>>;

/// The call whose first argument is a literal with one of the paths and that says no types itself.
[[nodiscard]] std::optional<ReadCall> find_read_call(const std::string& source,
                                                     const std::vector<std::string>& paths);

/// The trial with code before `position` and around the call there that prints what types columns
/// have. It is run for that only.
[[nodiscard]] Trial types_probe(const Trial& trial, std::size_t position, const ReadCall& call);
/// What the probe printed; types that a call cannot be told are left out.
[[nodiscard]] ColumnTypes printed_types(const Outcome& outcome);

/// The source with the types said in the call.
[[nodiscard]] std::string with_types(const std::string& source, const ReadCall& call,
                                     const ColumnTypes& types);

}  // namespace nbreplay
