#include "diagnosis/statement_reducer.h"

#include <algorithm>
#include <limits>

namespace nbreplay {
namespace {

bool overlap(std::size_t begin, std::size_t end, std::size_t other_begin, std::size_t other_end) {
  return begin < other_end && other_begin < end;
}

/// `source` with the edits applied; of two that overlap, the earlier one waits for a later trial.
std::string apply(std::string source, std::vector<SourceEdit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const SourceEdit& a, const SourceEdit& b) { return a.begin > b.begin; });
  std::size_t limit = source.size();
  for (const SourceEdit& edit : edits) {
    if (edit.end > limit) continue;
    source.replace(edit.begin, edit.end - edit.begin, edit.replacement);
    limit = edit.begin;
  }
  return source;
}

/// Lines as notebooks indent them differ after unwrapping; their words do not.
std::string without_space(std::string_view text) {
  std::string result;
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') result.push_back(c);
  return result;
}

bool covers(const Statement& statement, int line) {
  return statement.first_line <= line && line <= statement.last_line;
}

bool share(const std::vector<std::string>& names, const std::set<std::string>& wanted) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return wanted.contains(name); });
}

}  // namespace

StatementReducer::StatementReducer(StatementReduction& reduction, std::size_t position)
    : reduction_(reduction),
      position_(position),
      facts_(reduction.investigation.facts_of({source()}).front()),
      trials_left_(std::numeric_limits<std::size_t>::max()) {}

std::string& StatementReducer::source() {
  return reduction_.minimal.statements[position_].source;
}

bool StatementReducer::done() const {
  return trials_left_ == 0 || reduction_.investigation.stopped();
}

void StatementReducer::reduce_structure() {
  if (facts_.edits.empty()) return;
  remove_unneeded();
  bool progress = true;
  while (progress && !done()) {
    progress = false;
    for (int level = 0; level <= deepest_level() && !done(); ++level)
      progress = remove_level(level) || progress;
    for (const char* kind : {"unwrap", "pass"})
      progress = sweep([&](const SourceEdit& edit) { return edit.kind == kind; }) || progress;
  }
}

std::size_t StatementReducer::reduce_expressions(std::size_t most) {
  trials_left_ = most;
  bool progress = true;
  while (progress && !done()) {
    progress = false;
    for (const char* kind : {"call", "argument", "literal"})
      progress = sweep([&](const SourceEdit& edit) { return edit.kind == kind; }) || progress;
  }
  return most - trials_left_;
}

int StatementReducer::level_of(int statement) const {
  int level = 0;
  for (int at = facts_.statements[static_cast<std::size_t>(statement)].parent; at >= 0;
       at = facts_.statements[static_cast<std::size_t>(at)].parent)
    ++level;
  return level;
}

int StatementReducer::deepest_level() const {
  int deepest = 0;
  for (std::size_t i = 0; i < facts_.statements.size(); ++i)
    deepest = std::max(deepest, level_of(static_cast<int>(i)));
  return deepest;
}

/// Where this execution's cell was at when it crashed: of compound statements only the header.
std::vector<StatementReducer::Range> StatementReducer::protected_ranges() const {
  const ReducedExecution& execution = reduction_.minimal.statements[position_];
  const Crash& crash = reduction_.latest;
  std::set<int> lines;
  for (const Frame& frame : crash.frames)
    if (frame.cell == execution.cell && frame.line > 0) lines.insert(frame.line);
  const bool crashes_here = position_ + 1 == reduction_.minimal.order.size();
  if (crashes_here && crash.line) lines.insert(*crash.line);
  std::vector<Range> ranges;
  for (const int line : lines) {
    for (std::size_t i = 0; i < facts_.statements.size(); ++i) {
      if (!covers(facts_.statements[i], line)) continue;
      std::size_t end = facts_.statements[i].end;
      bool inside = false;  // a statement inside of it is at the line
      for (const Statement& inner : facts_.statements) {
        if (inner.parent != static_cast<int>(i)) continue;
        inside = inside || covers(inner, line);
        end = std::min(end, inner.begin);
      }
      if (!inside) ranges.push_back({facts_.statements[i].begin, end});
    }
  }
  return ranges;
}

/// An edit may move a protected statement (unwrap what encloses it), but not change its text.
bool StatementReducer::allowed(const SourceEdit& edit, const std::vector<Range>& ranges) const {
  const std::string& text = reduction_.minimal.statements[position_].source;
  return std::all_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    if (!overlap(edit.begin, edit.end, range.begin, range.end)) return true;
    if (edit.begin > range.begin || range.end > edit.end) return false;
    return without_space(edit.replacement)
               .find(without_space(std::string_view(text).substr(
                   range.begin, range.end - range.begin))) != std::string::npos;
  });
}

StatementReducer::Edits StatementReducer::edits_that(const Filter& filter) const {
  const std::vector<Range> ranges = protected_ranges();
  Edits edits;
  for (const SourceEdit& edit : facts_.edits)
    if (edit.statement >= 0 && filter(edit) && allowed(edit, ranges)) edits.push_back(edit);
  // Backwards, and the larger of two first.
  std::stable_sort(edits.begin(), edits.end(), [](const SourceEdit& a, const SourceEdit& b) {
    return a.end != b.end ? a.end > b.end : a.begin < b.begin;
  });
  return edits;
}

/// Names that executions after this one read or change.
std::set<std::string> StatementReducer::wanted_elsewhere() const {
  std::vector<std::string> sources;
  for (std::size_t i = position_ + 1; i < reduction_.minimal.statements.size(); ++i)
    sources.push_back(reduction_.minimal.statements[i].source);
  std::set<std::string> wanted;
  if (sources.empty()) return wanted;
  for (const CellFacts& facts : reduction_.investigation.facts_of(sources))
    for (const auto* names : {&facts.uses, &facts.deferred_uses, &facts.mutations})
      for (const NameAt& name : *names) wanted.insert(name.name);
  return wanted;
}

