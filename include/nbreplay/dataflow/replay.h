#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "nbreplay/dataflow/effects.h"

namespace nbreplay {

/// Tells which executions of a changed order can end otherwise than in the base order.
///
/// Every place has a version. An execution's signature is its cell and the versions of what it
/// reads or changes; what it writes or changes gets a version made of that signature. An execution
/// whose signature occurs in the base order finds what that one found, so it does what that one
/// did: it need not be run to know how it ends. All others are affected. They may take other
/// paths than in the base order, so they count as reading and writing whatever their text allows,
/// too.
///
/// This rests on `measured` being right; what it misses shows only in full runs.
class Replay {
 public:
  /// `measured` and `parsed` by cell index. `base` is an order that was run.
  Replay(std::vector<std::size_t> base, std::vector<Effects> measured, std::vector<Effects> parsed);

  struct Plan {
    /// What to run: of the changed order all that it shares with the base order from the start,
    /// then affected executions and those that leave what these need. Nothing affected: empty.
    std::vector<std::size_t> order;
    std::vector<std::size_t> affected;  ///< Positions in the changed order.
    std::size_t shared = 0;             ///< Executions that `order` shares with the base order.
  };

  [[nodiscard]] Plan plan(const std::vector<std::size_t>& changed) const;

  [[nodiscard]] const std::vector<std::size_t>& base() const { return base_; }
  [[nodiscard]] const Effects& measured(std::size_t cell) const { return measured_[cell]; }
  [[nodiscard]] bool conflicting(std::size_t a, std::size_t b) const {
    return conflict(measured_[a], measured_[b]);
  }
  /// Orders of the base order's executions that keep every conflicting pair as it is: of those
  /// that may come next, always the last, or first; the base order itself is none of them.
  [[nodiscard]] std::vector<std::vector<std::size_t>> consistent_orders() const;

 private:
  using Versions = std::map<std::string, std::uint64_t>;
  [[nodiscard]] static std::uint64_t signature(std::size_t cell, const Effects& effects,
                                               const Versions& versions);
  static void leave(const Effects& effects, std::uint64_t signature, Versions& versions);

  std::vector<std::size_t> base_;
  std::vector<Effects> measured_;
  std::vector<Effects> widest_;  ///< With what the text allows.
  std::set<std::uint64_t> known_;
};

}  // namespace nbreplay
