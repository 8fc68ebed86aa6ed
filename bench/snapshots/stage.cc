#include "stage.h"

#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "nbreplay/environment/local_environments.h"
#include "nbreplay/process/child_runner.h"
#include "nbreplay/process/project.h"

namespace nbreplay::bench {

Stage::Stage(const Path& environment) {
  std::string name = (std::filesystem::temp_directory_path() / "snapshots-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail(name + " cannot be made");
  folder_ = name;
  const Path notebook = folder_ / "project/bench.ipynb";
  std::filesystem::create_directories(notebook.parent_path());
  std::ofstream(notebook) << "{}";

  process::BoostChildRunner children(nullptr);
  const process::Installation parts = process::installation_in(NBREPLAY_BENCH_BUILD);
  LocalEnvironments environments(
      {process::built_minors(parts), parts.ipython_supply, {}, Surroundings::of_process()},
      children);
  EnvironmentRequest wanted;
  wanted.environment = environment;
  environment_ = std::make_shared<const Environment>(or_fail(environments.find(wanted)));
  process::ProjectRequest request;
  request.notebook = notebook;
  project_ = or_fail(process::make_project(request));
}

Stage::~Stage() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Trial Stage::trial(const Sources& sources) const {
  Trial made;
  for (const std::string& source : sources)
    made.executions.push_back({made.executions.size(), "", source, false});
  made.environment = environment_;
  made.project = project_;
  return made;
}

process::RunnerSettings Stage::settings() const {
  process::RunnerSettings settings;
  settings.installation = process::installation_in(NBREPLAY_BENCH_BUILD);
  settings.cache_folder = folder_ / "cache";
  settings.snapshot_memory = gib(8);
  settings.snapshot_every_cell = true;
  return settings;
}

void fail(const std::string& why) {
  std::fprintf(stderr, "error: %s\n", why.c_str());
  std::exit(1);
}

double median(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers.at(numbers.size() / 2);
}

}  // namespace nbreplay::bench
