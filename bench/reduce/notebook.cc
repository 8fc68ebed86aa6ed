#include "notebook.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include "nbreplay/base/check.h"

namespace nbreplay::bench {
namespace {

const Use* use_of(const std::vector<Use>& uses, std::size_t definition) {
  const auto found = std::find_if(uses.begin(), uses.end(),
                                  [&](const Use& use) { return use.definition == definition; });
  return found == uses.end() ? nullptr : &*found;
}

/// The definitions that the crash needs, transitively.
reduce::Subset definitions_needed(const Notebook& notebook) {
  std::set<std::size_t> needed;
  for (const Use& use : notebook.uses.back()) needed.insert(use.definition);
  for (std::size_t cell = notebook.size; cell-- > 0;)
    if (needed.contains(cell))
      for (const Use& use : notebook.uses[cell]) needed.insert(use.definition);
  return {needed.begin(), needed.end()};
}

}  // namespace

std::optional<std::size_t> Notebook::first_foreign_error(const reduce::Subset& kept) const {
  for (std::size_t i = 0; i < kept.size(); ++i)
    for (const Use& use : uses[kept[i]])
      if (!std::binary_search(kept.begin(), kept.end(), use.definition)) return i;
  return std::nullopt;
}

reduce::Subset Notebook::needed(bool possible_changes_too) const {
  std::set<std::size_t> needed;
  std::vector<std::size_t> pending = {size};
  const auto need = [&](std::size_t cell) {
    if (needed.insert(cell).second) pending.push_back(cell);
  };
  while (!pending.empty()) {
    const std::size_t reader = pending.back();
    pending.pop_back();
    for (const Use& use : uses[reader]) {
      need(use.definition);
      for (std::size_t cell = use.definition + 1; cell < reader; ++cell) {
        const Use* other = use_of(uses[cell], use.definition);
        if (other != nullptr && (possible_changes_too ? other->may_change : other->changes))
          need(cell);
      }
    }
  }
  return {needed.begin(), needed.end()};
}

reduce::Interval Notebook::interval() const {
  reduce::Interval interval{definitions_needed(*this), needed(true), {}};
  for (std::size_t cell = 0; cell < size; ++cell) {
    reduce::Subset& needs = interval.needs.emplace_back();
    for (const Use& use : uses[cell]) needs.push_back(use.definition);
  }
  return interval;
}

std::optional<Notebook> read_notebook(std::istream& in) {
  Notebook notebook;
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  notebook.size = std::stoul(line);
  for (std::size_t cell = 0; cell <= notebook.size; ++cell) {
    CHECK(std::getline(in, line), "a notebook has as many lines as cells, and one");
    std::istringstream words(line);
    words >> notebook.costs.emplace_back();
    std::vector<Use>& uses = notebook.uses.emplace_back();
    for (std::string word; words >> word;) {
      const bool changes = word.back() == '!';
      uses.push_back({std::stoul(word), changes || word.back() == '?', changes});
    }
  }
  return notebook;
}

}  // namespace nbreplay::bench
