#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "nbreplay/crash/crash.h"
#include "nbreplay/dataflow/facts.h"
#include "nbreplay/notebook/notebook.h"

namespace nbreplay {

/// A read that finds nothing although some cell of the notebook binds the name.
struct UnmetRead {
  std::size_t position = 0;
  std::string name;
};

/// What the search for an order knows of the notebook and the crash: which cells may matter, and
/// what can be said of an order without running it.
class OrderContext {
 public:
  using Order = std::vector<std::size_t>;

  OrderContext(const Notebook& notebook, std::span<const CellFacts> facts, std::size_t target,
               const Crash& crash);

  [[nodiscard]] const Notebook& notebook() const { return notebook_; }
  [[nodiscard]] const CellFacts& facts(std::size_t cell) const { return facts_[cell]; }
  [[nodiscard]] std::size_t target() const { return target_; }

  /// The name that must be unbound when the target runs; empty unless the crash is a NameError.
  [[nodiscard]] const std::string& missing() const { return missing_; }
  [[nodiscard]] bool may_bind_missing(std::size_t cell) const;

  /// Code cells up to the target that executors run, the target included.
  [[nodiscard]] Order top_to_bottom() const;

  /// 2: writes (binds, changes, deletes) what the crashing statement reads; 1: may reach the
  /// target in some order; 0: has nothing to do with the crash, by its text.
  [[nodiscard]] int relevance(std::size_t cell) const;

  /// Reads before the crash that find nothing. Names that no cell binds are left out: no order
  /// helps them. So is the missing name at the target, which is meant to be unbound.
  [[nodiscard]] std::vector<UnmetRead> unmet(const Order& order) const;

  /// How many cells before the target would stop for want of a name, and one more when the name
  /// that must be missing is sure to be bound.
  [[nodiscard]] std::size_t obstacles(const Order& order) const;

  /// The cell likeliest to have bound `name`, which some cell must bind, for the cell `user`: the
  /// nearest above it, else below it; nothing when only `user` itself binds it.
  [[nodiscard]] std::optional<std::size_t> binder_of(const std::string& name,
                                                     std::size_t user) const;

 private:
  void find_crash_reads();
  void find_reaching_cells();

  const Notebook& notebook_;
  std::span<const CellFacts> facts_;
  std::size_t target_;
  std::string missing_;
  std::set<std::string> crash_reads_;
  std::set<std::size_t> reaching_;
  std::set<std::size_t> may_fail_;
  std::map<std::string, std::vector<std::size_t>> binders_;  // name → code cells, ascending
  int crash_line_ = 0;                                       // 0: unknown
};

}  // namespace nbreplay
