#include "cli/progress.h"

#include <fmt/format.h>

#include <cstdio>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"

namespace nbreplay::cli {
namespace {

constexpr Duration kBetweenLines = std::chrono::seconds(10);          // not on a terminal
constexpr Duration kBetweenRewrites = std::chrono::milliseconds(80);  // on a terminal

}  // namespace

Progress::Progress(const Console& console, const Clock& clock, bool enabled)
    : console_(console), clock_(clock), enabled_(enabled && !console.quiet()) {
  started_ = shown_ = clock_.now();
}

Progress::~Progress() {
  clear();
}

void Progress::begin(std::string_view name, std::optional<Duration> budget) {
  clear();
  name_ = escape_control(name);
  stage_.clear();
  size_.clear();
  trials_ = 0;
  budget_ = budget;
  started_ = shown_ = clock_.now();
}

void Progress::clear() {
  if (!line_open_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  line_open_ = false;
}

void Progress::stage(std::string_view what) {
  stage_ = what;
  show(console_.interactive());
}

void Progress::trial_finished(const Trial&, const Outcome&, Origin) {
  ++trials_;
  show(false);
}

void Progress::size(std::size_t current, std::size_t initial) {
  size_ = fmt::format("{} of {} executions", current, initial);
  show(false);
}

void Progress::warning(std::string_view text) {
  clear();
  console_.warning(escape_control(text));
}

void Progress::show(bool now) {
  if (!enabled_) return;
  const TimePoint time = clock_.now();
  const Duration wait = console_.interactive() ? kBetweenRewrites : kBetweenLines;
  if (!now && time - shown_ < wait) return;
  shown_ = time;
  std::string line = fmt::format("{}: {}", name_, stage_);
  if (trials_ > 0) line += fmt::format(" · {} trial{}", trials_, trials_ == 1 ? "" : "s");
  if (!size_.empty()) line += " · " + size_;
  const Duration elapsed = time - started_;
  line += " · " + format_duration(elapsed);
  if (budget_ && *budget_ > elapsed)
    line += fmt::format(" ({} of the budget left)", format_duration(*budget_ - elapsed));
  if (console_.interactive()) {
    std::fprintf(stderr, "\r\x1b[K%.*s", static_cast<int>(console_.talk_style().width - 1),
                 line.c_str());
    std::fflush(stderr);
    line_open_ = true;
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
}

}  // namespace nbreplay::cli
