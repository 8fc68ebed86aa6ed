#include "process/worker_request.h"

#include <algorithm>

#include "nbreplay/base/hash.h"
#include "nbreplay/process/installation.h"

#include "process/font_cache.h"
#include "process/variables.h"

namespace nbreplay::process {
namespace {

/// The launcher, and what it starts before the limit of the notebook's user counts.
constexpr std::size_t kOutsideProcesses = 4;

std::vector<std::string> as_strings(const std::vector<Path>& paths) {
  std::vector<std::string> strings;
  for (const Path& path : paths) strings.push_back(path.string());
  return strings;
}

}  // namespace

Result<LaunchRequest> launch_request(const SessionContext& context, const Trial& trial,
                                     FileSpace& space) {
  LaunchRequest request;
  NBREPLAY_TRY(request.argv, worker_command(context.settings.installation, *trial.environment));
  const Places places = space.places();
  space.lend_fonts(font_folder(context.settings.cache_folder, *trial.environment) / kFontLists);
  const auto share = usable_processors() / std::max<std::size_t>(1, context.settings.jobs);
  const VariableSources sources{*trial.environment,
                                places.home,
                                places.temporary,
                                places.matplotlib,
                                static_cast<unsigned>(std::max<std::size_t>(1, share)),
                                trial.hash_seed};
  request.working_directory = places.working_directory;
  request.variables = notebook_variables(sources, trial.variables);
  request.file_size = trial.limits.files_written;
  request.address_space = trial.limits.address_space;
  request.confined = context.settings.confined || context.settings.sandbox;
  NBREPLAY_TRY_VOID(space.describe(trial, request));
  if (request.sandbox)
    request.together = {trial.limits.memory, request.sandbox->processes + kOutsideProcesses};
  return request;
}

protocol::Configure configure_request(const SessionContext& context, const Trial& trial) {
  protocol::Configure configure;
  configure.python_executable = trial.environment->interpreter.executable.string();
  configure.worker_package = context.settings.installation.worker_package.string();
  configure.append_path = as_strings(trial.environment->append_path);
  configure.prepend_path = as_strings(trial.environment->prepend_path);
  configure.shell =
      trial.shell == Shell::kPlain ? protocol::ShellKind::kPlain : protocol::ShellKind::kIPython;
  configure.hash_seed = trial.hash_seed;
  configure.random_seed = trial.random_seed;
  configure.sandboxed = context.settings.sandbox.has_value();
  configure.network_closed = configure.sandboxed && !context.settings.sandbox->network;
  configure.placeholder_modules = trial.placeholder_modules;
  return configure;
}

std::string start_key(const SessionContext& context, const Trial& trial) {
  Hasher hasher;
  if (context.settings.sandbox) {
    hasher.add(trial.project->root.native());
    for (const Path& input : trial.project->inputs) hasher.add(input.native());
    hasher.add(std::uint64_t{trial.limits.files}).add(std::uint64_t{trial.limits.processes});
  }
  hasher.add(trial.environment->interpreter.executable.native()).add(trial.environment->hash);
  hasher.add(static_cast<std::uint64_t>(trial.shell)).add(trial.hash_seed);
  hasher.add(std::uint64_t{trial.random_seed.has_value()}).add(trial.random_seed.value_or(0));
  hasher.add(trial.placeholder_modules.size());
  for (const std::string& module : trial.placeholder_modules) hasher.add(module);
  for (const auto& [name, value] : trial.variables) hasher.add(name).add(value);
  hasher.add(trial.limits.files_written.count);
  hasher.add(trial.limits.address_space.value_or(Bytes{}).count);
  return hasher.hex();
}

}  // namespace nbreplay::process
