#include "nbreplay/reduce/elimination.h"

#include <algorithm>
#include <iterator>

#include "reduce/eliminate.h"

namespace nbreplay::reduce {
namespace {

struct Removal {
  std::size_t element;
  Subset removed;
};

Subset united(const std::vector<Removal>& removals) {
  Subset all;
  for (const Removal& removal : removals) {
    Subset merged;
    std::set_union(all.begin(), all.end(), removal.removed.begin(), removal.removed.end(),
                   std::back_inserter(merged));
    all = std::move(merged);
  }
  return all;
}

}  // namespace

bool eliminate(Search& search, Subset elements, const Companions& companions) {
  bool any = false;
  while (!search.stopped()) {
    std::erase_if(elements, [&](std::size_t e) { return !contains(search.best(), e); });
    if (elements.empty()) break;
    const std::size_t count = std::min(search.jobs(), elements.size());
    std::vector<Removal> tried;
    std::vector<Subset> batch;
    for (std::size_t i = 1; i <= count; ++i) {
      const std::size_t element = elements[elements.size() - i];
      tried.push_back({element, companions(search.best(), element)});
      batch.push_back(without(search.best(), tried.back().removed));
    }
    const auto outcomes = search.test(batch);
    std::vector<Removal> removable;
    for (std::size_t i = 0; i < count; ++i)
      if (outcomes[i] == TestOutcome::kFail) removable.push_back(tried[i]);
    // An element that was tried next to a removable one is tried again, against what is left.
    std::size_t done = removable.empty() ? tried.back().element : removable.front().element;
    if (!removable.empty()) {
      Subset rest = without(search.best(), removable.front().removed);
      if (removable.size() > 1) {
        Subset smaller = without(search.best(), united(removable));
        if (search.fails(smaller)) {
          rest = std::move(smaller);
          done = removable.back().element;
        }
      }
      search.adopt(std::move(rest));
      any = true;
    }
    while (!elements.empty() && elements.back() >= done) elements.pop_back();
  }
  return any;
}

void eliminate_to_fixpoint(Search& search) {
  const auto alone = [](const Subset&, std::size_t element) { return Subset{element}; };
  while (eliminate(search, search.best(), alone)) {
  }
}

Reduction backward_elimination(std::size_t n, Oracle& oracle) {
  Search search(n, oracle);
  eliminate_to_fixpoint(search);
  return search.finish();
}

}  // namespace nbreplay::reduce
