// The map: what becomes of the base order when one execution is skipped, repeated or swapped.
//
// Each trial shares the base order up to the change, so trials are run by where they leave it, the
// last first: the first of them executes the base order, and the others go on from snapshots of
// it. Behind the change only what the change can affect is run, and what that needs (Replay). A
// repeated cell is always run, whatever is known of it: what it does outside of the notebook's
// namespace (a folder that exists by now) is not measured.

#include <fmt/format.h>

#include <algorithm>

#include "diagnosis/orders_runs.h"

namespace nbreplay {
namespace {

class MapMaker {
 public:
  MapMaker(OrderRuns& runs, OrdersFinding& finding)
      : runs_(runs), investigation_(runs.investigation()), finding_(finding) {}

  void make() {
    if (!run_base()) return;
    measure();
    list_conflicts();
    plan_entries();
    watch_repeats();
    run_entries();
    run_whole_orders();
    find_unsafe();
  }

 private:
  [[nodiscard]] const ExecutionOrder& base() const { return finding_.base; }
  [[nodiscard]] bool base_crashes() const { return finding_.base_outcome.crashes(); }

  bool run_base() {
    investigation_.observer().stage("base order");
    finding_.base_outcome = runs_.run(base(), Freshness::kFresh);
    runs_.last_was_base();
    const OrderOutcome& outcome = finding_.base_outcome;
    if (outcome.end == OrderEnd::kUnresolved || outcome.end == OrderEnd::kNotRun) return false;
    // Executions behind the crash are never reached.
    if (outcome.crashes()) finding_.base.resize(*outcome.position + 1);
    return true;
  }

  void measure() {
    investigation_.observer().stage("measure conflicts");
    const auto seen = runs_.observe(base(), finding_.base_outcome);
    finding_.measured = seen.has_value() && !seen->empty();
    CellEffects effects =
        effects_of(investigation_, seen.value_or(std::map<std::size_t, std::vector<Observed>>{}));
    finding_.incomplete = std::move(effects.incomplete);
    replay_.emplace(base(), std::move(effects.measured), std::move(effects.parsed));
  }

  void list_conflicts() {
    std::set<std::pair<std::size_t, std::size_t>> known;
    for (std::size_t j = 0; j < base().size(); ++j) {
      for (std::size_t i = 0; i < j; ++i) {
        const std::size_t a = base()[i];
        const std::size_t b = base()[j];
        if (a == b || !replay_->conflicting(a, b) || !known.insert({a, b}).second) continue;
        finding_.conflicts.push_back({a, b, places_between(a, b)});
      }
    }
  }

  std::vector<std::string> places_between(std::size_t a, std::size_t b) const {
    const Effects& first = replay_->measured(a);
    const Effects& second = replay_->measured(b);
    std::vector<std::string> places;
    const auto uses = [](const Effects& effects, const std::string& place) {
      return effects.reads.contains(place) || effects.touches(place);
    };
    const auto add = [&](const Effects& one, const Effects& other) {
      for (const auto* touched : {&one.writes, &one.changes})
        for (const std::string& place : *touched) {
          // Places that are no names begin with a line end.
          std::string word = place.front() == '\n' ? place.substr(1) : place;
          if (uses(other, place) && std::ranges::find(places, word) == places.end())
            places.push_back(std::move(word));
        }
    };
    add(first, second);
    add(second, first);
    std::ranges::sort(places);
    return places;
  }

  // ---- entries -----------------------------------------------------------------------------

  ExecutionOrder skipped(std::size_t position) const {
    ExecutionOrder order = base();
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(position));
    return order;
  }
  ExecutionOrder repeated(std::size_t position) const {
    ExecutionOrder order = base();
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(position), order[position]);
    return order;
  }
  ExecutionOrder swapped(std::size_t position, std::size_t before) const {
    ExecutionOrder order = base();
    const auto begin = order.begin() + static_cast<std::ptrdiff_t>(before);
    const auto moved = order.begin() + static_cast<std::ptrdiff_t>(position);
    std::rotate(begin, moved, moved + 1);
    return order;
  }

  void add_entry(OrderChange change, std::size_t position, Replay::Plan plan) {
    MapEntry entry;
    entry.change = change;
    entry.position = position;
    entry.cell = base()[position];
    entry.affected = plan.affected.size();
    entry.order = std::move(plan.order);
    finding_.entries.push_back(std::move(entry));
  }

  void plan_entries() {
    for (std::size_t position = 0; position < base().size(); ++position) {
      // A crash is not skipped: without it nothing of the base order is left to compare with.
      const bool crash = base_crashes() && position + 1 == base().size();
      if (!crash) {
        add_entry(OrderChange::kSkip, position, replay_->plan(skipped(position)));
        Replay::Plan plan = replay_->plan(repeated(position));
        if (plan.affected.empty()) {  // run all the same
          const auto end = base().begin() + static_cast<std::ptrdiff_t>(position) + 1;
          plan.order.assign(base().begin(), end);
          plan.order.push_back(base()[position]);
        }
        add_entry(OrderChange::kRepeat, position, std::move(plan));
      }
      plan_swap(position);
    }
  }

