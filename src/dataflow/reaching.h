#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "nbreplay/dataflow/facts.h"

namespace nbreplay {

/// Where the value that an execution finds under a name may come from.
struct Bindings {
  std::vector<std::size_t> positions;  ///< Descending; the last one is certain when any is.
  bool certain = false;  ///< One of them binds (or deletes) the name whenever its cell completes.
  bool deleted = false;  ///< The latest of them deletes it.
};

/// Reaching definitions over one execution order: classic data-flow analysis on straight-line
/// code whose statements are executions of cells. Deletions count as bindings: they decide what a
/// later read finds. What a function reads is read where the function is used.
class Reaching {
 public:
  /// `facts` are by cell index and must outlive this. Cells in `may_fail` bind nothing for
  /// certain, since they may stop half-way.
  Reaching(std::span<const std::size_t> order, std::span<const CellFacts> facts,
           const std::set<std::size_t>& may_fail = {});

  [[nodiscard]] const CellFacts& facts(std::size_t position) const {
    return facts_[order_[position]];
  }

  /// What a read of `name` at `position` finds.
  [[nodiscard]] Bindings bindings(const std::string& name, std::size_t position) const;

  /// Positions in [from, to) that may change in place what `name` means, ascending.
  [[nodiscard]] std::vector<std::size_t> mutations(const std::string& name, std::size_t from,
                                                   std::size_t to) const;

  /// Names that the execution at `position` reads: its own, those that it changes or deletes, and
  /// those in the bodies of functions that it may call. Sorted, no name twice.
  [[nodiscard]] std::vector<std::string> reads(std::size_t position) const;

  /// Adds to `names` what the functions read that a read of any of `names` at `position` may get
  /// hold of, and so on.
  void add_deferred(std::set<std::string>& names, std::size_t position) const;

 private:
  struct Event {
    std::size_t position = 0;
    bool certain = false;
    bool deletion = false;
  };

  std::vector<std::size_t> order_;
  std::span<const CellFacts> facts_;
  std::map<std::string, std::vector<Event>, std::less<>> events_;  // by name, ascending
  std::map<std::string, std::vector<std::size_t>, std::less<>> mutations_;
};

}  // namespace nbreplay