/// The slice of the cell in one trial: what neither the crash nor a later execution needs by the
/// names that statements bind (thin) or may change (full) is left out together.
bool StatementReducer::remove_unneeded() {
  const std::vector<Range> ranges = protected_ranges();
  std::vector<Edits> candidates;
  for (const bool changes_count : {false, true}) {
    std::set<std::string> wanted = wanted_elsewhere();
    std::set<int> kept;
    for (std::size_t i = facts_.statements.size(); i-- > 0;) {
      const Statement& statement = facts_.statements[i];
      if (statement.parent >= 0) continue;
      const bool crashes = std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
        return overlap(statement.begin, statement.end, range.begin, range.end);
      });
      const bool changes = changes_count && statement.kind != "Import" &&
                           statement.kind != "ImportFrom" && share(statement.uses, wanted);
      if (!crashes && !changes && !share(statement.definitions, wanted)) continue;
      kept.insert(static_cast<int>(i));
      wanted.insert(statement.uses.begin(), statement.uses.end());
    }
    Edits edits = edits_that([&](const SourceEdit& edit) {
      return edit.kind == "remove" && level_of(edit.statement) == 0 &&
             !kept.contains(edit.statement);
    });
    if (edits.size() > 1) candidates.push_back(std::move(edits));
  }
  return first_accepted(candidates) >= 0;
}

/// Runs of statements that nothing needs go in one trial, in ever smaller runs; then one by one.
bool StatementReducer::remove_level(int level) {
  const Filter of_level = [&](const SourceEdit& edit) {
    return edit.kind == "remove" && level_of(edit.statement) == level;
  };
  bool any = false;
  constexpr std::size_t kShortestRun = 3;
  for (std::size_t run = edits_that(of_level).size() / 2; run >= kShortestRun && !done();
       run /= 2) {
    std::size_t limit = source().size();
    while (!done()) {
      Edits left = edits_that(of_level);
      std::erase_if(left, [&](const SourceEdit& edit) { return edit.end > limit; });
      std::vector<Edits> runs;
      for (std::size_t i = 0; i < left.size(); i += run)
        runs.emplace_back(
            left.begin() + static_cast<std::ptrdiff_t>(i),
            left.begin() + static_cast<std::ptrdiff_t>(std::min(i + run, left.size())));
      const std::ptrdiff_t accepted = first_accepted(runs);
      if (accepted < 0) break;
      any = true;
      limit = runs[static_cast<std::size_t>(accepted)].back().begin;
    }
  }
  return sweep(of_level) || any;
}

/// Tries edits one at a time, backwards; after an accepted one goes on before it, and starts over
/// until a whole sweep changes nothing.
bool StatementReducer::sweep(const Filter& filter) {
  bool any = false;
  bool again = true;
  while (again && !done()) {
    again = false;
    std::size_t limit = source().size();
    while (!done()) {
      Edits left = edits_that(filter);
      std::erase_if(left, [&](const SourceEdit& edit) { return edit.end > limit; });
      std::vector<Edits> singles;
      for (const SourceEdit& edit : left) singles.push_back({edit});
      const std::ptrdiff_t accepted = first_accepted(singles);
      if (accepted < 0) break;
      again = any = true;
      limit = left[static_cast<std::size_t>(accepted)].begin;
    }
  }
  return any;
}

std::ptrdiff_t StatementReducer::first_accepted(const std::vector<Edits>& candidates) {
  Investigation& investigation = reduction_.investigation;
  const std::string before = source();
  std::size_t next = 0;
  while (next < candidates.size() && !done()) {
    std::vector<std::size_t> tried;
    std::vector<std::string> texts;
    for (; next < candidates.size() && tried.size() < investigation.jobs(); ++next) {
      if (candidates[next].empty()) continue;
      std::string text = apply(before, candidates[next]);
      if (text == before || !refused_.insert(text).second) continue;
      tried.push_back(next);
      texts.push_back(std::move(text));
    }
    std::vector<CellFacts> facts =
        texts.empty() ? std::vector<CellFacts>() : investigation.facts_of(texts);
    std::vector<Trial> trials;
    std::vector<std::size_t> of_trial;
    for (std::size_t i = 0; i < texts.size() && trials.size() < trials_left_; ++i) {
      if (!facts[i].problem.empty()) continue;  // edits that hold alone need not hold together
      source() = texts[i];
      trials.push_back(trial_of(investigation, reduction_.base, reduction_.minimal));
      of_trial.push_back(i);
    }
    source() = before;
    const auto answers = investigation.run_all(trials, Freshness::kAny);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) {  // stopped: not tried
        refused_.erase(texts[of_trial[i]]);
        continue;
      }
      ++reduction_.minimal.queries;
      --trials_left_;
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) continue;
      const Outcome& outcome = answers[i]->outcome;
      const Judgement judgement = judge(trials[i], outcome, reduction_.base.observed, Level::kA);
      if (!std::holds_alternative<Same>(judgement)) continue;
      // An earlier execution of the same cell may crash alike; the one under test is the last.
      const CellOutcome* end = last_execution_of(outcome, reduction_.minimal.order.back());
      if (end == nullptr || end->position + 1 != trials[i].executions.size()) continue;
      if (const auto* raised = std::get_if<Raised>(&end->end)) reduction_.latest = raised->crash;
      source() = texts[of_trial[i]];
      facts_ = std::move(facts[of_trial[i]]);
      return static_cast<std::ptrdiff_t>(tried[of_trial[i]]);
    }
  }
  return -1;
}

}  // namespace nbreplay
