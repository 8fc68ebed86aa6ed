#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "diagnosis/minimise.h"

namespace nbreplay {

/// What the reducers of one minimal sequence share.
struct StatementReduction {
  Investigation& investigation;
  const BaseRun& base;
  MinimalSequence& minimal;
  Crash latest;  ///< The crash of the latest accepted run: its lines are those of the sources now.
};

/// Reduces the source of one execution. Every accepted change was run and crashed alike (level
/// A); the statement that crashes, and those that had called it, are never changed.
class StatementReducer {
 public:
  StatementReducer(StatementReduction& reduction, std::size_t position);

  /// Leaves out statements level by level, each level backwards, then unwraps compound ones and
  /// empties bodies, until nothing more can go.
  void reduce_structure();
  /// Drops arguments and calls, shrinks literals; at most `most` trials. Returns how many it ran.
  std::size_t reduce_expressions(std::size_t most);

 private:
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  using Edits = std::vector<SourceEdit>;
  using Filter = std::function<bool(const SourceEdit&)>;

  [[nodiscard]] std::string& source();
  [[nodiscard]] bool done() const;
  [[nodiscard]] int level_of(int statement) const;
  [[nodiscard]] int deepest_level() const;
  [[nodiscard]] std::vector<Range> protected_ranges() const;
  [[nodiscard]] bool allowed(const SourceEdit& edit, const std::vector<Range>& ranges) const;
  [[nodiscard]] Edits edits_that(const Filter& filter) const;
  [[nodiscard]] std::set<std::string> wanted_elsewhere() const;

  bool remove_unneeded();
  bool remove_level(int level);
  bool sweep(const Filter& filter);
  /// The first of the candidates whose text crashes alike, now the current source; or -1.
  std::ptrdiff_t first_accepted(const std::vector<Edits>& candidates);

  StatementReduction& reduction_;
  std::size_t position_;
  CellFacts facts_;
  std::set<std::string> refused_;  ///< Texts that were tried.
  std::size_t trials_left_;
};

}  // namespace nbreplay
