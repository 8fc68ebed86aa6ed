#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "nbreplay/dataflow/facts.h"

namespace nbreplay {

/// Positions of an execution order that the execution at `target` may depend on.
struct Slice {
  /// Reaching definitions only, transitively; ascending, with the target last.
  std::vector<std::size_t> thin;
  /// The thin slice and every execution that may change in place what it reads (and what those
  /// need themselves); ascending, with the target last.
  std::vector<std::size_t> full;
  /// For each position p of `full`: the positions that p itself needs, directly.
  std::vector<std::vector<std::size_t>> needs;
};

/// `order` holds cell indices; `facts` are by cell index (empty facts for other cells). Opaque
/// cells count as defining whatever is otherwise unbound. `unbound` are names that the target must
/// find unbound (a NameError's name): executions that bind them are left out of both slices when
/// they stand before the target only by the order's doing.
[[nodiscard]] Slice slice(std::span<const std::size_t> order, std::span<const CellFacts> facts,
                          std::size_t target, const std::set<std::string>& unbound = {});

/// Positions i < j of `order` conflict when swapping them may change what either computes
/// (one defines or mutates a name that the other reads, defines or mutates).
[[nodiscard]] bool conflict(const CellFacts& first, const CellFacts& second);

}  // namespace nbreplay
