// What every search promises, over many random oracles: the result fails, what is said of single
// removals is true, it is 1-minimal by brute force wherever that is claimed, and queries are
// bounded. A failing round prints its seed.

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

#include "nbreplay/reduce/binary_reduction.h"
#include "nbreplay/reduce/ddmin.h"
#include "nbreplay/reduce/elimination.h"
#include "nbreplay/reduce/interval.h"

#include "support/property_rounds.h"
#include "unit/reduce/fake_oracle.h"

namespace nbreplay::reduce::test {
namespace {

using nbreplay::test::property_rounds;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return engine_() % n; }
  bool with_chance(double p) { return std::uniform_real_distribution<>(0, 1)(engine_) < p; }
  Subset subset(std::size_t n, double p) {
    Subset chosen;
    for (std::size_t i = 0; i < n; ++i)
      if (with_chance(p)) chosen.push_back(i);
    return chosen;
  }

 private:
  std::mt19937 engine_;
};

void close(Subset& subset, const std::vector<Subset>& needs) {
  std::set<std::size_t> closed(subset.begin(), subset.end());
  for (std::size_t i = needs.size(); i-- > 0;)
    if (closed.contains(i)) closed.insert(needs[i].begin(), needs[i].end());
  subset.assign(closed.begin(), closed.end());
}

/// Fails when all that the failure needs ran, and nothing ran into a missing definition first:
/// keeping a consumer without its definition hides the failure, so this is not monotone.
struct Notebook {
  std::size_t n;
  std::vector<Subset> needs;
  Subset truth;
  Interval interval;

  [[nodiscard]] Predicate predicate() const {
    return [this](const Subset& subset) {
      for (const std::size_t element : subset)
        if (!holds(subset, needs[element])) return TestOutcome::kPass;
      return holds(subset, truth) ? TestOutcome::kFail : TestOutcome::kPass;
    };
  }
};

Notebook random_notebook(Random& random, double hidden) {
  Notebook notebook;
  notebook.n = 1 + random.below(16);
  notebook.needs.resize(notebook.n);
  for (std::size_t i = 0; i < notebook.n; ++i) notebook.needs[i] = random.subset(i, 0.2);
  notebook.interval.thin = random.subset(notebook.n, 0.15);
  close(notebook.interval.thin, notebook.needs);
  notebook.interval.full = notebook.interval.thin;
  notebook.truth = notebook.interval.thin;
  for (const std::size_t mutation : random.subset(notebook.n, 0.3)) {
    notebook.interval.full.push_back(mutation);
    if (random.with_chance(0.3)) notebook.truth.push_back(mutation);
  }
  if (random.with_chance(hidden)) notebook.truth.push_back(random.below(notebook.n));
  close(notebook.interval.full, notebook.needs);
  close(notebook.truth, notebook.needs);
  notebook.interval.needs = notebook.needs;
  return notebook;
}

/// Any outcome for any subset, fixed by a hash: not monotone, sometimes unresolved.
Predicate random_predicate(std::size_t n, unsigned seed, double fails, double unresolved) {
  return [=](const Subset& subset) {
    if (subset.size() == n) return TestOutcome::kFail;
    std::size_t hash = seed;
    for (const std::size_t element : subset) hash = hash * 1000003 + element + 1;
    std::minstd_rand engine(static_cast<unsigned>(hash ^ (hash >> 32U)));
    engine.discard(2);
    const double roll = std::uniform_real_distribution<>(0, 1)(engine);
    if (roll < fails) return TestOutcome::kFail;
    return roll < fails + unresolved ? TestOutcome::kUnresolved : TestOutcome::kPass;
  };
}

Interval random_interval(Random& random, std::size_t n) {
  Interval interval;
  interval.full = random.subset(n, 0.5);
  for (const std::size_t element : interval.full)
    if (random.with_chance(0.5)) interval.thin.push_back(element);
  if (random.with_chance(0.5))
    for (std::size_t i = 0; i < n; ++i) interval.needs.push_back(random.subset(n, 0.3));
  return interval;
}

struct Algorithm {
  std::string name;
  std::function<Reduction(std::size_t, const Interval&, Oracle&)> run;
};

