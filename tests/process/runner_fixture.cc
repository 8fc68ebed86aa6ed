#include "process/runner_fixture.h"

#include <fstream>

#include "nbreplay/process/project.h"

namespace nbreplay::test {

using std::chrono::milliseconds;

RunnerTest::RunnerTest()
    : project_folder_(folder_.path() / "project"),
      environment_(std::make_shared<const Environment>(test_environment())) {
  std::filesystem::create_directories(project_folder_);
  write_project_file("book.ipynb", "{}");
  settings_.installation = test_installation();
  settings_.cache_folder = folder_.path() / "cache";
  settings_.interrupt_grace = milliseconds(500);
}

void RunnerTest::write_project_file(const std::string& name, const std::string& content) {
  std::ofstream(project_folder_ / name) << content;
}

Trial RunnerTest::trial(const std::vector<std::string>& sources) {
  Trial made;
  for (const std::string& source : sources)
    made.executions.push_back({made.executions.size(), "", source, false});
  made.environment = environment_;
  made.keep_outputs = true;
  process::ProjectRequest request;
  request.notebook = project_folder_ / "book.ipynb";
  auto project = process::make_project(request);
  EXPECT_TRUE(project) << project.error().message;
  if (project) made.project = *project;
  return made;
}

std::unique_ptr<process::WorkerTrialRunner> RunnerTest::runner() {
  return std::make_unique<process::WorkerTrialRunner>(settings_);
}

Outcome RunnerTest::run(Trial made) {
  const auto one = runner();
  one->submit(std::move(made), Freshness::kFresh, {});
  auto answer = one->wait({});
  if (!answer || !*answer) {
    ADD_FAILURE() << (answer ? "no answer" : answer.error().message);
    return {};
  }
  EXPECT_EQ((*answer)->origin, Origin::kFresh);
  return std::move((*answer)->outcome);
}

Outcome RunnerTest::run_cells(const std::vector<std::string>& sources) {
  return run(trial(sources));
}

std::string outputs(const Outcome& outcome, std::size_t position) {
  std::string all;
  if (position < outcome.cells.size())
    for (const OutputJson& output : outcome.cells[position].outputs) all += output + "\n";
  return all;
}

Crash crash_of(const Outcome& outcome, std::size_t position) {
  if (position < outcome.cells.size())
    if (const auto* raised = std::get_if<Raised>(&outcome.cells[position].end))
      return raised->crash;
  ADD_FAILURE() << "cell " << position << " did not raise: " << ends(outcome) << ", "
                << describe(outcome.termination);
  return {};
}

std::string ends(const Outcome& outcome) {
  static constexpr const char* kWords[] = {"completed", "raised", "interrupted", "not-reached"};
  std::string all;
  for (const CellOutcome& cell : outcome.cells) {
    if (!all.empty()) all += " ";
    all += kWords[cell.end.index()];
  }
  return all;
}

}  // namespace nbreplay::test
