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
  /// Reaching definitions only, transitively; ascending, with the target last. What a deletion or
  /// a file written earlier decides counts as defined by it.
  std::vector<std::size_t> thin;
  /// The thin slice and every execution that may change in place what it reads (and what those
  /// need themselves); ascending, with the target last.
  std::vector<std::size_t> full;
  /// For each entry of `full`: the positions (of the order) whose definitions it reads, ascending.
  /// Both slices are closed under it: all that their members need is in them.
  std::vector<std::vector<std::size_t>> needs;
};

/// `order` holds cell indices; `facts` are by cell index (empty facts for other cells); positions
/// behind `target` are ignored. Opaque cells count as defining whatever is otherwise unbound, and
/// are all in the full slice. What a function reads is needed where the function is used.
/// `unbound` are names that the target must find unbound (a NameError's name): that an execution
/// binds them is no reason to need it, that it deletes them is. Cells in `may_fail` may have
/// stopped half-way: what they bind may also be what an earlier execution left.
[[nodiscard]] Slice slice(std::span<const std::size_t> order, std::span<const CellFacts> facts,
                          std::size_t target, const std::set<std::string>& unbound = {},
                          const std::set<std::size_t>& may_fail = {});

/// Whether executions of the two cells conflict: swapping them may change what either computes
/// (one defines, deletes or changes what the other reads, defines, deletes or changes; one writes
/// a file that the other reads or writes; both draw from the same random state). Symmetric.
[[nodiscard]] bool conflict(const CellFacts& first, const CellFacts& second);

}  // namespace nbreplay
