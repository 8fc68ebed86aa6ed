// Why one of two orders passes and the other fails: insertions and deletions first, singly, since
// most crashes that come from the order are one skip or one repeat; then what is inverted.

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "nbreplay/reduce/ddmin.h"
#include "nbreplay/reduce/order_flips.h"

#include "diagnosis/orders_runs.h"

namespace nbreplay {
namespace {

using reduce::TestOutcome;

/// An execution that only one of the orders has.
struct Edit {
  bool inserts = false;      ///< The failing order has it.
  std::size_t position = 0;  ///< In the order that has it.
};

/// For each position of `a` the position of `b` that a longest common subsequence pairs it with.
std::vector<std::optional<std::size_t>> aligned(const ExecutionOrder& a, const ExecutionOrder& b) {
  std::vector<std::vector<std::size_t>> length(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      length[i][j] =
          a[i] == b[j] ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
  std::vector<std::optional<std::size_t>> pairs(a.size());
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j] && length[i][j] == length[i + 1][j + 1] + 1) {
      pairs[i++] = j++;
    } else if (length[i + 1][j] >= length[i][j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return pairs;
}

/// Positions of executions of `order` that `other` has too few of, those without a partner first.
std::vector<std::size_t> surplus(const ExecutionOrder& order, const ExecutionOrder& other,
                                 const std::vector<std::optional<std::size_t>>& partners) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (partners[i]) continue;
    const auto count = [&](const ExecutionOrder& in) { return std::ranges::count(in, order[i]); };
    const auto taken = std::ranges::count_if(
        positions, [&](std::size_t position) { return order[position] == order[i]; });
    if (taken < count(order) - count(other)) positions.push_back(i);
  }
  return positions;
}

class Comparison {
 public:
  Comparison(OrderRuns& runs, ExecutionOrder passing, ExecutionOrder failing)
      : runs_(runs), investigation_(runs.investigation()) {
    result_.passing = std::move(passing);
    result_.failing = failing;
    failing_ = std::move(failing);
  }

  OrderComparison compare() {
    investigation_.observer().stage("both orders");
    if (!check_ends()) return result_;
    const auto seen = runs_.observe(passing(), result_.passing_outcome);
    effects_ =
        effects_of(investigation_, seen.value_or(std::map<std::size_t, std::vector<Observed>>{}));
    investigation_.observer().stage("edits");
    find_edits();
    if (!try_edits_singly()) try_all_edits();
    return result_;
  }

 private:
  [[nodiscard]] const ExecutionOrder& passing() const { return result_.passing; }
  /// Up to its crash: what comes behind it has no part in it.
  [[nodiscard]] const ExecutionOrder& failing() const { return failing_; }

  bool check_ends() {
    result_.passing_outcome = runs_.run(passing(), Freshness::kFresh);
    runs_.last_was_base();
    result_.failing_outcome = runs_.run(failing(), Freshness::kFresh);
    if (result_.passing_outcome.end != OrderEnd::kPasses) {
      blocked(fmt::format("the order given as passing does not pass: {}",
                          to_string(result_.passing_outcome.end)));
      return false;
    }
    if (!result_.failing_outcome.crashes()) {
      blocked(fmt::format("the order given as failing does not crash: {}",
                          to_string(result_.failing_outcome.end)));
      return false;
    }
    failing_.resize(*result_.failing_outcome.position + 1);
    return true;
  }

  void blocked(std::string why) {
    result_.verdict = Verdict::kBlocked;
    result_.why = std::move(why);
  }

  std::optional<TestOutcome> judged(const OrderOutcome& outcome) const {
    if (outcome.end == OrderEnd::kNotRun) return std::nullopt;
    if (outcome.end == OrderEnd::kPasses) return TestOutcome::kPass;
    // Another crash, such as of a name that is not bound yet, says nothing of this one.
    return alike(outcome, result_.failing_outcome) ? TestOutcome::kFail : TestOutcome::kUnresolved;
  }

  std::optional<TestOutcome> test(const ExecutionOrder& order, bool deciding) {
    const auto known = tested_.find(order);
    // What is known already is asked again only where a fresh run must say it.
    if (known != tested_.end() && (!deciding || known->second.origin == Origin::kFresh))
      return judged(known->second);
    OrderOutcome outcome = runs_.run(order, deciding ? Freshness::kFresh : Freshness::kAny);
    const auto answer = judged(outcome);
    if (!answer) return answer;
    ++result_.tests;
    if (known != tested_.end() && judged(known->second) != answer) investigation_.count_dropped();
    tested_[order] = std::move(outcome);
    return answer;
  }

  // ---- insertions and deletions ------------------------------------------------------------

  void find_edits() {
    to_failing_ = aligned(passing(), failing());
    to_passing_.assign(failing().size(), std::nullopt);
    for (std::size_t i = 0; i < to_failing_.size(); ++i)
      if (to_failing_[i]) to_passing_[*to_failing_[i]] = i;
    for (const std::size_t position : surplus(failing(), passing(), to_passing_))
      edits_.push_back({true, position});
    // What it does not reach is there all the same: not left out.
    for (const std::size_t position : surplus(passing(), result_.failing, to_failing_))
      edits_.push_back({false, position});
  }

