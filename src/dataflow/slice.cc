#include "nbreplay/dataflow/slice.h"

#include <algorithm>

#include "nbreplay/base/check.h"

#include "dataflow/builtins.h"
#include "dataflow/reaching.h"
#include "dataflow/sets.h"

namespace nbreplay {
namespace {

class Slicer {
 public:
  Slicer(std::span<const std::size_t> order, std::span<const CellFacts> facts, std::size_t target,
         const std::set<std::string>& unbound, const std::set<std::size_t>& may_fail)
      : reaching_(order.first(target + 1), facts, may_fail), target_(target), unbound_(unbound) {
    for (std::size_t position = 0; position < target; ++position) {
      if (reaching_.facts(position).opaque) opaque_.push_back(position);
    }
  }

  Slice slice() {
    Slice result;
    std::set<std::size_t> in{target_};
    close(in, {target_});
    result.thin.assign(in.begin(), in.end());
    std::set<std::size_t> added = in;
    while (!added.empty()) {
      std::vector<std::size_t> more;
      for (const std::size_t position : added) add_influences(position, in, more);
      add_called_later(in, more);
      const std::set<std::size_t> before = in;
      in.insert(more.begin(), more.end());
      close(in, more);
      added.clear();
      std::ranges::set_difference(in, before, std::inserter(added, added.end()));
    }
    result.full.assign(in.begin(), in.end());
    for (const std::size_t position : result.full) result.needs.push_back(needs(position));
    return result;
  }

 private:
  /// Adds what `open` needs, and so on.
  void close(std::set<std::size_t>& in, std::vector<std::size_t> open) {
    while (!open.empty()) {
      const std::size_t position = open.back();
      open.pop_back();
      for (const std::size_t needed : needs(position)) {
        if (in.insert(needed).second) open.push_back(needed);
      }
    }
  }

  Bindings bindings(const std::string& name, std::size_t position) const {
    Bindings found = reaching_.bindings(name, position);
    if (position != target_ || !unbound_.contains(name)) return found;
    // The name was not bound when the crash happened, whatever stands before it: what may have
    // made it so is a deletion, and only the last one.
    if (!found.deleted) return {};
    found.positions.resize(1);
    return found;
  }

  const std::vector<std::size_t>& needs(std::size_t position) {
    const auto known = needs_.find(position);
    if (known != needs_.end()) return known->second;
    std::set<std::size_t> needed;
    for (const std::string& name : reaching_.reads(position)) {
      const Bindings found = bindings(name, position);
      needed.insert(found.positions.begin(), found.positions.end());
      const bool wanted = position != target_ || !unbound_.contains(name);
      if (found.positions.empty() && wanted && !is_builtin(name)) {
        const auto end = std::ranges::lower_bound(opaque_, position);
        needed.insert(opaque_.begin(), end);
      }
    }
    for (const FileFact& file : reaching_.facts(position).files) {
      if (!file.write) add_writers(file.path, position, needed);
    }
    return needs_.emplace(position, std::vector<std::size_t>(needed.begin(), needed.end()))
        .first->second;
  }

  void add_writers(const std::string& path, std::size_t position,
                   std::set<std::size_t>& needed) const {
    for (std::size_t other = position; other-- > 0;) {
      const auto& files = reaching_.facts(other).files;
      const bool writes = std::ranges::any_of(
          files, [&](const FileFact& file) { return file.write && file.path == path; });
      if (!writes) continue;
      needed.insert(other);
      return;
    }
  }

  /// Executions outside of `in` that may change in place what `position` reads, may do anything,
  /// or seed what it draws from.
  void add_influences(std::size_t position, const std::set<std::size_t>& in,
                      std::vector<std::size_t>& more) const {
    const auto add = [&](std::size_t other) {
      if (!in.contains(other)) more.push_back(other);
    };
    for (const std::string& name : reaching_.reads(position)) {
      if (position == target_ && unbound_.contains(name)) continue;
      const Bindings found = reaching_.bindings(name, position);
      const std::size_t from = found.certain ? found.positions.back() : 0;
      for (const std::size_t other : reaching_.mutations(name, from, position)) add(other);
    }
    for (const std::size_t other : opaque_) {
      if (other < position) add(other);
    }
    if (!reaching_.facts(position).random) return;
    for (std::size_t other = 0; other < position; ++other) {
      if (reaching_.facts(other).seeds) add(other);
    }
  }

  /// An object made earlier may call, from the target, any function that made it: what these read
  /// is then read at the target.
  void add_called_later(const std::set<std::size_t>& in, std::vector<std::size_t>& more) const {
    std::set<std::string> names;
    for (const std::size_t position : in) {
      for (const NameAt& at : reaching_.facts(position).deferred_uses) names.insert(at.name);
    }
    for (const std::string& name : names) {
      for (const std::size_t other : bindings(name, target_).positions) {
        if (!in.contains(other)) more.push_back(other);
      }
    }
  }

  Reaching reaching_;
  std::size_t target_;
  const std::set<std::string>& unbound_;
  std::vector<std::size_t> opaque_;  // positions, ascending
  std::map<std::size_t, std::vector<std::size_t>> needs_;
};

struct NamesAndFiles {
  std::set<std::string> reads;
  std::set<std::string> writes;
  std::set<std::string> files_read;
  std::set<std::string> files_written;
};

NamesAndFiles touched_by(const CellFacts& cell) {
  NamesAndFiles touched;
  const auto add = [](std::set<std::string>& to, const std::vector<NameAt>& names) {
    for (const NameAt& at : names) to.insert(at.name);
  };
  add(touched.reads, cell.uses);
  add(touched.reads, cell.deferred_uses);
  for (const auto* list :
       {&cell.definitions, &cell.possible_definitions, &cell.mutations, &cell.deletions}) {
    add(touched.writes, *list);
  }
  for (const ImportFact& import : cell.imports) touched.writes.insert(import.bound);
  for (const FileFact& file : cell.files) {
    (file.write ? touched.files_written : touched.files_read).insert(file.path);
  }
  return touched;
}

}  // namespace

Slice slice(std::span<const std::size_t> order, std::span<const CellFacts> facts,
            std::size_t target, const std::set<std::string>& unbound,
            const std::set<std::size_t>& may_fail) {
  CHECK(target < order.size(), "the target is a position of the order");
  return Slicer(order, facts, target, unbound, may_fail).slice();
}

bool conflict(const CellFacts& first, const CellFacts& second) {
  if (first.opaque || second.opaque) return true;
  const bool first_random = first.random || first.seeds;
  const bool second_random = second.random || second.seeds;
  if (first_random && second_random) return true;
  const NamesAndFiles a = touched_by(first);
  const NamesAndFiles b = touched_by(second);
  return meet(a.writes, b.reads) || meet(a.writes, b.writes) || meet(a.reads, b.writes) ||
         meet(a.files_written, b.files_read) || meet(a.files_written, b.files_written) ||
         meet(a.files_read, b.files_written);
}

}  // namespace nbreplay
