#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "nbreplay/dataflow/facts.h"

namespace nbreplay {

/// What running a cell needs and leaves behind. Places are names of the notebook's namespace,
/// files, and the state of random generators, each spelled so that no two kinds meet.
struct Effects {
  std::set<std::string> reads;    ///< What earlier cells left there matters.
  std::set<std::string> writes;   ///< Bound or written anew; deletions included.
  std::set<std::string> changes;  ///< Changed in place: depends on what was there.
  bool reads_anything = false;    ///< Runs text or unknown magics: any place may matter.
  bool exact = false;             ///< Seen while it ran, and nothing can have gone unseen.

  [[nodiscard]] bool touches(const std::string& place) const {
    return writes.contains(place) || changes.contains(place);
  }
};

/// Names that a cell was seen to read and write while it ran.
struct ObservedNames {
  std::span<const std::string> reads;
  std::span<const std::string> writes;
  std::span<const std::string> changes;
  bool complete = false;
};

/// What the text of a cell says.
[[nodiscard]] Effects parsed_effects(const CellFacts& facts);
/// What was seen, and of files and random state what the text says; of names that, too, where
/// something can have gone unseen.
[[nodiscard]] Effects measured_effects(const CellFacts& facts, const ObservedNames& observed);
[[nodiscard]] Effects both(const Effects& first, const Effects& second);

/// Whether the order of the two matters: one writes or changes what the other reads, writes or
/// changes. Symmetric.
[[nodiscard]] bool conflict(const Effects& first, const Effects& second);

}  // namespace nbreplay
