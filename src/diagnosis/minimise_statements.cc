// Statement reduction: hierarchical delta debugging over each execution's syntax tree, from the
// last execution to the first so that what comes before stays as it is. Within one execution,
// level by level: statements of the outermost level are left out backwards, then those inside
// what is left, then the smaller edits. After every accepted change the source is parsed anew, so
// that offsets and the list of possible edits are always those of the current text.
// (Misherghi and Su, "HDD: Hierarchical Delta Debugging", ICSE 2006.)

#include <algorithm>
#include <set>

#include "diagnosis/case.h"
#include "diagnosis/minimise.h"

namespace nbreplay {
namespace {

/// One execution under reduction.
class ExecutionReducer {
 public:
  ExecutionReducer(Investigation& investigation, const BaseRun& base, MinimalSequence& minimal,
                   std::size_t position)
      : investigation_(investigation),
        base_(base),
        minimal_(minimal),
        position_(position),
        crashes_here_(position + 1 == minimal.order.size()) {}

  /// Returns false when it was stopped before it was done.
  bool run() {
    if (!parse()) return !investigation_.stopped();
    for (int level = 0; level <= deepest_level() && !investigation_.stopped(); ++level)
      remove_level(level);
    for (const char* kind : {"unwrap", "pass", "argument", "call", "literal"}) apply_edits(kind);
    return !investigation_.stopped();
  }

 private:
  ReducedExecution& current() { return minimal_.statements[position_]; }

  bool parse() {
    auto facts = investigation_.fact_source().facts({current().source});
    if (!facts || facts->size() != 1 || !facts->front().problem.empty()) return false;
    facts_ = std::move(facts->front());
    return true;
  }

  int level_of(int statement) const {
    int level = 0;
    for (int at = facts_.statements[static_cast<std::size_t>(statement)].parent; at >= 0;
         at = facts_.statements[static_cast<std::size_t>(at)].parent)
      ++level;
    return level;
  }

  int deepest_level() const {
    int deepest = 0;
    for (std::size_t i = 0; i < facts_.statements.size(); ++i)
      deepest = std::max(deepest, level_of(static_cast<int>(i)));
    return deepest;
  }

  /// Whether the edit touches the statement that crashes; that one's text is the signature's.
  bool touches_crash(const SourceEdit& edit) const {
    if (!crashes_here_ || !base_.observed.statement) return false;
    const std::string& wanted = *base_.observed.statement;
    for (const Statement& statement : facts_.statements) {
      const bool overlaps = edit.begin < statement.end && statement.begin < edit.end;
      if (!overlaps) continue;
      const std::string text =
          statement_at(facts_, minimal_.statements[position_].source, statement.first_line);
      if (text.find(wanted) != std::string::npos || wanted.find(text) != std::string::npos)
        return true;
    }
    return false;
  }

  static std::string apply(std::string source, std::vector<SourceEdit> edits) {
    std::sort(edits.begin(), edits.end(),
              [](const SourceEdit& a, const SourceEdit& b) { return a.begin > b.begin; });
    for (const SourceEdit& edit : edits)
      source.replace(edit.begin, edit.end - edit.begin, edit.replacement);
    return source;
  }

  /// Tries the current source with `edits`; keeps the result when the crash stays the same.
  bool try_edits(const std::vector<SourceEdit>& edits) {
    const std::string before = current().source;
    current().source = apply(before, edits);
    const Trial trial = trial_of(investigation_, base_, minimal_);
    const auto ran = investigation_.run(trial, Freshness::kAny);
    ++minimal_.queries;
    const bool same =
        ran && std::holds_alternative<Same>(judge(trial, ran->outcome, base_.observed, Level::kA));
    if (!same) current().source = before;
    if (same && !parse()) return false;
    return same;
  }

  std::vector<SourceEdit> removals(int level) const {
    std::vector<SourceEdit> edits;
    for (const SourceEdit& edit : facts_.edits)
      if (edit.kind == "remove" && level_of(edit.statement) == level && !touches_crash(edit))
        edits.push_back(edit);
    std::sort(edits.begin(), edits.end(),
              [](const SourceEdit& a, const SourceEdit& b) { return a.begin < b.begin; });
    return edits;
  }

  /// Backwards, halving: a run of statements that nothing needs goes in one trial.
  void remove_level(int level) {
    std::vector<SourceEdit> left = removals(level);
    std::size_t chunk = left.size();
    while (chunk > 0 && !left.empty() && !investigation_.stopped()) {
      bool any = false;
      std::size_t end = left.size();
      while (end > 0 && !investigation_.stopped()) {
        const std::size_t begin = end > chunk ? end - chunk : 0;
        const std::vector<SourceEdit> tried(left.begin() + static_cast<std::ptrdiff_t>(begin),
                                            left.begin() + static_cast<std::ptrdiff_t>(end));
        if (try_edits(tried)) {
          // Offsets before `begin` still hold; those behind moved and are listed anew.
          left = removals(level);
          any = true;
        }
        end = std::min(begin, left.size());
      }
      if (chunk > 1) {
        chunk = (chunk + 1) / 2;
      } else if (!any) {
        chunk = 0;
      }
    }
  }

