#include "answers.h"

#include <fmt/format.h>

#include <variant>

namespace nbreplay::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Asked {
  Answer answer;
  TimePoint submitted;
  TimePoint cell_started;
  TimePoint cell_ended;
  TimePoint answered;
};

Asked ask(process::WorkerTrialRunner& runner, Trial trial) {
  Asked asked;
  TrialEvents events;
  events.cell_started = [&](std::size_t) { asked.cell_started = Clock::now(); };
  events.cell_ended = [&](const CellOutcome&) { asked.cell_ended = Clock::now(); };
  asked.submitted = Clock::now();
  runner.submit(std::move(trial), Freshness::kAny, std::move(events));
  auto answer = or_fail(runner.wait({}));
  asked.answered = Clock::now();
  if (!answer) fail("a trial was not answered");
  asked.answer = std::move(*answer);
  for (const CellOutcome& cell : asked.answer.outcome.cells)
    if (const auto* raised = std::get_if<Raised>(&cell.end))
      fail("a cell raised " + raised->crash.type + ": " + raised->crash.message.value_or(""));
  if (!asked.answer.outcome.finished) fail("a trial did not finish");
  for (const auto& taint : asked.answer.outcome.taints) fail("no snapshot: " + taint.hazard);
  return asked;
}

double between(TimePoint from, TimePoint to) {
  return Milliseconds(to - from).count();
}

}  // namespace

AnswerTimes time_answers(const Stage& stage, const Prefix& prefix, std::size_t count) {
  process::WorkerTrialRunner runner(stage.settings());
  Sources sources;
  for (const std::string& cell : prefix.cells) {
    sources.push_back(cell);
    if (!prefix.forked_after_each && sources.size() < prefix.cells.size()) continue;
    Sources grown = sources;
    grown.emplace_back("pass");
    ask(runner, stage.trial(grown));
  }
  AnswerTimes times;
  for (std::size_t number = 0; number < count; ++number) {
    Sources one = sources;
    one.push_back(fmt::format("number = {}", number));
    const Asked asked = ask(runner, stage.trial(one));
    if (asked.answer.origin != Origin::kBranched) fail("a trial was not branched");
    times.whole.push_back(between(asked.submitted, asked.answered));
    times.until_cell.push_back(between(asked.submitted, asked.cell_started));
    times.cell.push_back(between(asked.cell_started, asked.cell_ended));
    times.after_cell.push_back(between(asked.cell_ended, asked.answered));
  }
  return times;
}

}  // namespace nbreplay::bench
