#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce {

/// An order of the elements 0..n-1, each once.
using Permutation = std::vector<std::size_t>;

/// Two elements that conflict and stand the other way round in the other order.
struct Flip {
  std::size_t first = 0;   ///< Comes first where the walk begins ...
  std::size_t second = 0;  ///< ... and second where it ends.
  friend auto operator<=>(const Flip&, const Flip&) = default;
};

/// What lies between two orders of the same elements: the pairs that conflict and are inverted.
/// Pairs that do not conflict may stand either way.
class OrderFlips {
 public:
  using Conflict = std::function<bool(std::size_t, std::size_t)>;

  OrderFlips(Permutation from, Permutation to, const Conflict& conflict);

  /// In the order of a walk from `from` to `to` by swaps of neighbours, which rearranges the tail
  /// first, so that orders along it share long beginnings: flip k lies between points k and k+1.
  [[nodiscard]] const std::vector<Flip>& flips() const { return flips_; }
  [[nodiscard]] std::size_t size() const { return flips_.size(); }
  /// The order after the first k flips; point 0 is `from`, and the last does not conflict with
  /// `to`.
  [[nodiscard]] Permutation point(std::size_t k) const { return points_[k]; }

  /// Flips that cannot be without each other: the least set around `flips` (numbers of flips) for
  /// which an order exists that flips these and no other conflicting pair.
  [[nodiscard]] std::vector<std::size_t> closed(std::span<const std::size_t> flips) const;
  /// `from` with a closed set of flips, and as little else moved as they allow.
  [[nodiscard]] Permutation flipped(std::span<const std::size_t> closed_flips) const;
  /// The number of a flip, whichever way round it is named.
  [[nodiscard]] std::optional<std::size_t> find(const Flip& flip) const;

 private:
  struct Sorted {
    Permutation order;
    std::vector<std::size_t> rest;  ///< Elements on or behind cycles, when there are any.
  };
  [[nodiscard]] std::vector<std::vector<bool>> precedence(std::span<const std::size_t> flips) const;
  [[nodiscard]] Sorted sorted(const std::vector<std::vector<bool>>& precedes) const;

  Permutation from_;
  std::vector<std::size_t> place_;           ///< Of each element in `from`.
  std::vector<std::vector<bool>> conflict_;  ///< By elements.
  std::vector<Flip> flips_;
  std::vector<Permutation> points_;
};

/// Why one order fails and another one passes.
struct OrderCause {
  std::vector<Flip> flips;  ///< These decide; empty when nothing was found.
  std::size_t along = 0;    ///< The last of them only come along: they cannot stay as they are.
  bool in_passing = false;  ///< The passing order with these flips alone fails.
  bool in_failing = false;  ///< The failing order without these flips passes.
  bool from_walk = false;   ///< Found by bisecting the walk; else by ddmin.
  /// The walk changes from passing to failing somewhere between these two of its points; more than
  /// one apart where those in between are unresolved.
  std::size_t pass_point = 0;
  std::size_t fail_point = 0;
  std::size_t tests = 0;  ///< Confirmations included, the two given orders not.
  bool complete = false;  ///< Not stopped.
};

/// Tests an order; `deciding` asks for a test that a claim may rest on. Nothing: stopped.
using OrderTest =
    std::function<std::optional<TestOutcome>(const Permutation& order, bool deciding)>;

/// Bisects the walk from `passing` to `failing`, which are known to do so, and confirms the flip
/// that it finds in both orders: at most ⌈log₂ m⌉ + 2 tests for m flips when every test is resolved
/// and both confirmations agree. Where they do not, ddmin looks for a smallest set of flips.
[[nodiscard]] OrderCause order_cause(const Permutation& passing, const Permutation& failing,
                                     const OrderFlips::Conflict& conflict, const OrderTest& test);

}  // namespace nbreplay::reduce
