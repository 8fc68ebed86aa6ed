#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace nbreplay::reduce {

/// Elements to reduce are 0..n-1; a subset of them is ascending and holds none twice.
using Subset = std::vector<std::size_t>;

/// What testing a subset shows, in the terms of delta debugging: it fails when the failure under
/// test is still there, passes when it is gone, and is unresolved when the test says nothing.
enum class TestOutcome { kFail, kPass, kUnresolved };

/// Tests subsets. Searches ask for batches of at most `jobs()` and never for a subset twice.
class Oracle {
 public:
  using Report = std::function<void(std::size_t index, TestOutcome outcome)>;

  virtual ~Oracle() = default;

  /// Tests every subset of the batch and reports each by its index, in any order, before it
  /// returns. What it leaves out was prevented by a stop (budget, interrupt): the search then
  /// ends with the best it has.
  virtual void test(std::span<const Subset> batch, const Report& report) = 0;

  /// How many subsets are worth testing at the same time.
  [[nodiscard]] virtual std::size_t jobs() const { return 1; }
};

/// What a search found. `kept` was seen to fail, or is the whole set, of which that is assumed.
struct Reduction {
  Subset kept;
  /// Per element of `kept`: the outcome of `kept` without it alone; nothing when not tested.
  std::vector<std::optional<TestOutcome>> without;
  bool complete = false;    ///< The search ended by itself, not by a stop.
  std::size_t queries = 0;  ///< Subsets tested.
  /// Of these, the ones that bounded the result, before interval_and_certify began to certify.
  std::size_t bounding_queries = 0;

  /// 1-minimal as delta debugging defines it: every single removal was tested, and none fails.
  [[nodiscard]] bool one_minimal() const;
  /// Single removals that were seen to pass: the elements shown to be needed.
  [[nodiscard]] std::size_t certified() const;
};

}  // namespace nbreplay::reduce