std::vector<Algorithm> algorithms() {
  return {
      {"interval", [](std::size_t n, const Interval& interval,
                      Oracle& oracle) { return interval_and_certify(n, interval, oracle); }},
      {"elimination", [](std::size_t n, const Interval&,
                         Oracle& oracle) { return backward_elimination(n, oracle); }},
      {"ddmin", [](std::size_t n, const Interval&, Oracle& oracle) { return ddmin(n, oracle); }},
      {"binary",
       [](std::size_t n, const Interval&, Oracle& oracle) { return binary_reduction(n, oracle); }}};
}

/// Runs every algorithm with one and with several jobs, to the end and stopped somewhere.
void check_all(std::size_t n, const Interval& interval, const Predicate& predicate, unsigned seed) {
  for (const Algorithm& algorithm : algorithms()) {
    for (const std::size_t jobs : {1U, 3U}) {
      const std::string what =
          algorithm.name + ", jobs " + std::to_string(jobs) + ", seed " + std::to_string(seed);
      FakeOracle oracle(n, predicate, jobs);
      oracle.shuffle_answers(seed);
      const Reduction reduction = algorithm.run(n, interval, oracle);
      expect_honest(reduction, n, predicate, what);
      EXPECT_TRUE(reduction.complete) << what;
      EXPECT_EQ(reduction.queries, oracle.queries()) << what;
      EXPECT_LE(reduction.queries, n * n + 3 * n + 2 + jobs * n) << what;

      FakeOracle stopping(n, predicate, jobs);
      stopping.shuffle_answers(seed);
      stopping.stop_after(seed % (oracle.queries() + 1));
      const Reduction early = algorithm.run(n, interval, stopping);
      expect_honest(early, n, predicate, what + ", stopped");
      EXPECT_EQ(early.complete, stopping.queries() == oracle.queries()) << what << ", stopped";
    }
  }
}

TEST(OneMinimal, OnNotebooksWithASoundInterval) {
  for (unsigned seed = 0; seed < property_rounds(300); ++seed) {
    Random random(seed);
    const Notebook notebook = random_notebook(random, 0);
    check_all(notebook.n, notebook.interval, notebook.predicate(), seed);
    FakeOracle oracle(notebook.n, notebook.predicate());
    const Reduction reduction = interval_and_certify(notebook.n, notebook.interval, oracle);
    EXPECT_EQ(reduction.kept, notebook.truth) << "seed " << seed;
    EXPECT_EQ(reduction.certified(), notebook.truth.size()) << "seed " << seed;
    // The two bounds, one try per possible mutation, and at most two passes of certification.
    const std::size_t upper = notebook.interval.full.size();
    const std::size_t optional = upper - notebook.interval.thin.size();
    EXPECT_LE(reduction.queries, 2 + optional + 2 * upper) << "seed " << seed;
  }
}

TEST(OneMinimal, OnNotebooksWithHiddenDependencies) {
  for (unsigned seed = 0; seed < property_rounds(200); ++seed) {
    Random random(seed);
    const Notebook notebook = random_notebook(random, 1);
    check_all(notebook.n, notebook.interval, notebook.predicate(), seed);
  }
}

TEST(OneMinimal, OnMonotoneOraclesWithAnyInterval) {
  for (unsigned seed = 0; seed < property_rounds(200); ++seed) {
    Random random(seed);
    const std::size_t n = random.below(20);
    const Subset wanted = random.subset(n, 0.25);
    check_all(n, random_interval(random, n), needs_all(wanted), seed);
    FakeOracle oracle(n, needs_all(wanted));
    const Reduction reduction = backward_elimination(n, oracle);
    EXPECT_EQ(reduction.kept, wanted);
    EXPECT_LE(reduction.queries, 2 * n);
  }
}

TEST(OneMinimal, OnOraclesThatAreNotMonotone) {
  for (unsigned seed = 0; seed < property_rounds(200); ++seed) {
    Random random(seed);
    const std::size_t n = random.below(12);
    const Predicate predicate = random_predicate(n, seed, seed % 2 == 0 ? 0.1 : 0.6, 0);
    check_all(n, random_interval(random, n), predicate, seed);
  }
}

TEST(OneMinimal, WithUnresolvedAnswers) {
  for (unsigned seed = 0; seed < property_rounds(200); ++seed) {
    Random random(seed);
    const std::size_t n = random.below(12);
    const Predicate predicate = random_predicate(n, seed, 0.3, 0.3);
    check_all(n, random_interval(random, n), predicate, seed);
  }
}

}  // namespace
}  // namespace nbreplay::reduce::test
