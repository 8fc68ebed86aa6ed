// Statement reduction: hierarchical delta debugging over each execution's syntax tree, from the
// last execution to the first, so that what a later one no longer needs can go from the earlier
// ones. First the structure of all of them: statements level by level from the outermost, each
// level backwards, then unwrapping and emptying what is compound. Then, within a bound, the
// expressions in what is left. After every accepted change the source is parsed anew, so that
// places and possible edits are always those of the current text.
// (Misherghi and Su, "HDD: Hierarchical Delta Debugging", ICSE 2006.)

#include <algorithm>
#include <array>
#include <set>

#include "diagnosis/case.h"
#include "diagnosis/minimise.h"
#include "diagnosis/statement_reducer.h"

namespace nbreplay {
namespace {

/// Edits inside of statements make a result nicer, not shorter: they get no more trials than this.
constexpr std::size_t kExpressionTrials = 24;

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

/// Outside of strings, cell magics and continued lines.
bool blank_lines_mean_nothing(const std::string& source) {
  return std::ranges::none_of(std::array{R"(""")", "'''", "%%", "\\\n"}, [&](const char* text) {
    return source.find(text) != std::string::npos;
  });
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
  StatementReduction reduction{investigation, base, minimal, base.observed};
  for (std::size_t i = minimal.order.size(); i-- > 0 && !investigation.stopped();)
    StatementReducer(reduction, i).reduce_structure();
  std::size_t left = kExpressionTrials;
  for (std::size_t i = minimal.order.size(); i-- > 0 && left > 0 && !investigation.stopped();)
    left -= StatementReducer(reduction, i).reduce_expressions(left);
  minimal.statements_complete = !investigation.stopped();
  for (ReducedExecution& reduced : minimal.statements) {
    const std::string& original = investigation.notebook().cells()[reduced.cell].source;
    locate(reduced, original);
    if (reduced.source != original && blank_lines_mean_nothing(reduced.source))
      reduced.source = without_blank_lines(reduced.source);
  }
}

Trial trial_of(const Investigation& investigation, const BaseRun& base,
               const MinimalSequence& minimal) {
  Trial trial = trial_like(investigation, base, minimal.order);
  for (const ReducedExecution& reduced : minimal.statements)
    trial.executions[reduced.position].source = reduced.source;
  if (minimal.data) put_data(*minimal.data, trial);
  return trial;
}

namespace {

/// Fresh runs of the result, counted in it; how many were run.
void run_confirmations(Investigation& investigation, const BaseRun& base,
                       MinimalSequence& minimal) {
  minimal.confirmations = minimal.confirmed_at_a = minimal.confirmed_at_s = 0;
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < investigation.settings().confirmations; ++i) {
    trials.push_back(trial_of(investigation, base, minimal));
    trials.back().hash_seed = static_cast<std::uint32_t>(i);
  }
  const Crash expected = expected_of(base, minimal);
  const auto answers = investigation.run_all(trials, Freshness::kFresh);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    ++minimal.confirmations;
    const Judgement judgement = judge(trials[i], answers[i]->outcome, expected, Level::kA);
    if (!std::holds_alternative<Same>(judgement)) continue;
    ++minimal.confirmed_at_a;
    if (std::get<Same>(judgement).level == Level::kS) ++minimal.confirmed_at_s;
  }
}

/// A reduction that fresh runs deny is no result: the files stay as they are.
void drop_data(Investigation& investigation, ReducedData& data) {
  data.sources.clear();
  data.renamed.clear();
  data.crash.reset();
  for (InputReduction& input : data.inputs) {
    if (!input.reduced()) continue;
    InputReduction dropped;
    dropped.path = input.path;
    dropped.position = input.position;
    dropped.queries = input.queries;
    dropped.not_reduced = "with the reduced file not every fresh run crashed the same way";
    input = std::move(dropped);
    investigation.count_dropped();
  }
}

}  // namespace

void confirm_minimal(Investigation& investigation, const BaseRun& base, MinimalSequence& minimal) {
  investigation.observer().stage("confirm the minimum");
  run_confirmations(investigation, base, minimal);
  if (minimal.confirmed_at_a < minimal.confirmations && minimal.data &&
      minimal.data->any_reduced()) {
    drop_data(investigation, *minimal.data);
    run_confirmations(investigation, base, minimal);
  }
  // What does not crash every time cannot have been minimised with certainty.
  const bool steady = minimal.confirmed_at_a == investigation.settings().confirmations;
  if (!steady && minimal.guarantee == Guarantee::kOneMinimal)
    minimal.guarantee = Guarantee::kPartial;
}

}  // namespace nbreplay
