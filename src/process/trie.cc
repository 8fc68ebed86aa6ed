#include "process/trie.h"

#include <algorithm>

#include "nbreplay/base/hash.h"

namespace nbreplay::process {
namespace {

/// A snapshot's page tables and kernel structures, even when it shares every page.
constexpr Bytes kLeastMemory = mib(1);

void visit_all(Prefix& prefix, const std::function<void(Prefix&)>& visit) {
  visit(prefix);
  for (auto& [key, longer] : prefix.longer) visit_all(*longer, visit);
}

std::string binding(const Trial& trial) {
  Hasher hasher;
  hasher.add(trial.project->root.native()).add(trial.project->working_directory.native());
  hasher.add(trial.project->notebook.native()).add(trial.project->digest);
  return hasher.add(std::uint64_t{trial.observe}).hex();
}

bool may_go_on(const Prefix& prefix, const Execution& execution) {
  if (!prefix.record) return false;
  return std::holds_alternative<Completed>(prefix.record->cell.end) ||
         (std::holds_alternative<Raised>(prefix.record->cell.end) && execution.may_fail);
}

}  // namespace

std::string execution_key(const Trial& trial, std::size_t position) {
  const Execution& execution = trial.executions[position];
  Hasher hasher;
  hasher.add(execution.cell).add(execution.cell_id).add(execution.source);
  for (const ExtraFile& file : trial.extra_files)
    if (file.before == position)
      hasher.add(file.path).add(file.content).add(std::uint64_t{file.folder});
  return hasher.hex();
}

std::vector<Prefix*> Trie::known(const Trial& trial) {
  std::vector<Prefix*> path = {&roots_[binding(trial)]};
  for (std::size_t position = 0; position < trial.executions.size(); ++position) {
    auto& longer = path.back()->longer;
    const auto found = longer.find(execution_key(trial, position));
    if (found == longer.end() || !found->second->record) break;
    path.push_back(found->second.get());
    if (!may_go_on(*path.back(), trial.executions[position])) break;
  }
  return path;
}

Prefix& Trie::extend(Prefix& prefix, const Trial& trial, std::size_t position) {
  auto& longer = prefix.longer[execution_key(trial, position)];
  if (!longer) {
    longer = std::make_unique<Prefix>();
    longer->parent = &prefix;
    longer->depth = prefix.depth + 1;
  }
  return *longer;
}

void Trie::each(const std::function<void(Prefix&)>& visit) {
  for (auto& [key, root] : roots_) visit_all(root, visit);
}

Duration rebuild_cost(const Prefix& prefix) {
  Duration cost{};
  const Prefix* at = &prefix;
  do {
    if (at->record) cost += at->record->cell.wall;
    at = at->parent;
  } while (at != nullptr && at->parent != nullptr && !at->snapshot);
  return cost;
}

Prefix* least_valuable(Trie& trie, std::uint64_t now, const Prefix* keep) {
  Prefix* least = nullptr;
  double least_value = 0;
  trie.each([&](Prefix& prefix) {
    if (!prefix.snapshot || prefix.parent == nullptr || &prefix == keep) return;
    const auto age = static_cast<double>(1 + now - std::min(now, prefix.last_use));
    const auto memory = static_cast<double>(std::max(kLeastMemory, prefix.memory).count);
    const double value = std::chrono::duration<double>(rebuild_cost(prefix)).count() / age / memory;
    if (least != nullptr && value >= least_value) return;
    least = &prefix;
    least_value = value;
  });
  return least;
}

}  // namespace nbreplay::process
