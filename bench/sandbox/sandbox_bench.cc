// What a sandbox costs, and how soon a verdict follows its limit. Prints figures beside the goals.
//
//   sandbox_bench ENVIRONMENT [COUNT]
//
// Launches with and without a sandbox take turns, COUNT (50) of each. Views stand on up to 60
// layers. A verdict's delay is from the moment that its limit is reached, as the cell itself says,
// or for times as the limit is, to the answer of the trial, in which everything was killed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "launches.h"

namespace nbreplay::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLaunchGoal = 15;
constexpr double kViewGoal = 2;
constexpr std::size_t kDeepest = 60;

double least(const std::vector<double>& numbers) {
  return *std::min_element(numbers.begin(), numbers.end());
}

void print_launches(const Stage& stage, std::size_t count) {
  const LaunchTimes times = time_launches(stage, count);
  const double more = median(times.sandboxed) - median(times.open);
  fmt::print(
      "launch, ms, median (least): open {:.1f} ({:.1f}), sandboxed {:.1f} ({:.1f}), "
      "{:.1f} more; goal {}: {}\n",
      median(times.open), least(times.open), median(times.sandboxed), least(times.sandboxed), more,
      kLaunchGoal, more <= kLaunchGoal ? "reached" : "missed");
}

void print_views(const Stage& stage) {
  const std::vector<double> times = time_views(stage, kDeepest);
  const double worst = *std::max_element(times.begin(), times.end());
  fmt::print(
      "another view, ms: on 1 layer {:.2f}, on {} layers {:.2f}, median {:.2f}, most {:.2f}; "
      "goal {}: {}\n",
      times.front(), kDeepest, times.back(), median(times), worst, kViewGoal,
      median(times) <= kViewGoal ? "reached" : "missed");
}

/// From the start of the cell to the answer, less `limit`.
void print_verdict(const Stage& stage, const char* what, Trial trial, double limit) {
  process::RunnerSettings settings = stage.settings();
  settings.sandbox.emplace();
  settings.confined = true;
  settings.snapshot_memory.reset();
  process::WorkerTrialRunner runner(settings);
  TimePoint began;
  TrialEvents events;
  events.cell_started = [&](std::size_t) { began = Clock::now(); };
  runner.submit(std::move(trial), Freshness::kFresh, std::move(events));
  const auto answer = or_fail(runner.wait({}));
  const double took = Milliseconds(Clock::now() - began).count();
  fmt::print("{:24}{:>8.0f} ms   {}\n", what, took - limit, describe(answer->outcome.termination));
}

void print_verdicts(const Stage& stage) {
  fmt::print("verdict after its limit, killing included:\n");
  Trial spin = stage.trial({"while True: pass"});
  spin.limits.cell_timeout = std::chrono::seconds(1);
  print_verdict(stage, "time of a cell", spin, 1000);
  Trial disk = stage.trial({"open('x', 'wb').write(b'x' * (1 << 25))"});
  disk.limits.files_written = mib(16);
  print_verdict(stage, "disk, from 0", disk, 0);
  Trial many =
      stage.trial({"import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(600)"});
  many.limits.processes = 64;
  print_verdict(stage, "processes, from 0", many, 0);
  Trial memory = stage.trial({"held = []\nwhile True: held.append(bytearray(1 << 20))"});
  memory.limits.memory = mib(256);
  print_verdict(stage, "memory, from 0", memory, 0);
}

int measure(const Path& environment, std::size_t count) {
  const Stage stage(environment);
  print_launches(stage, count);
  print_views(stage);
  print_verdicts(stage);
  return 0;
}

}  // namespace
}  // namespace nbreplay::bench

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "usage: {} ENVIRONMENT [COUNT]\n", argv[0]);
    return 2;
  }
  const int count = argc == 3 ? std::atoi(argv[2]) : 50;
  return nbreplay::bench::measure(argv[1], static_cast<std::size_t>(std::max(1, count)));
}