  /// The place in `to` behind the partner of the nearest execution before `position` that has one.
  static std::size_t place_for(std::size_t position,
                               const std::vector<std::optional<std::size_t>>& partners) {
    while (position-- > 0)
      if (partners[position]) return *partners[position] + 1;
    return 0;
  }

  /// The passing order with some edits made.
  ExecutionOrder edited(const std::vector<std::size_t>& numbers) const {
    std::map<std::size_t, ExecutionOrder> inserted;  // before which position
    std::set<std::size_t> deleted;
    for (const std::size_t number : numbers) {
      const Edit& edit = edits_[number];
      if (edit.inserts)
        inserted[place_for(edit.position, to_passing_)].push_back(failing()[edit.position]);
      else
        deleted.insert(edit.position);
    }
    ExecutionOrder order;
    for (std::size_t i = 0; i <= passing().size(); ++i) {
      if (const auto here = inserted.find(i); here != inserted.end())
        order.insert(order.end(), here->second.begin(), here->second.end());
      if (i < passing().size() && !deleted.contains(i)) order.push_back(passing()[i]);
    }
    return order;
  }

  /// The failing order with some edits undone.
  ExecutionOrder undone(const std::vector<std::size_t>& numbers) const {
    std::map<std::size_t, ExecutionOrder> inserted;
    std::set<std::size_t> deleted;
    for (const std::size_t number : numbers) {
      const Edit& edit = edits_[number];
      if (edit.inserts)
        deleted.insert(edit.position);
      else
        inserted[place_for(edit.position, to_failing_)].push_back(passing()[edit.position]);
    }
    ExecutionOrder order;
    for (std::size_t i = 0; i <= failing().size(); ++i) {
      if (const auto here = inserted.find(i); here != inserted.end())
        order.insert(order.end(), here->second.begin(), here->second.end());
      if (i < failing().size() && !deleted.contains(i)) order.push_back(failing()[i]);
    }
    return order;
  }

  bool try_edits_singly() {
    for (std::size_t i = 0; i < edits_.size(); ++i) {
      const auto answer = test(edited({i}), false);
      if (!answer) {
        stopped();
        return true;
      }
      if (answer == TestOutcome::kFail && confirm_edits({i})) return true;
    }
    return false;
  }

  bool confirm_edits(const std::vector<std::size_t>& numbers) {
    DecidingEdit edit;
    const bool all_insert =
        std::ranges::all_of(numbers, [&](std::size_t number) { return edits_[number].inserts; });
    const bool all_delete =
        std::ranges::none_of(numbers, [&](std::size_t number) { return edits_[number].inserts; });
    edit.kind = all_insert ? "insert" : all_delete ? "delete" : "insert and delete";
    for (const std::size_t number : numbers)
      edit.cells.push_back(edits_[number].inserts ? failing()[edits_[number].position]
                                                  : passing()[edits_[number].position]);
    return confirm(std::move(edit), edited(numbers), undone(numbers));
  }

  /// Both deciding runs are fresh. A claim is kept when both agree, or when there is none yet.
  bool confirm(DecidingEdit edit, ExecutionOrder with, ExecutionOrder without) {
    const auto fails = test(with, true);
    const auto passes = test(without, true);
    if (!fails || !passes) {
      stopped();
      return true;
    }
    const bool agreed = *fails == TestOutcome::kFail && *passes == TestOutcome::kPass;
    if (!agreed && result_.edit) return false;
    result_.edit = std::move(edit);
    result_.with_edit = {"passing", "with this edit only", with, tested_.at(with)};
    result_.without_edit = {"failing", "without this edit", without, tested_.at(without)};
    result_.verdict = agreed ? Verdict::kConfirmed : Verdict::kAmbiguous;
    result_.why = agreed ? "the passing order fails with it, and the failing one passes without it"
                  : *fails == TestOutcome::kFail
                      ? "the passing order fails with it, but the failing one does not pass "
                        "without it"
                      : "the failing order passes without it, but the passing one does not fail "
                        "with it alone";
    if (!agreed && *fails != TestOutcome::kFail && *passes != TestOutcome::kPass)
      result_.why = "neither order changes with it alone";
    return agreed;
  }

