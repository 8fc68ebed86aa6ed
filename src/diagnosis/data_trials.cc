#include "diagnosis/data_trials.h"

#include <fmt/format.h>

#include <algorithm>

#include "nbreplay/base/hash.h"

namespace nbreplay {
namespace {

std::string digest_of(const std::string& text) {
  return Hasher().add(text).hex();
}

/// A table of which hundreds of rows are needed takes a test or two for each of them.
constexpr std::size_t kMostTests = 400;
/// What is left of the budget must be enough for the runs that confirm the result.
constexpr int kTrialsToConfirm = 5;

bool needs_fresh_run(const Ran& ran) {
  return ran.origin != Origin::kFresh && ended_by_force(ran.outcome);
}

Outcome without_data(Outcome outcome, const DataWords& words) {
  for (CellOutcome& cell : outcome.cells) {
    if (auto* raised = std::get_if<Raised>(&cell.end))
      raised->crash = without_data(std::move(raised->crash), words);
  }
  return outcome;
}

}  // namespace

DataTrials::DataTrials(Investigation& investigation, const CrashWithData& expected, Trial trial,
                       ExtraFile file)
    : investigation_(investigation),
      masked_(without_data(expected.crash, expected.words)),
      words_(expected.words),
      trial_(std::move(trial)),
      file_(std::move(file)) {}

std::string DataTrials::reason_to_stop() const {
  if (queries_ >= kMostTests)
    return fmt::format("stopped after {} trials, the most for one file", queries_);
  const auto left = investigation_.time_left();
  if (left && *left <= kTrialsToConfirm * slowest_)
    return "stopped where the budget would not have lasted for the confirmation";
  return {};
}

Trial DataTrials::trial_with(const std::string& text) const {
  Trial trial = trial_;
  trial.extra_files.push_back(file_);
  trial.extra_files.back().content = text;
  return trial;
}

void DataTrials::note_stop() {
  if (!stop_.empty()) return;
  switch (investigation_.stopped_by()) {
    case StoppedBy::kBudget:
      stop_ = "stopped when the budget was used up";
      break;
    case StoppedBy::kInterrupt:
      stop_ = "interrupted";
      break;
    case StoppedBy::kDone:
      stop_ = "stopped, since trials cannot be run any more";
      break;
  }
}

TestedText DataTrials::judged(const Trial& trial, const Ran& ran) const {
  TestedText tested;
  tested.origin = ran.origin;
  const Judgement judgement = judge(trial, without_data(ran.outcome, words_), masked_, Level::kA);
  tested.outcome = test_outcome(judgement);
  tested.words = describe_failure(investigation_, judgement);
  if (tested.outcome != reduce::TestOutcome::kFail) return tested;
  const CellOutcome* last = last_execution_of(ran.outcome, trial.executions.back().cell);
  if (last == nullptr) return tested;
  if (const auto* raised = std::get_if<Raised>(&last->end)) tested.crash = raised->crash;
  return tested;
}

std::vector<const TestedText*> DataTrials::test(const std::vector<std::string>& texts,
                                                Freshness freshness) {
  std::vector<std::string> digests;
  std::vector<std::string> asked;
  std::vector<Trial> trials;
  for (const std::string& text : texts) {
    digests.push_back(digest_of(text));
    const auto found = known_.find(digests.back());
    const bool answered = found != known_.end() &&
                          (freshness == Freshness::kAny || found->second.origin == Origin::kFresh);
    if (answered || std::find(asked.begin(), asked.end(), digests.back()) != asked.end()) continue;
    asked.push_back(digests.back());
    trials.push_back(trial_with(text));
  }
  if (const std::string reason = reason_to_stop(); !trials.empty() && !reason.empty()) {
    trials.clear();
    stop_ = reason;
  }
  auto answers = investigation_.run_all(trials, freshness);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) {
      note_stop();
      continue;
    }
    ++queries_;
    slowest_ = std::max(slowest_, answers[i]->outcome.wall);
    if (needs_fresh_run(*answers[i])) {
      auto again = investigation_.run(trials[i], Freshness::kFresh);
      if (!again) {
        note_stop();
        continue;
      }
      ++queries_;
      answers[i] = std::move(again);
    }
    known_.insert_or_assign(asked[i], judged(trials[i], *answers[i]));
  }
  std::vector<const TestedText*> tested;
  for (const std::string& digest : digests) {
    const auto found = known_.find(digest);
    tested.push_back(found == known_.end() ? nullptr : &found->second);
  }
  return tested;
}

const TestedText* DataTrials::test(const std::string& text) {
  return test(std::vector<std::string>{text}, Freshness::kAny).front();
}

const TestedText* DataTrials::known(const std::string& text) const {
  const auto found = known_.find(digest_of(text));
  return found == known_.end() ? nullptr : &found->second;
}

}  // namespace nbreplay
