#include "dataflow/order_context.h"

#include <algorithm>
#include <string_view>

#include "nbreplay/base/check.h"
#include "nbreplay/dataflow/slice.h"

#include "dataflow/builtins.h"
#include "dataflow/reaching.h"
#include "dataflow/timeline.h"

namespace nbreplay {
namespace {

/// The name in "name 'x' is not defined".
std::string missing_name(const Crash& crash) {
  constexpr std::string_view kBefore = "name '";
  constexpr std::string_view kAfter = "' is not defined";
  if (crash.type != "NameError" || !crash.message) return {};
  const std::string_view message = *crash.message;
  const std::size_t begin = message.find(kBefore);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = message.find(kAfter, begin + kBefore.size());
  if (end == std::string_view::npos) return {};
  return std::string(message.substr(begin + kBefore.size(), end - begin - kBefore.size()));
}

bool writes(const CellFacts& cell, const std::string& name) {
  const auto holds = [&](const std::vector<NameAt>& names) {
    return std::ranges::any_of(names, [&](const NameAt& at) { return at.name == name; });
  };
  return cell.may_define(name) || holds(cell.mutations) || holds(cell.deletions);
}

}  // namespace

OrderContext::OrderContext(const Notebook& notebook, std::span<const CellFacts> facts,
                           std::size_t target, const Crash& crash)
    : notebook_(notebook),
      facts_(facts),
      target_(target),
      missing_(missing_name(crash)),
      crash_line_(crash.line.value_or(0)) {
  CHECK(target < notebook.cells().size(), "the target is a cell of the notebook");
  CHECK(facts.size() == notebook.cells().size(), "facts are by cell index");
  for (const std::size_t cell : notebook.code_cells()) {
    if (!has_code(notebook, cell)) continue;
    if (!notebook.cells()[cell].errors.empty()) may_fail_.insert(cell);
    std::set<std::string> bound;
    for (const NameAt& at : facts[cell].definitions) bound.insert(at.name);
    for (const NameAt& at : facts[cell].possible_definitions) bound.insert(at.name);
    for (const ImportFact& import : facts[cell].imports) bound.insert(import.bound);
    for (const std::string& name : bound) binders_[name].push_back(cell);
  }
  find_crash_reads();
  find_reaching_cells();
}

void OrderContext::find_crash_reads() {
  const CellFacts& cell = facts_[target_];
  const Statement* innermost = nullptr;
  int index = -1;
  for (std::size_t i = 0; i < cell.statements.size(); ++i) {
    const Statement& statement = cell.statements[i];
    if (crash_line_ < statement.first_line || statement.last_line < crash_line_) continue;
    if (innermost != nullptr && statement.parent != index) continue;
    innermost = &statement;
    index = static_cast<int>(i);
  }
  if (innermost != nullptr) {
    crash_reads_.insert(innermost->uses.begin(), innermost->uses.end());
  } else {
    for (const auto* list : {&cell.uses, &cell.mutations, &cell.deletions}) {
      for (const NameAt& at : *list) crash_reads_.insert(at.name);
    }
  }
  std::erase_if(crash_reads_, [&](const std::string& name) {
    return is_builtin(name) && !binders_.contains(name);
  });
  Order everything = notebook_.code_cells();
  everything.push_back(target_);
  Reaching(everything, facts_).add_deferred(crash_reads_, everything.size() - 1);
  if (!missing_.empty()) crash_reads_.insert(missing_);
}

void OrderContext::find_reaching_cells() {
  // What may reach the crash from above, as the file stands, and from anywhere. Definitions above
  // hide those further up, and those below hide both: so both are asked.
  const auto add = [&](Order order) {
    const Slice reach = slice(order, facts_, order.size() - 1, {}, may_fail_);
    for (const std::size_t position : reach.full) reaching_.insert(order[position]);
  };
  add(top_to_bottom());
  Order everything = notebook_.code_cells();
  std::erase(everything, target_);
  everything.push_back(target_);
  add(std::move(everything));
}

bool OrderContext::may_bind_missing(std::size_t cell) const {
  return !missing_.empty() && facts_[cell].may_define(missing_);
}

OrderContext::Order OrderContext::top_to_bottom() const {
  Order order;
  for (const std::size_t cell : notebook_.code_cells()) {
    if (cell >= target_) break;
    if (has_code(notebook_, cell) && !notebook_.cells()[cell].is_skipped()) order.push_back(cell);
  }
  order.push_back(target_);
  return order;
}

int OrderContext::relevance(std::size_t cell) const {
  const bool direct = std::ranges::any_of(
      crash_reads_, [&](const std::string& name) { return writes(facts_[cell], name); });
  if (direct) return 2;
  return reaching_.contains(cell) ? 1 : 0;
}

std::vector<UnmetRead> OrderContext::unmet(const Order& order) const {
  std::vector<UnmetRead> result;
  const Reaching reaching(order, facts_, may_fail_);
  std::size_t opaque_before = 0;
  for (std::size_t position = 0; position < order.size(); ++position) {
    const CellFacts& cell = reaching.facts(position);
    const bool last = position + 1 == order.size();
    for (const std::string& name : reaching.reads(position)) {
      if (opaque_before > 0) break;
      const auto binders = binders_.find(name);
      if (binders == binders_.end() || is_builtin(name)) continue;
      if (last && (name == missing_ || crash_line_ > 0)) {
        // Only what the target read before it crashed is known to have been there.
        const bool before = std::ranges::any_of(
            cell.uses, [&](const NameAt& at) { return at.name == name && at.line < crash_line_; });
        if (name == missing_ || !before) continue;
      }
      const Bindings found = reaching.bindings(name, position);
      if (found.positions.empty() ||
          (found.deleted && found.certain && found.positions.size() == 1))
        result.push_back({position, name});
    }
    if (cell.opaque) ++opaque_before;
  }
  return result;
}

std::size_t OrderContext::obstacles(const Order& order) const {
  const std::vector<UnmetRead> reads = unmet(order);
  std::set<std::size_t> stopped;
  for (const UnmetRead& read : reads) {
    // A cell that is known to have failed may have failed for just this.
    const bool excused =
        read.position + 1 < order.size() && may_fail_.contains(order[read.position]);
    if (!excused) stopped.insert(read.position);
  }
  std::size_t count = stopped.size();
  if (!missing_.empty()) {
    const Bindings found = Reaching(order, facts_, may_fail_).bindings(missing_, order.size() - 1);
    if (found.certain && !found.deleted) ++count;
  }
  return count;
}

std::optional<std::size_t> OrderContext::binder_of(const std::string& name,
                                                   std::size_t user) const {
  const std::vector<std::size_t>& cells = binders_.at(name);
  const auto above = std::ranges::lower_bound(cells, user);
  if (above != cells.begin()) return *std::prev(above);
  const auto below = std::ranges::upper_bound(cells, user);
  if (below != cells.end()) return *below;
  return std::nullopt;
}

}  // namespace nbreplay
