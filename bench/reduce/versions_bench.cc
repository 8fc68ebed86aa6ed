// Counts tests that comparing versions takes. No input; writes one line per case:
//
//   isolation PACKAGES INFEASIBLE MEAN P90 MOST      one culprit, every place of it
//   releases COUNT MEAN MOST BOUND                   every boundary, from the newest release
//
// "infeasible" is the share of all sets that say nothing. Releases count the known one and both
// neighbours of the boundary.

#include <algorithm>
#include <bit>
#include <cstdio>
#include <numeric>
#include <random>
#include <vector>

#include "nbreplay/base/check.h"
#include "nbreplay/reduce/isolation.h"
#include "nbreplay/reduce/line_search.h"

namespace nbreplay::bench {
namespace {

using reduce::Subset;
using reduce::TestOutcome;

class OneCulprit final : public reduce::Oracle {
 public:
  OneCulprit(std::size_t culprit, double infeasible, unsigned seed)
      : culprit_(culprit), infeasible_(infeasible), seed_(seed) {}

  void test(std::span<const Subset> batch, const Report& report) override {
    for (std::size_t i = 0; i < batch.size(); ++i) report(i, outcome(batch[i]));
  }

 private:
  /// A set says the same whenever it is asked for.
  [[nodiscard]] TestOutcome outcome(const Subset& subset) const {
    std::vector<std::size_t> key = subset;
    key.push_back(seed_);
    std::seed_seq sequence(key.begin(), key.end());
    std::mt19937 random(sequence);
    if (std::uniform_real_distribution<double>(0, 1)(random) < infeasible_)
      return TestOutcome::kUnresolved;
    return std::ranges::binary_search(subset, culprit_) ? TestOutcome::kFail : TestOutcome::kPass;
  }

  std::size_t culprit_;
  double infeasible_;
  unsigned seed_;
};

double mean_of(const std::vector<std::size_t>& counts) {
  return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0})) /
         static_cast<double>(counts.size());
}

void isolate(std::size_t packages, double infeasible) {
  constexpr unsigned kRounds = 50;
  std::vector<std::size_t> tests;
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    for (std::size_t culprit = 0; culprit < packages; ++culprit) {
      OneCulprit oracle(culprit, infeasible, seed);
      const auto found = reduce::find_culprits(reduce::Needs(packages), {}, oracle);
      CHECK(std::ranges::binary_search(found.isolation.difference(), culprit),
            "the culprit is among what is left");
      tests.push_back(found.queries);
    }
  }
  std::ranges::sort(tests);
  std::printf("isolation %zu %.2f %.2f %zu %zu\n", packages, infeasible, mean_of(tests),
              tests[tests.size() * 9 / 10], tests.back());
}

void search_releases(std::size_t count) {
  std::vector<std::size_t> tests;
  for (std::size_t first_bad = 1; first_bad < count; ++first_bad) {
    reduce::LineSearch search(count, [&](std::size_t release) {
      return std::optional(release < first_bad ? TestOutcome::kPass : TestOutcome::kFail);
    });
    search.know(count - 1, TestOutcome::kFail);
    auto found = search.outward(count - 1, reduce::LineSearch::Direction::kDown);
    CHECK(found && found->fail == first_bad && found->exact(), "the boundary is found");
    search.check_neighbours(*found);
    tests.push_back(search.known().size());
  }
  const std::size_t bound = 2 * static_cast<std::size_t>(std::bit_width(count - 1)) + 3;
  std::printf("releases %zu %.2f %zu %zu\n", count, mean_of(tests),
              *std::ranges::max_element(tests), bound);
}

}  // namespace
}  // namespace nbreplay::bench

int main() {
  for (const std::size_t packages : {std::size_t{8}, std::size_t{60}})
    for (const double infeasible : {0.0, 0.2, 0.5}) nbreplay::bench::isolate(packages, infeasible);
  for (const std::size_t count : {std::size_t{20}, std::size_t{100}, std::size_t{200}})
    nbreplay::bench::search_releases(count);
}
