#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/notebook/notebook.h"

namespace nbreplay {

/// A code cell with anything but white space in it.
[[nodiscard]] bool has_code(const Notebook& notebook, std::size_t cell);
/// Its execution count, where that can be one: kernels count from 1.
[[nodiscard]] std::optional<int> count_of(const Notebook& notebook, std::size_t cell);

/// The recorded executions up to the target with the gaps between them, as far as they are
/// filled.
struct Timeline {
  /// A run of counts that no cell carries.
  struct Gap {
    int first = 0;
    int length = 0;
    std::vector<std::size_t> fills;  ///< Cells taken to have run in it, in order.
    [[nodiscard]] bool has_room() const { return static_cast<int>(fills.size()) < length; }
  };

  std::vector<std::size_t> cells;  ///< By count; the target last.
  std::vector<Gap> gaps;           ///< gaps[i] stands before cells[i]; length 0 where none is.

  [[nodiscard]] std::vector<std::size_t> order() const;
  /// Where the fills of gaps[i] begin in order().
  [[nodiscard]] std::size_t position_of_gap(std::size_t i) const;
  [[nodiscard]] bool has_room() const;
  /// "recorded order with its gap In[4] filled by cell 4".
  [[nodiscard]] std::string words(const Notebook& notebook) const;
};

/// The executions that the notebook recorded, nothing filled. Needs a count of the target.
[[nodiscard]] Timeline recorded_timeline(const Notebook& notebook, std::size_t target);

/// Whether `cell` has its place in gaps[i]: it stands, in the file, between the cells that ran
/// around the gap, and its own count is from later or gone.
[[nodiscard]] bool belongs_in_gap(const Notebook& notebook, const Timeline& timeline, std::size_t i,
                                  std::size_t cell);

/// The timeline with every gap filled, as far as it has room, by cells that have their place in
/// it: a cell that ran again later leaves its gap there.
[[nodiscard]] Timeline with_cells_in_place(const Notebook& notebook, Timeline timeline);

}  // namespace nbreplay
