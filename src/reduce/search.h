#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "nbreplay/reduce/oracle.h"

namespace nbreplay::reduce {

/// The state that all searches share: the smallest failing subset so far, and every outcome known.
class Search {
 public:
  /// The whole set is assumed to fail.
  Search(std::size_t n, Oracle& oracle);

  [[nodiscard]] const Subset& best() const { return best_; }
  [[nodiscard]] std::size_t jobs() const { return jobs_; }
  [[nodiscard]] std::size_t queries() const { return queries_; }
  /// The oracle left a subset untested; nothing is asked from then on.
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Outcomes in the order of `batch`, asking only for what is not known yet; nothing where a stop
  /// prevented a test.
  std::vector<std::optional<TestOutcome>> test(std::span<const Subset> batch);
  [[nodiscard]] bool fails(const Subset& subset);

  /// Makes a subset that was seen to fail the best one.
  void adopt(Subset subset);

  [[nodiscard]] std::optional<TestOutcome> known(const Subset& subset) const;

  /// The result, with what is known of every single removal.
  [[nodiscard]] Reduction finish() const;

 private:
  [[nodiscard]] std::vector<bool> members(const Subset& subset) const;
  [[nodiscard]] std::optional<std::size_t> only_missing(const std::vector<bool>& subset,
                                                        const std::vector<bool>& best) const;

  std::size_t n_;
  Oracle& oracle_;
  std::size_t jobs_;
  Subset best_;
  std::unordered_map<std::vector<bool>, TestOutcome> known_;  // by membership: small for large n
  std::size_t queries_ = 0;
  bool stopped_ = false;
};

/// 0..n-1.
[[nodiscard]] Subset all_of(std::size_t n);
[[nodiscard]] Subset without(const Subset& subset, const Subset& removed);
[[nodiscard]] bool contains(const Subset& subset, std::size_t element);

}  // namespace nbreplay::reduce