  void plan_swap(std::size_t position) {
    for (std::size_t before = position; before-- > 0;) {
      if (base()[before] == base()[position]) break;  // the cell's own earlier execution
      if (!replay_->conflicting(base()[before], base()[position])) continue;
      Replay::Plan plan = replay_->plan(swapped(position, before));
      if (plan.affected.empty()) continue;  // both only bind a name that nobody reads in between
      const std::size_t cell = base()[before];
      add_entry(OrderChange::kSwap, position, std::move(plan));
      finding_.entries.back().before = cell;
      return;
    }
    add_entry(OrderChange::kSwap, position, {});
  }

  /// Whether all is as before a repeated cell that was seen to do this.
  bool leaves_all_as_it_was(std::size_t cell, const Observed& seen) const {
    const CellFacts& facts = investigation_.facts()[cell];
    return seen.complete && seen.writes.empty() && seen.changes.empty() && !facts.random &&
           !facts.seeds && std::ranges::none_of(facts.files, &FileFact::write);
  }

  /// A cell that depends on what it changes itself (`df["a"] = ...`) may yet change nothing when it
  /// runs again. Its second run is watched: if it left all as it was, nothing behind is affected.
  void watch_repeats() {
    if (!finding_.measured) return;
    investigation_.observer().stage("repeat");
    std::vector<std::size_t> numbers;
    for (std::size_t i = finding_.entries.size(); i-- > 0;)
      if (finding_.entries[i].change == OrderChange::kRepeat && finding_.entries[i].affected > 0)
        numbers.push_back(i);
    std::vector<ExecutionOrder> orders;
    for (const std::size_t number : numbers) {
      const std::size_t end = finding_.entries[number].position + 2;
      orders.push_back(repeated(finding_.entries[number].position));
      orders.back().resize(end);
    }
    std::vector<OrderRuns::Watched> watched = runs_.watch(orders);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      MapEntry& entry = finding_.entries[numbers[i]];
      const bool settled = watched[i].outcome.end == OrderEnd::kPasses && watched[i].last &&
                           leaves_all_as_it_was(entry.cell, *watched[i].last);
      if (!settled && !watched[i].outcome.crashes()) continue;
      entry.order = std::move(orders[i]);
      if (settled) entry.affected = 1;
      entry.outcome = completed(entry, std::move(watched[i].outcome));
    }
  }

  void run_entries() {
    investigation_.observer().stage("skip, repeat, swap");
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < finding_.entries.size(); ++i)
      if (!finding_.entries[i].order.empty() &&
          finding_.entries[i].outcome.end == OrderEnd::kNotRun)
        numbers.push_back(i);
    const auto leaves_at = [&](std::size_t number) {
      const ExecutionOrder& order = finding_.entries[number].order;
      return std::mismatch(order.begin(), order.end(), base().begin(), base().end()).first -
             order.begin();
    };
    std::ranges::stable_sort(
        numbers, [&](std::size_t a, std::size_t b) { return leaves_at(a) > leaves_at(b); });
    std::vector<ExecutionOrder> orders;
    for (const std::size_t number : numbers) orders.push_back(finding_.entries[number].order);
    std::vector<OrderOutcome> outcomes = runs_.run(orders, Freshness::kAny);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      MapEntry& entry = finding_.entries[numbers[i]];
      entry.outcome = completed(entry, std::move(outcomes[i]));
    }
  }

  /// What the whole order does, from what the affected part of it did.
  OrderOutcome completed(const MapEntry& entry, OrderOutcome outcome) const {
    if (!base_crashes()) return outcome;
    const std::size_t crashing = base().back();
    if (outcome.end == OrderEnd::kPasses &&
        std::ranges::count(entry.order, crashing) < std::ranges::count(base(), crashing)) {
      // The crash is none of what the change affects: it stays.
      const auto origin = outcome.origin;
      outcome = finding_.base_outcome;
      outcome.origin = origin;
    }
    outcome.as_base = alike(outcome, finding_.base_outcome);
    return outcome;
  }

  // ---- whole orders ------------------------------------------------------------------------

  void run_whole_orders() {
    investigation_.observer().stage("whole orders");
    const Notebook& notebook = investigation_.notebook();
    const auto add = [&](std::string from, std::string why, ExecutionOrder order) {
      finding_.orders.push_back({std::move(from), std::move(why), std::move(order), {}});
    };
    add("top-to-bottom", "cells as they stand in the file", top_to_bottom(notebook));
    if (auto recorded = recorded_order(notebook))
      add("recorded",
          recorded->complete() ? "by the execution counts"
                               : "by the execution counts, which leave gaps",
          std::move(recorded->order));
    for (ExecutionOrder& order : replay_->consistent_orders())
      add("dataflow", "another order that keeps every conflicting pair", std::move(order));
    ExecutionOrder without = without_unneeded();
    const bool any_unneeded = without.size() < base().size();
    if (any_unneeded)
      add("without", "all cells left out that no other cell reads anything of", std::move(without));
    std::vector<ExecutionOrder> orders;
    for (const TriedOrder& tried : finding_.orders) orders.push_back(tried.order);
    std::vector<OrderOutcome> outcomes(orders.size());
    std::vector<std::size_t> asked;
    std::vector<ExecutionOrder> unknown;
    for (std::size_t i = 0; i < orders.size(); ++i) {
      if (orders[i] == base()) {
        outcomes[i] = finding_.base_outcome;
      } else {
        asked.push_back(i);
        unknown.push_back(orders[i]);
      }
    }
    std::vector<OrderOutcome> answers = runs_.run(unknown, Freshness::kAny);
    for (std::size_t i = 0; i < asked.size(); ++i) outcomes[asked[i]] = std::move(answers[i]);
    for (std::size_t i = 0; i < orders.size(); ++i) finding_.orders[i].outcome = outcomes[i];
    if (any_unneeded) judge_unneeded(finding_.orders.back().outcome);
  }

  bool unneeded(const MapEntry& entry) const {
    return entry.change == OrderChange::kSkip && entry.order.empty();
  }

  ExecutionOrder without_unneeded() const {
    std::set<std::size_t> positions;
    for (const MapEntry& entry : finding_.entries)
      if (unneeded(entry)) positions.insert(entry.position);
    ExecutionOrder order;
    for (std::size_t i = 0; i < base().size(); ++i)
      if (!positions.contains(i)) order.push_back(base()[i]);
    return order;
  }

  /// Cells that nothing needs are left out all at once; only when that shows something, singly.
  void judge_unneeded(const OrderOutcome& together) {
    std::vector<MapEntry*> entries;
    for (MapEntry& entry : finding_.entries)
      if (unneeded(entry)) entries.push_back(&entry);
    if (alike(together, finding_.base_outcome) || together.end == OrderEnd::kNotRun) {
      for (MapEntry* entry : entries) {
        entry->outcome = together;
        entry->outcome.as_base = together.crashes();
      }
      return;
    }
    std::vector<ExecutionOrder> orders;
    for (const MapEntry* entry : entries) orders.push_back(skipped(entry->position));
    std::vector<OrderOutcome> outcomes = runs_.run(orders, Freshness::kAny);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i]->order = std::move(orders[i]);
      entries[i]->outcome = std::move(outcomes[i]);
      entries[i]->outcome.as_base =
          base_crashes() && alike(entries[i]->outcome, finding_.base_outcome);
    }
  }

  // ---- the answer --------------------------------------------------------------------------

  void find_unsafe() {
    if (base_crashes()) {
      finding_.safety = RerunSafety::kUnsafe;
      finding_.unsafe_cell = finding_.base_outcome.cell;
      finding_.unsafe_run = TriedOrder{finding_.base_from, "the order crashes as it is", base(),
                                       finding_.base_outcome};
      return;
    }
    investigation_.observer().stage("confirm");
    bool all_known = true;
    for (MapEntry& entry : finding_.entries) {
      if (entry.change != OrderChange::kRepeat) continue;
      if (!entry.outcome.crashes()) {
        all_known = all_known && entry.outcome.end == OrderEnd::kPasses;
        continue;
      }
      TriedOrder confirmed;
      confirmed.from = "repeat";
      confirmed.why = investigation_.name(entry.cell) + " run twice";
      confirmed.order = repeated(entry.position);
      confirmed.outcome = runs_.run(confirmed.order, Freshness::kFresh);
      if (confirmed.outcome.crashes()) {
        finding_.safety = RerunSafety::kUnsafe;
        finding_.unsafe_cell = entry.cell;
        finding_.unsafe_run = std::move(confirmed);
        return;
      }
      if (confirmed.outcome.end == OrderEnd::kPasses) {
        entry.denied = true;
        entry.outcome = std::move(confirmed.outcome);
        investigation_.count_dropped();
      } else {
        all_known = false;
      }
    }
    if (all_known) finding_.safety = RerunSafety::kSafe;
  }

  OrderRuns& runs_;
  Investigation& investigation_;
  OrdersFinding& finding_;
  std::optional<Replay> replay_;
};

}  // namespace

void make_map(OrderRuns& runs, OrdersFinding& finding) {
  MapMaker(runs, finding).make();
}

}  // namespace nbreplay
