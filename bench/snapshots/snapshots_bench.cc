// What a branch costs: fork, a trivial cell, exit, unsandboxed. Prints medians beside the goals.
//
//   snapshots_bench ENVIRONMENT [COUNT]
//
// One process executes the cells before; with "generations" each cell is executed by a process that
// was forked from the snapshot before it, which no command does on purpose.
//
// ENVIRONMENT has numpy, pandas and scikit-learn. Each figure is the median of COUNT (50) branches,
// one at a time. Two figures each: `fork` is from asking a snapshot for a runner to the runner's
// end; `answer` is a whole trial, from submitting it to WorkerTrialRunner to its answer, with all
// that a trial needs besides: pristine files, limits, the look at the environment.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "answers.h"
#include "forks.h"

namespace nbreplay::bench {
namespace {

constexpr std::size_t kDepth = 100;
constexpr double kBareGoal = 6;
constexpr double kLibrariesGoal = 25;
constexpr double kDepthGoal = 2.5;

const char* const kLibraries =
    "import numpy as np\nimport pandas as pd\n"
    "from sklearn.linear_model import LogisticRegression\n"
    "frame = pd.DataFrame({'width': np.arange(50.0), 'tall': np.arange(50) % 7 > 3})\n"
    "model = LogisticRegression().fit(frame[['width']], frame['tall'])";

/// 1 GiB, every page of it written; `advice` decides the size of pages.
std::string touched_memory(const char* advice) {
  return fmt::format(
      "import mmap\n"
      "held = mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
      "held.madvise(mmap.{})\n"
      "for place in range(0, 1 << 30, mmap.PAGESIZE):\n"
      "    held[place] = 1",
      advice);
}

Sources deep(const std::string& first) {
  Sources cells = {first};
  while (cells.size() < kDepth) cells.push_back(fmt::format("step_{} = 1", cells.size()));
  return cells;
}

struct Row {
  double fork = 0;
  double answer = 0;
};

void print_heading() {
  fmt::print("{:44}{:>10}{:>8}{:>12}{:>8}   {}\n", "milliseconds: median (least)", "fork", "",
             "answer", "", "of the answer: until cell / cell / after");
}

Row measure(const Stage& stage, const char* name, const Prefix& prefix, std::size_t count) {
  const std::vector<double> forks = time_forks(stage, prefix, count);
  const AnswerTimes answers = time_answers(stage, prefix, count);
  const auto least = [](const std::vector<double>& all) {
    return fmt::format("({:.1f})", *std::min_element(all.begin(), all.end()));
  };
  const Row row{median(forks), median(answers.whole)};
  fmt::print("{:44}{:10.1f}{:>8}{:12.1f}{:>8}   {:.1f} / {:.1f} / {:.1f}\n", name, row.fork,
             least(forks), row.answer, least(answers.whole), median(answers.until_cell),
             median(answers.cell), median(answers.after_cell));
  std::fflush(stdout);
  return row;
}

void print_goal(const char* what, double number, double goal) {
  fmt::print("{:64}{:8.2f}  at most {:4}  {}\n", what, number, goal,
             number <= goal ? "reached" : "MISSED");
}

void run(const Path& environment, std::size_t count) {
  const Stage stage(environment);
  print_heading();
  const Row bare = measure(stage, "no libraries", {{"first = 1"}}, count);
  const Row libraries = measure(stage, "numpy, pandas, scikit-learn", {{kLibraries}}, count);
  const Row bare_deep = measure(stage, "no libraries, after 100 cells", {deep("first = 1")}, count);
  const Row libraries_deep =
      measure(stage, "the libraries, after 100 cells", {deep(kLibraries)}, count);
  measure(stage, "no libraries, 100 generations", {deep("first = 1"), true}, count);
  measure(stage, "the libraries, 100 generations", {deep(kLibraries), true}, count);
  const Row small_pages =
      measure(stage, "1 GiB touched, 4 KiB pages", {{touched_memory("MADV_NOHUGEPAGE")}}, count);
  const Row huge_pages =
      measure(stage, "1 GiB touched, huge pages", {{touched_memory("MADV_HUGEPAGE")}}, count);

  fmt::print(
      "\n1 GiB of touched memory adds {:.1f} ms with 4 KiB pages, {:.1f} ms with huge pages\n",
      small_pages.fork - bare.fork, huge_pages.fork - bare.fork);
  for (const auto& [name, figure] :
       {std::pair{"fork", &Row::fork}, std::pair{"answer", &Row::answer}}) {
    fmt::print("\n{}\n", name);
    print_goal("no libraries, ms", bare.*figure, kBareGoal);
    print_goal("numpy, pandas, scikit-learn, ms", libraries.*figure, kLibrariesGoal);
    print_goal("depth 100 / depth 1, no libraries", bare_deep.*figure / bare.*figure, kDepthGoal);
    print_goal("depth 100 / depth 1, numpy, pandas, scikit-learn",
               libraries_deep.*figure / libraries.*figure, kDepthGoal);
  }
}

}  // namespace
}  // namespace nbreplay::bench

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "Usage: snapshots_bench ENVIRONMENT [COUNT]\n");
    return 2;
  }
  const std::size_t count = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 50;
  nbreplay::bench::run(std::filesystem::absolute(argv[1]), std::max<std::size_t>(count, 1));
}
