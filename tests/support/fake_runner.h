#pragma once

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/base/stop_request.h"
#include "nbreplay/trial/runner.h"

#include "support/fake_clock.h"

namespace nbreplay::test {

/// What one execution of a trial does: raises, or completes when it returns nothing. Asked in
/// order, and no further once the run has stopped.
using CellOracle = std::function<std::optional<Crash>(std::size_t position)>;

/// How a trial ends whose executions do what `oracle` says, under the trial's own `may_fail`.
inline Outcome play(const Trial& trial, const CellOracle& oracle) {
  Outcome outcome;
  bool stopped = false;
  for (std::size_t position = 0; position < trial.executions.size(); ++position) {
    const Execution& execution = trial.executions[position];
    CellOutcome& cell = outcome.cells.emplace_back();
    cell.position = position;
    cell.cell = execution.cell;
    if (stopped) continue;
    if (std::optional<Crash> crash = oracle(position)) {
      if (!crash->cell && execution.cell != kNoCell) crash->cell = execution.cell;
      cell.end = Raised{*std::move(crash), false};
      stopped = !execution.may_fail;
    } else {
      cell.end = Completed{};
    }
  }
  outcome.termination = Exited{0};
  outcome.finished = !stopped;
  return outcome;
}

/// A TrialRunner that asks a function. It answers submitted trials in order, or shuffled; keeps
/// every trial it was given; advances a clock by each outcome's wall time when it has one.
class FakeRunner final : public TrialRunner {
 public:
  using Oracle = std::function<Outcome(const Trial&)>;

  explicit FakeRunner(Oracle oracle, std::size_t jobs = 1)
      : oracle_(std::move(oracle)), jobs_(jobs) {}

  void shuffle_answers(unsigned seed) { shuffle_.emplace(seed); }
  void use_clock(FakeClock& clock) { clock_ = &clock; }
  /// Once requested, trials are answered with Killed, as TrialRunner promises.
  void use_stop(const StopRequest& stop) { stop_ = &stop; }
  /// What trials that need not be fresh are answered by; without it by the same oracle.
  void answer_forked_with(Oracle oracle) { forked_oracle_ = std::move(oracle); }
  /// Every `wait` from now on fails with this.
  void fail_with(Error error) { failure_ = std::move(error); }

  TrialId submit(Trial trial, Freshness freshness, TrialEvents events = {}) override {
    ++(freshness == Freshness::kFresh ? fresh_ : any_);
    trials_.push_back(trial);
    waiting_.push_back({++last_id_, std::move(trial), freshness, std::move(events)});
    most_outstanding_ = std::max(most_outstanding_, waiting_.size());
    return last_id_;
  }

  Result<std::optional<Answer>> wait(std::optional<TimePoint> deadline = {}) override {
    if (failure_) return *failure_;
    if (waiting_.empty()) return std::optional<Answer>{};
    const std::size_t index = pick();
    Answer answer{waiting_[index].id, answer_for(waiting_[index]), origin_of(waiting_[index])};
    if (clock_ != nullptr) {
      if (deadline && clock_->now() + answer.outcome.wall > *deadline) {
        clock_->advance_to(std::max(*deadline, clock_->now()));
        return std::optional<Answer>{};
      }
      clock_->advance(answer.outcome.wall);
    }
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
    return std::optional<Answer>{std::move(answer)};
  }

  void cancel(TrialId id) override {
    cancelled_ += std::erase_if(waiting_, [&](const Waiting& w) { return w.id == id; });
  }

  [[nodiscard]] std::size_t jobs() const override { return jobs_; }

  /// Every trial submitted, in order.
  [[nodiscard]] const std::vector<Trial>& trials() const { return trials_; }
  [[nodiscard]] std::size_t fresh() const { return fresh_; }
  [[nodiscard]] std::size_t any() const { return any_; }
  [[nodiscard]] std::size_t cancelled() const { return cancelled_; }
  [[nodiscard]] std::size_t outstanding() const { return waiting_.size(); }
  [[nodiscard]] std::size_t most_outstanding() const { return most_outstanding_; }

 private:
  struct Waiting {
    TrialId id = 0;
    Trial trial;
    Freshness freshness = Freshness::kAny;
    TrialEvents events;
  };

  [[nodiscard]] std::size_t pick() {
    if (!shuffle_) return 0;
    return std::uniform_int_distribution<std::size_t>(0, waiting_.size() - 1)(*shuffle_);
  }

  [[nodiscard]] Outcome answer_for(const Waiting& waiting) const {
    if (stop_ != nullptr && stop_->requested()) {
      Outcome killed;
      killed.termination = Killed{};
      return killed;
    }
    const bool forked = waiting.freshness != Freshness::kFresh && forked_oracle_;
    Outcome outcome = (forked ? forked_oracle_ : oracle_)(waiting.trial);
    for (const CellOutcome& cell : outcome.cells) {
      if (std::holds_alternative<NotReached>(cell.end)) break;
      if (waiting.events.cell_started) waiting.events.cell_started(cell.position);
      if (waiting.events.cell_ended) waiting.events.cell_ended(cell);
    }
    return outcome;
  }

  static Origin origin_of(const Waiting& waiting) {
    return waiting.freshness == Freshness::kFresh ? Origin::kFresh : Origin::kWarm;
  }

  Oracle oracle_;
  Oracle forked_oracle_;
  std::size_t jobs_;
  std::optional<std::mt19937> shuffle_;
  FakeClock* clock_ = nullptr;
  const StopRequest* stop_ = nullptr;
  std::optional<Error> failure_;
  TrialId last_id_ = 0;
  std::vector<Waiting> waiting_;
  std::vector<Trial> trials_;
  std::size_t fresh_ = 0;
  std::size_t any_ = 0;
  std::size_t cancelled_ = 0;
  std::size_t most_outstanding_ = 0;
};

/// A FactSource that asks a function, one source at a time.
class FakeFactSource final : public FactSource {
 public:
  using Oracle = std::function<CellFacts(const std::string& source)>;

  explicit FakeFactSource(Oracle oracle) : oracle_(std::move(oracle)) {}

  Result<std::vector<CellFacts>> facts(const std::vector<std::string>& sources) override {
    ++calls_;
    std::vector<CellFacts> all;
    all.reserve(sources.size());
    for (const std::string& source : sources) all.push_back(oracle_(source));
    return all;
  }

  [[nodiscard]] std::size_t calls() const { return calls_; }

 private:
  Oracle oracle_;
  std::size_t calls_ = 0;
};

}  // namespace nbreplay::test
