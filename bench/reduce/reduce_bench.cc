// Reduces generated notebooks and measures what it takes. Reads from standard input, per notebook:
//
//   SIZE                                    cells before the crash
//   COST USE...                             SIZE + 1 lines, the crash last (notebooks.py)
//   ALGORITHM RESULT SUBSET=OUTCOME...      a reduction that another program made, any number
//   (empty line)
//
// Subsets are hexadecimal, bit i for cell i; OUTCOME is F or P. Writes, per notebook and algorithm,
// those given included:
//
//   ALGORITHM QUERIES FRESH SNAPSHOTS KEPT
//
// base runs in fresh processes and with snapshots, and the size of the result. Every outcome given
// is compared with this program's own, and every certified or given result is checked to be
// 1-minimal; a difference is an error. "uncertified" is interval and certify up to where it begins
// to certify.

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "nbreplay/base/check.h"
#include "nbreplay/reduce/elimination.h"
#include "nbreplay/reduce/interval.h"

#include "cost.h"

namespace nbreplay::bench {
namespace {

using reduce::Reduction;
using reduce::Subset;
using reduce::TestOutcome;

class NotebookOracle final : public reduce::Oracle {
 public:
  explicit NotebookOracle(const Notebook& notebook)
      : notebook_(notebook), needed_(notebook.needed(false)) {}

  void test(std::span<const Subset> batch, const Report& report) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      asked_.push_back(batch[i]);
      report(i, outcome(batch[i]));
    }
  }

  TestOutcome outcome(const Subset& kept) const {
    const bool crashes = std::includes(kept.begin(), kept.end(), needed_.begin(), needed_.end()) &&
                         !notebook_.first_foreign_error(kept);
    return crashes ? TestOutcome::kFail : TestOutcome::kPass;
  }

  bool one_minimal(const Subset& kept) const {
    if (outcome(kept) != TestOutcome::kFail) return false;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      Subset rest = kept;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      if (outcome(rest) == TestOutcome::kFail) return false;
    }
    return true;
  }

  const std::vector<Subset>& asked() const { return asked_; }

 private:
  const Notebook& notebook_;
  Subset needed_;
  std::vector<Subset> asked_;
};

void print(const char* algorithm, const Notebook& notebook, std::span<const Subset> queries,
           std::size_t kept) {
  Cost cost(notebook);
  for (const Subset& query : queries) cost.run(query);
  std::printf("%s %zu %.6f %.6f %zu\n", algorithm, queries.size(), cost.fresh(),
              cost.with_snapshots(), kept);
}

void reduce_notebook(const Notebook& notebook) {
  NotebookOracle interval_oracle(notebook);
  const Reduction certified =
      reduce::interval_and_certify(notebook.size, notebook.interval(), interval_oracle);
  CHECK(certified.certified() == certified.kept.size(), "every removal was seen to pass");
  CHECK(interval_oracle.one_minimal(certified.kept), "what is certified is 1-minimal");
  const std::span asked(interval_oracle.asked());
  print("interval", notebook, asked, certified.kept.size());

  const auto bounding = asked.first(certified.bounding_queries);
  std::size_t bound = notebook.size;
  for (const Subset& query : bounding)
    if (interval_oracle.outcome(query) == TestOutcome::kFail) bound = std::min(bound, query.size());
  print("uncertified", notebook, bounding, bound);

  NotebookOracle backward_oracle(notebook);
  const Reduction backward = reduce::backward_elimination(notebook.size, backward_oracle);
  CHECK(backward_oracle.one_minimal(backward.kept), "backward elimination is 1-minimal");
  print("backward", notebook, backward_oracle.asked(), backward.kept.size());
}

Subset subset_of(const std::string& hexadecimal) {
  Subset subset;
  for (std::size_t i = 0; i < hexadecimal.size(); ++i) {
    const int digit = std::stoi(hexadecimal.substr(hexadecimal.size() - 1 - i, 1), nullptr, 16);
    for (std::size_t bit = 0; bit < 4; ++bit)
      if ((digit >> bit & 1) != 0) subset.push_back(i * 4 + bit);
  }
  return subset;
}

void replay(const Notebook& notebook, const std::string& line) {
  const NotebookOracle oracle(notebook);
  std::istringstream words(line);
  std::string algorithm, result;
  words >> algorithm >> result;
  const Subset kept = subset_of(result);
  CHECK(oracle.one_minimal(kept), "the result of the other program is 1-minimal");
  std::vector<Subset> queries;
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    queries.push_back(subset_of(word.substr(0, equals)));
    const bool fails = oracle.outcome(queries.back()) == TestOutcome::kFail;
    CHECK(word.substr(equals) == (fails ? "=F" : "=P"), "both programs see the same outcome");
  }
  print(algorithm.c_str(), notebook, queries, kept.size());
}

}  // namespace
}  // namespace nbreplay::bench

int main() {
  using namespace nbreplay::bench;
  while (const auto notebook = read_notebook(std::cin)) {
    reduce_notebook(*notebook);
    for (std::string line; std::getline(std::cin, line) && !line.empty();) replay(*notebook, line);
    std::printf("\n");
  }
}
