#include "dataflow/reaching.h"

#include <algorithm>

#include "nbreplay/base/check.h"

namespace nbreplay {
namespace {

/// Whether `cell` binds `name` by an import: then reading it calls nothing of the cell.
bool imports(const CellFacts& cell, const std::string& name) {
  return std::ranges::any_of(cell.imports, [&](const ImportFact& i) { return i.bound == name; });
}

bool is_definition(const Statement& statement) {
  return statement.kind == "FunctionDef" || statement.kind == "AsyncFunctionDef" ||
         statement.kind == "ClassDef";
}

/// Whether the cell uses a function or class that it defines itself: their bodies may then run.
bool calls_own_functions(const CellFacts& cell) {
  std::set<std::string> functions;
  for (const Statement& statement : cell.statements) {
    if (!is_definition(statement)) continue;
    functions.insert(statement.definitions.begin(), statement.definitions.end());
  }
  return std::ranges::any_of(cell.statements, [&](const Statement& statement) {
    return !is_definition(statement) &&
           std::ranges::any_of(statement.uses,
                               [&](const std::string& use) { return functions.contains(use); });
  });
}

}  // namespace

Reaching::Reaching(std::span<const std::size_t> order, std::span<const CellFacts> facts,
                   const std::set<std::size_t>& may_fail)
    : order_(order.begin(), order.end()), facts_(facts) {
  for (std::size_t position = 0; position < order_.size(); ++position) {
    CHECK(order_[position] < facts_.size(), "facts are by cell index");
    const CellFacts& cell = facts_[order_[position]];
    const bool completes = !may_fail.contains(order_[position]);
    // One event a name: what holds once the cell is through.
    std::map<std::string, Event> events;
    for (const NameAt& at : cell.deletions) events[at.name] = {position, completes, true};
    for (const ImportFact& import : cell.imports) {
      if (!import.bound.empty() && import.bound != "*") {
        events[import.bound] = {position, false, false};
      }
    }
    for (const NameAt& at : cell.possible_definitions) events[at.name] = {position, false, false};
    for (const NameAt& at : cell.definitions) events[at.name] = {position, completes, false};
    for (const auto& [name, event] : events) events_[name].push_back(event);
    for (const NameAt& at : cell.mutations) {
      std::vector<std::size_t>& places = mutations_[at.name];
      if (places.empty() || places.back() != position) places.push_back(position);
    }
  }
}

Bindings Reaching::bindings(const std::string& name, std::size_t position) const {
  Bindings result;
  const auto found = events_.find(name);
  if (found == events_.end()) return result;
  const std::vector<Event>& events = found->second;
  auto event = std::ranges::lower_bound(events, position, {}, &Event::position);
  while (event != events.begin()) {
    --event;
    if (result.positions.empty()) result.deleted = event->deletion;
    result.positions.push_back(event->position);
    if (!event->certain) continue;
    result.certain = true;
    break;
  }
  return result;
}

std::vector<std::size_t> Reaching::mutations(const std::string& name, std::size_t from,
                                             std::size_t to) const {
  const auto found = mutations_.find(name);
  if (found == mutations_.end()) return {};
  const auto first = std::ranges::lower_bound(found->second, from);
  const auto last = std::ranges::lower_bound(found->second, to);
  return first < last ? std::vector<std::size_t>(first, last) : std::vector<std::size_t>{};
}

std::vector<std::string> Reaching::reads(std::size_t position) const {
  const CellFacts& cell = facts(position);
  std::set<std::string> names;
  for (const auto* list : {&cell.uses, &cell.mutations, &cell.deletions}) {
    for (const NameAt& at : *list) {
      // What the cell binds itself before it changes it is not read from outside; only `uses`
      // knows, so a change counts as a read when nothing in the cell is sure to bind the name.
      if (list == &cell.uses || !cell.defines(at.name)) names.insert(at.name);
    }
  }
  if (calls_own_functions(cell)) {
    for (const NameAt& at : cell.deferred_uses) {
      if (!cell.defines(at.name)) names.insert(at.name);
    }
  }
  add_deferred(names, position);
  return {names.begin(), names.end()};
}

void Reaching::add_deferred(std::set<std::string>& names, std::size_t position) const {
  std::vector<std::string> open(names.begin(), names.end());
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    for (const std::size_t binding : bindings(name, position).positions) {
      const CellFacts& cell = facts(binding);
      if (imports(cell, name)) continue;
      for (const NameAt& at : cell.deferred_uses) {
        if (names.insert(at.name).second) open.push_back(at.name);
      }
    }
  }
}

}  // namespace nbreplay
