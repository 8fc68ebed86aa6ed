#include "nbreplay/dataflow/effects.h"

#include <algorithm>

#include "dataflow/sets.h"

namespace nbreplay {
namespace {

const std::string kRandom = "\nrandom";

std::string file_place(const std::string& path) {
  return "\nfile " + path;
}

void add(std::set<std::string>& to, const std::vector<NameAt>& names) {
  for (const NameAt& at : names) to.insert(at.name);
}

/// Files and random state, which only the text tells.
Effects unseen_effects(const CellFacts& facts) {
  Effects effects;
  for (const FileFact& file : facts.files)
    (file.write ? effects.writes : effects.reads).insert(file_place(file.path));
  // A seed makes what follows independent of what was drawn before, in all it seeds.
  if (facts.seeds && !facts.random) effects.writes.insert(kRandom);
  if (facts.random) effects.changes.insert(kRandom);
  return effects;
}

}  // namespace

Effects parsed_effects(const CellFacts& facts) {
  Effects effects = unseen_effects(facts);
  add(effects.reads, facts.uses);
  add(effects.reads, facts.deferred_uses);
  add(effects.writes, facts.definitions);
  add(effects.writes, facts.possible_definitions);
  add(effects.writes, facts.deletions);
  add(effects.changes, facts.mutations);
  for (const ImportFact& import : facts.imports)
    if (!import.bound.empty()) effects.writes.insert(import.bound);
  effects.reads_anything = facts.opaque;
  return effects;
}

Effects measured_effects(const CellFacts& facts, const ObservedNames& observed) {
  Effects effects = unseen_effects(facts);
  effects.reads.insert(observed.reads.begin(), observed.reads.end());
  effects.writes.insert(observed.writes.begin(), observed.writes.end());
  effects.changes.insert(observed.changes.begin(), observed.changes.end());
  effects.exact = observed.complete;
  if (observed.complete) return effects;
  effects = both(effects, parsed_effects(facts));
  effects.exact = false;
  return effects;
}

Effects both(const Effects& first, const Effects& second) {
  Effects effects = first;
  effects.reads.insert(second.reads.begin(), second.reads.end());
  effects.writes.insert(second.writes.begin(), second.writes.end());
  effects.changes.insert(second.changes.begin(), second.changes.end());
  effects.reads_anything = first.reads_anything || second.reads_anything;
  effects.exact = first.exact && second.exact;
  return effects;
}

bool conflict(const Effects& first, const Effects& second) {
  const auto touched = [](const Effects& effects) {
    std::set<std::string> places = effects.writes;
    places.insert(effects.changes.begin(), effects.changes.end());
    return places;
  };
  const std::set<std::string> a = touched(first);
  const std::set<std::string> b = touched(second);
  if ((first.reads_anything && !b.empty()) || (second.reads_anything && !a.empty())) return true;
  return meet(a, second.reads) || meet(first.reads, b) || meet(a, b);
}

}  // namespace nbreplay
