#include "nbreplay/reduce/ddmin.h"

#include <algorithm>

#include "reduce/search.h"

namespace nbreplay::reduce {
namespace {

/// `subset` in `count` chunks of nearly equal size.
std::vector<Subset> chunks_of(const Subset& subset, std::size_t count) {
  std::vector<Subset> chunks;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= count; ++i) {
    const std::size_t end = subset.size() * i / count;
    chunks.emplace_back(subset.begin() + static_cast<std::ptrdiff_t>(begin),
                        subset.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  return chunks;
}

/// Adopts the first candidate that fails, testing `jobs` at a time.
bool adopt_first(Search& search, const std::vector<Subset>& candidates) {
  for (std::size_t begin = 0; begin < candidates.size(); begin += search.jobs()) {
    const std::size_t count = std::min(search.jobs(), candidates.size() - begin);
    const auto outcomes = search.test(std::span(candidates).subspan(begin, count));
    for (std::size_t i = 0; i < count; ++i) {
      if (outcomes[i] != TestOutcome::kFail) continue;
      search.adopt(candidates[begin + i]);
      return true;
    }
  }
  return false;
}

}  // namespace

Reduction ddmin(std::size_t n, Oracle& oracle) {
  Search search(n, oracle);
  std::size_t granularity = 2;
  while (!search.stopped() && !search.best().empty()) {
    const std::size_t size = search.best().size();
    granularity = std::min(granularity, size);
    const std::vector<Subset> chunks = chunks_of(search.best(), granularity);
    std::vector<Subset> complements;
    for (const Subset& chunk : chunks) complements.push_back(without(search.best(), chunk));
    if (granularity > 1 && adopt_first(search, chunks)) {
      granularity = 2;
    } else if (adopt_first(search, complements)) {
      granularity = std::max<std::size_t>(granularity - 1, 2);
    } else if (granularity < size) {
      granularity *= 2;
    } else {
      break;
    }
  }
  return search.finish();
}

}  // namespace nbreplay::reduce