  void apply_edits(std::string_view kind) {
    std::set<std::string> refused;  // by resulting text: an edit is tried once
    bool progress = true;
    while (progress && !investigation_.stopped()) {
      progress = false;
      std::vector<SourceEdit> edits = facts_.edits;
      for (auto it = edits.rbegin(); it != edits.rend() && !progress; ++it) {
        if (it->kind != kind || touches_crash(*it)) continue;
        if (investigation_.stopped()) return;
        if (!refused.insert(apply(current().source, {*it})).second) continue;
        progress = try_edits({*it});
      }
    }
  }

  Investigation& investigation_;
  const BaseRun& base_;
  MinimalSequence& minimal_;
  std::size_t position_;
  bool crashes_here_;
  CellFacts facts_;
};

/// The lines of `original` that the reduced source still holds, first to last.
void locate(ReducedExecution& reduced, const std::string& original) {
  const auto lines_of = [](const std::string& text) {
    std::vector<std::string> lines(1);
    for (const char c : text) {
      if (c == '\n') {
        lines.emplace_back();
      } else {
        lines.back().push_back(c);
      }
    }
    return lines;
  };
  std::set<std::string> kept;
  for (const std::string& line : lines_of(reduced.source))
    if (line.find_first_not_of(" \t") != std::string::npos) kept.insert(line);
  const std::vector<std::string> lines = lines_of(original);
  reduced.first_line = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (kept.count(lines[i]) == 0) continue;
    if (reduced.first_line == 0) reduced.first_line = static_cast<int>(i) + 1;
    reduced.last_line = static_cast<int>(i) + 1;
  }
  if (reduced.first_line == 0) {
    reduced.first_line = 1;
    reduced.last_line = static_cast<int>(lines.size());
  }
}

std::string without_blank_lines(const std::string& source) {
  std::string result;
  std::size_t at = 0;
  while (at < source.size()) {
    const std::size_t end = std::min(source.find('\n', at), source.size());
    const std::string line = source.substr(at, end - at);
    if (line.find_first_not_of(" \t\r") != std::string::npos)
      result += (result.empty() ? "" : "\n") + line;
    at = end + 1;
  }
  return result;
}

}  // namespace

void minimise_statements(Investigation& investigation, const BaseRun& base,
                         MinimalSequence& minimal) {
  if (investigation.stopped()) return;
  investigation.observer().stage("reduce statements");
  for (std::size_t i = 0; i < minimal.order.size(); ++i) {
    const std::size_t cell = minimal.order[i];
    minimal.statements.push_back({i, cell, 0, 0, investigation.notebook().cells()[cell].source});
  }
  bool complete = true;
  for (std::size_t i = minimal.order.size(); i-- > 0 && complete;)
    complete = ExecutionReducer(investigation, base, minimal, i).run();
  minimal.statements_complete = complete;
  for (ReducedExecution& reduced : minimal.statements) {
    const std::string& original = investigation.notebook().cells()[reduced.cell].source;
    locate(reduced, original);
    // Blank lines mean nothing outside strings, and a multi-line string is rarely what is left.
    if (reduced.source.find("\"\"\"") == std::string::npos &&
        reduced.source.find("'''") == std::string::npos && reduced.source != original)
      reduced.source = without_blank_lines(reduced.source);
  }
}

Trial trial_of(const Investigation& investigation, const BaseRun& base,
               const MinimalSequence& minimal) {
  Trial trial = trial_like(investigation, base, minimal.order);
  for (const ReducedExecution& reduced : minimal.statements)
    trial.executions[reduced.position].source = reduced.source;
  return trial;
}

void confirm_minimal(Investigation& investigation, const BaseRun& base, MinimalSequence& minimal) {
  if (investigation.stopped()) return;
  investigation.observer().stage("confirm the minimum");
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < investigation.settings().confirmations; ++i) {
    trials.push_back(trial_of(investigation, base, minimal));
    trials.back().hash_seed = static_cast<std::uint32_t>(i);
  }
  const auto answers = investigation.run_all(trials, Freshness::kFresh);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    ++minimal.confirmations;
    const Judgement judgement = judge(trials[i], answers[i]->outcome, base.observed, Level::kA);
    if (!std::holds_alternative<Same>(judgement)) continue;
    ++minimal.confirmed_at_a;
    if (std::get<Same>(judgement).level == Level::kS) ++minimal.confirmed_at_s;
  }
}

}  // namespace nbreplay
