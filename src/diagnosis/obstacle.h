#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/trial/judgement.h"

#include "diagnosis/investigation.h"

namespace nbreplay {

/// What crash in another cell tells of something that the machine lacks, in words: a module, a
/// file, the network. Empty: nothing of that kind.
[[nodiscard]] std::string missing_resource(const Investigation& investigation, const Crash& crash);

/// A cell that crashes before the crash under test can be reached, whatever ran before it.
class Obstacle {
 public:
  explicit Obstacle(std::size_t target) : target_(target) {}

  /// What trying an order showed.
  void note(const ExecutionOrder& order, const Judgement& judgement);

  /// Whether trying `order` is pointless: it runs a cell that has crashed in the same way in each
  /// of several orders.
  [[nodiscard]] bool stands_before(const ExecutionOrder& order) const;

  /// That crash, once it stands in the way of orders.
  [[nodiscard]] const Crash* crash() const;
  /// In how many orders it was seen.
  [[nodiscard]] std::size_t orders() const { return seen_; }

 private:
  std::size_t target_;
  std::optional<Crash> crash_;
  std::size_t seen_ = 0;
  bool other_ends_ = false;  ///< An order ended in another way.
};

}  // namespace nbreplay
