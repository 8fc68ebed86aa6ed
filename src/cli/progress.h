#pragma once

#include <string>

#include "nbreplay/base/clock.h"
#include "nbreplay/trial/runner.h"

#include "cli/console.h"

namespace nbreplay::cli {

/// Progress on stderr: on a terminal one rewritten line (what, trials, size, time left), else a
/// line now and then. Clears its line before anything else is printed.
class Progress final : public Observer {
 public:
  Progress(const Console& console, const Clock& clock, bool enabled);
  ~Progress() override;

  /// Begins a notebook; `name` stands first on the line.
  void begin(std::string_view name, std::optional<Duration> budget);
  /// Removes the line.
  void clear();

  void stage(std::string_view what) override;
  void trial_finished(const Trial& trial, const Outcome& outcome, Origin origin) override;
  void size(std::size_t current, std::size_t initial) override;
  void warning(std::string_view text) override;

 private:
  void show(bool now);

  const Console& console_;
  const Clock& clock_;
  bool enabled_;
  std::string name_;
  std::string stage_;
  std::string size_;
  std::size_t trials_ = 0;
  std::optional<Duration> budget_;
  TimePoint started_;
  TimePoint shown_;
  bool line_open_ = false;
};

}  // namespace nbreplay::cli
