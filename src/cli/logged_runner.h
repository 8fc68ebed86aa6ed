#pragma once

#include "nbreplay/trial/runner.h"

#include "cli/log.h"

namespace nbreplay::cli {

/// Writes every trial, as asked and as answered, into the log; changes nothing. Both must outlive
/// it.
class LoggedRunner final : public TrialRunner {
 public:
  LoggedRunner(TrialRunner& inner, Log& log) : inner_(inner), log_(log) {}

  TrialId submit(Trial trial, Freshness freshness, TrialEvents events) override;
  [[nodiscard]] Result<std::optional<Answer>> wait(std::optional<TimePoint> deadline) override;
  void cancel(TrialId id) override;
  [[nodiscard]] std::size_t jobs() const override { return inner_.jobs(); }

 private:
  TrialRunner& inner_;
  Log& log_;
};

}  // namespace nbreplay::cli