  void try_all_edits() {
    std::vector<std::size_t> all(edits_.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    const ExecutionOrder start = edited(all);
    TestOutcome answer = TestOutcome::kPass;
    if (!edits_.empty()) {
      const auto tested = test(start, false);
      if (!tested) return stopped();
      answer = *tested;
    }
    if (answer == TestOutcome::kFail) return minimise_edits();
    if (answer == TestOutcome::kUnresolved && !result_.edit) {
      result_.verdict = Verdict::kUnknown;
      result_.why =
          "with all insertions and deletions made, the passing order crashes in another "
          "way";
      return;
    }
    try_moves(start);
  }

  void minimise_edits() {
    class EditOracle final : public reduce::Oracle {
     public:
      explicit EditOracle(Comparison& comparison) : comparison_(comparison) {}
      void test(std::span<const reduce::Subset> batch, const Report& report) override {
        for (std::size_t i = 0; i < batch.size(); ++i) {
          const auto answer = comparison_.test(comparison_.edited(batch[i]), false);
          if (!answer) return;
          report(i, *answer);
        }
      }

     private:
      Comparison& comparison_;
    };
    EditOracle oracle(*this);
    const reduce::Reduction reduction = reduce::ddmin(edits_.size(), oracle);
    if (!reduction.complete) return stopped();
    confirm_edits(reduction.kept);
  }

  // ---- moves -------------------------------------------------------------------------------

  /// `start` holds the executions of the failing order now; those that it did not reach may stand
  /// as they do in `start`.
  void try_moves(const ExecutionOrder& start) {
    investigation_.observer().stage("moves");
    // Elements are numbered by their place in `start`; equal cells keep their order.
    reduce::Permutation from(start.size());
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = i;
    reduce::Permutation to;
    std::set<std::size_t> used;
    for (const std::size_t cell : failing())
      for (std::size_t i = 0; i < start.size(); ++i)
        if (start[i] == cell && used.insert(i).second) {
          to.push_back(i);
          break;
        }
    for (const std::size_t element : from)
      if (!used.contains(element)) to.push_back(element);
    const auto conflicting = [&](std::size_t a, std::size_t b) {
      return start[a] == start[b] ||
             conflict(effects_.measured[start[a]], effects_.measured[start[b]]);
    };
    result_.pairs = reduce::OrderFlips(from, to, conflicting).size();
    result_.most_tests =
        result_.pairs == 0 ? 0 : static_cast<std::size_t>(std::bit_width(result_.pairs - 1)) + 2;
    if (result_.pairs == 0) {
      if (!result_.edit)
        result_.why =
            "no pair of cells that conflict is inverted: what decides is "
            "not seen in their names and files";
      return;
    }
    const auto order_of = [&](const reduce::Permutation& elements) {
      ExecutionOrder order;
      for (const std::size_t element : elements) order.push_back(start[element]);
      return order;
    };
    const std::size_t before = result_.tests;
    ExecutionOrder with;
    ExecutionOrder without;
    const reduce::OrderCause cause = reduce::order_cause(
        from, to, conflicting, [&](const reduce::Permutation& elements, bool deciding) {
          ExecutionOrder order = order_of(elements);
          if (deciding) with = std::exchange(without, order);
          return test(order, deciding);
        });
    result_.tests = before + cause.tests;
    if (cause.fail_point > cause.pass_point + 1)
      result_.interval = {cause.pass_point, cause.fail_point};
    if (!cause.complete) return stopped();
    conclude(cause, start, with, without);
  }

  void conclude(const reduce::OrderCause& cause, const ExecutionOrder& start,
                const ExecutionOrder& with, const ExecutionOrder& without) {
    const bool agreed = cause.in_passing && cause.in_failing;
    if (!agreed && result_.edit) return;
    DecidingEdit edit;
    edit.kind = "move";
    edit.along = cause.along;
    for (const reduce::Flip& flip : cause.flips) {
      const std::size_t first = start[flip.first];
      const std::size_t second = start[flip.second];
      edit.pairs.emplace_back(first, second);
      if (edit.pairs.size() + edit.along > cause.flips.size()) continue;
      for (const std::size_t cell : {first, second})
        if (std::ranges::find(edit.cells, cell) == edit.cells.end()) edit.cells.push_back(cell);
    }
    result_.edit = std::move(edit);
    result_.with_edit = {"passing", "with this edit only", with, tested_.at(with)};
    result_.without_edit = {"failing", "without this edit", without, tested_.at(without)};
    result_.verdict = agreed ? Verdict::kConfirmed : Verdict::kAmbiguous;
    result_.why =
        agreed ? "the passing order fails with it, and the failing one passes without it"
        : cause.in_passing
            ? "the passing order fails with it, but the failing one does not pass without it"
        : cause.in_failing
            ? "the failing order passes without it, but the passing one does not fail with it alone"
            : "neither order changes with it alone";
  }

  void stopped() {
    if (result_.why.empty()) result_.why = "the command was stopped before";
  }

  OrderRuns& runs_;
  Investigation& investigation_;
  OrderComparison result_;
  CellEffects effects_;
  std::vector<std::optional<std::size_t>> to_failing_;  // by position in the passing order
  std::vector<std::optional<std::size_t>> to_passing_;  // by position in the failing order
  std::vector<Edit> edits_;
  ExecutionOrder failing_;
  std::map<ExecutionOrder, OrderOutcome> tested_;
};

}  // namespace

OrderComparison compare_orders(OrderRuns& runs, ExecutionOrder passing, ExecutionOrder failing) {
  return Comparison(runs, std::move(passing), std::move(failing)).compare();
}

}  // namespace nbreplay
