#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <vector>

#include "nbreplay/reduce/interval.h"

namespace nbreplay::bench {

/// A use of an earlier cell's definition.
struct Use {
  std::size_t definition = 0;
  bool may_change = false;  ///< As far as an analysis can tell.
  bool changes = false;
};

/// A generated notebook (notebooks.py): `size` cells and the one that crashes.
struct Notebook {
  std::size_t size = 0;
  std::vector<double> costs;           ///< Seconds; of the crash too, last.
  std::vector<std::vector<Use>> uses;  ///< Per cell, the crash last.

  /// The first of `kept` whose definitions are not all there, by its index in `kept`; nothing
  /// when the crash is reached.
  [[nodiscard]] std::optional<std::size_t> first_foreign_error(const reduce::Subset& kept) const;
  /// What the crash needs: definitions, and changes that are made (or all that may be).
  [[nodiscard]] reduce::Subset needed(bool possible_changes_too) const;
  /// What a dependence analysis knows.
  [[nodiscard]] reduce::Interval interval() const;
};

/// Reads `size` and the cells; nothing at the end of the input.
[[nodiscard]] std::optional<Notebook> read_notebook(std::istream& in);

}  // namespace nbreplay::bench
