#include "nbreplay/trial/trial.h"

#include "nbreplay/base/hash.h"

namespace nbreplay {
namespace {

/// Raised whenever the meaning of a key's fields changes, so that older answers are not found.
constexpr std::uint64_t kKeyVersion = 2;

void add_paths(Hasher& hasher, const std::vector<Path>& paths) {
  hasher.add(paths.size());
  for (const Path& path : paths) hasher.add(path.native());
}

void add_executions(Hasher& hasher, const std::vector<Execution>& executions) {
  hasher.add(executions.size());
  for (const Execution& execution : executions) {
    hasher.add(execution.cell).add(execution.cell_id).add(execution.source);
    hasher.add(std::uint64_t{execution.may_fail});
  }
}

/// The hash names version and packages; the folder is there too because packages installed in
/// place (`pip install -e`) and loose modules are the same by name only.
void add_environment(Hasher& hasher, const Environment& environment) {
  hasher.add(environment.interpreter.version).add(environment.hash);
  hasher.add(environment.interpreter.prefix.native());
  add_paths(hasher, environment.append_path);
  add_paths(hasher, environment.prepend_path);
}

/// `hidden` and `copy_cap` say nothing about what a run sees beyond the digest.
void add_project(Hasher& hasher, const Project& project) {
  hasher.add(project.root.native()).add(project.working_directory.native());
  hasher.add(project.notebook.native()).add(project.digest);
  add_paths(hasher, project.inputs);
}

/// Limits that nbreplay derives vary from call to call and must not spoil the cache: an outcome
/// that met one is never stored.
void add_given_limits(Hasher& hasher, const Limits& limits) {
  const auto add = [&](bool given, std::uint64_t value) {
    hasher.add(std::uint64_t{given});
    if (given) hasher.add(value);
  };
  const auto count = [](const std::optional<Duration>& time) {
    return time ? static_cast<std::uint64_t>(time->count()) : 0;
  };
  add(limits.given.cell_timeout, count(limits.cell_timeout));
  add(limits.given.budget, count(limits.budget));
  add(limits.given.memory, limits.memory.count);
  add(limits.given.output, limits.output_per_stream.count);
  add(limits.given.output, limits.output_per_run.count);
  add(limits.given.files, limits.files_written.count);
  const Limits usual;
  add(limits.files != usual.files, limits.files);
  add(limits.processes != usual.processes, limits.processes);
  add(limits.address_space.has_value(), limits.address_space.value_or(Bytes{}).count);
}

}  // namespace

std::string Trial::key() const {
  Hasher hasher;
  hasher.add(kKeyVersion);
  add_executions(hasher, executions);
  hasher.add(std::uint64_t{environment != nullptr});
  if (environment) add_environment(hasher, *environment);
  hasher.add(std::uint64_t{project != nullptr});
  if (project) add_project(hasher, *project);
  hasher.add(variables.size());
  for (const auto& [name, value] : variables) hasher.add(name).add(value);
  hasher.add(placeholder_modules.size());
  for (const std::string& module : placeholder_modules) hasher.add(module);
  hasher.add(extra_files.size());
  for (const ExtraFile& file : extra_files) {
    hasher.add(file.path).add(file.content).add(std::uint64_t{file.folder}).add(file.before);
  }
  add_given_limits(hasher, limits);
  hasher.add(hash_seed);
  hasher.add(std::uint64_t{random_seed.has_value()}).add(random_seed.value_or(0));
  hasher.add(static_cast<std::uint64_t>(shell)).add(std::uint64_t{observe});
  hasher.add(std::uint64_t{keep_outputs});
  return hasher.hex();
}

}  // namespace nbreplay
