#include "nbreplay/reduce/binary_reduction.h"

#include <algorithm>

#include "reduce/eliminate.h"
#include "reduce/search.h"

namespace nbreplay::reduce {
namespace {

/// The last `needed` elements of the best subset are known to be needed; the candidates are those
/// before them.
class Prefixes {
 public:
  explicit Prefixes(Search& search) : search_(search) {}

  /// Whether the needed elements fail alone: nothing before them is needed then.
  bool needs_no_more() { return adopt_if_fails(0); }

  /// Shortens the candidates to the shortest prefix that fails, whose last one then is needed.
  void find_next() {
    std::size_t pass = 0;  // the longest prefix known not to fail
    if (needed_ > 0 && !search_.stopped()) {
      const std::size_t shorter = candidates() - 1;
      if (shorter > 0 && !adopt_if_fails(shorter)) pass = shorter;
    }
    while (candidates() - pass > 1 && !search_.stopped()) pass = narrow(pass);
    ++needed_;
  }

  [[nodiscard]] std::size_t candidates() const { return search_.best().size() - needed_; }

 private:
  [[nodiscard]] Subset prefix(std::size_t length) const {
    const Subset& best = search_.best();
    Subset subset(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(length));
    subset.insert(subset.end(), best.end() - static_cast<std::ptrdiff_t>(needed_), best.end());
    return subset;
  }

  bool adopt_if_fails(std::size_t length) {
    Subset subset = prefix(length);
    if (!search_.fails(subset)) return false;
    search_.adopt(std::move(subset));
    return true;
  }

  /// Tests prefixes evenly spread between `pass` and all candidates; adopts the shortest that
  /// fails. Returns the longest shorter one that does not.
  std::size_t narrow(std::size_t pass) {
    const std::size_t gap = candidates() - pass;
    const std::size_t count = std::min(search_.jobs(), gap - 1);
    std::vector<std::size_t> lengths;
    std::vector<Subset> batch;
    for (std::size_t i = 1; i <= count; ++i) {
      lengths.push_back(pass + gap * i / (count + 1));
      batch.push_back(prefix(lengths.back()));
    }
    const auto outcomes = search_.test(batch);
    for (std::size_t i = 0; i < count; ++i) {
      if (outcomes[i] == TestOutcome::kFail) {
        search_.adopt(std::move(batch[i]));
        break;
      }
      pass = lengths[i];
    }
    return pass;
  }

  Search& search_;
  std::size_t needed_ = 0;
};

}  // namespace

Reduction binary_reduction(std::size_t n, Oracle& oracle) {
  Search search(n, oracle);
  Prefixes prefixes(search);
  while (!search.stopped() && prefixes.candidates() > 0) {
    if (prefixes.needs_no_more()) break;
    prefixes.find_next();
  }
  if (!search.stopped()) eliminate_to_fixpoint(search);
  return search.finish();
}

}  // namespace nbreplay::reduce
