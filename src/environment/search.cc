#include "environment/search.h"

#include <fmt/format.h>

#include <algorithm>

#include "nbreplay/base/hash.h"

#include "environment/ipython.h"
#include "environment/layout.h"
#include "environment/versions.h"

namespace nbreplay::environment {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOldest = "3.8";

/// The executable behind a virtual environment's: where its home says, else where its link leads
/// (pyvenv.cfg of an environment that was moved or copied may be out of date).
Path base_executable(const Path& executable, const VirtualEnvironment& settings) {
  std::error_code failed;
  const Path real = fs::canonical(executable, failed);
  const bool is_link =
      !failed && real.parent_path() != fs::canonical(executable.parent_path(), failed);
  if (is_link) return real;
  const std::string minor = minor_of(settings.version);
  for (const std::string& name : {"python" + minor, std::string("python3"), std::string("python")})
    if (const Path file = settings.home / name; is_program(file))
      return fs::canonical(file, failed);
  return real;
}

}  // namespace

Path absolute_path(const Path& path) {
  std::error_code failed;
  Path result = fs::absolute(path, failed).lexically_normal();
  if (!result.has_filename()) result = result.parent_path();  // "env/" is "env"
  return result;
}

bool is_there(const Path& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}

bool is_folder(const Path& path) {
  std::error_code failed;
  return fs::is_directory(path, failed);
}

Search::Search(const EnvironmentSettings& settings, ChildRunner& children)
    : settings_(settings), children_(children), cache_(settings.cache_folder) {}

Result<Found> Search::at(const Path& executable, std::string_view found_by) {
  const Path prefix = executable.parent_path().parent_path();
  const auto settings = read_virtual_environment(prefix);
  std::error_code failed;
  const Path base =
      settings ? base_executable(executable, *settings) : fs::canonical(executable, failed);
  NBREPLAY_TRY(const ProbeFacts facts, cache_.facts(children_, base.empty() ? executable : base));
  if (facts.implementation != "cpython")
    return environment_error(
        fmt::format("{}: is not CPython with its global lock", executable.string()),
        fmt::format("it says it is {}", facts.implementation), "choose a CPython (--python)");
  if (compare_versions(facts.version, kOldest) < 0)
    return environment_error(fmt::format("{}: is Python {}, which is older than {}",
                                         executable.string(), facts.version, kOldest),
                             "", "choose a newer one (--python)");
  Found found;
  Interpreter& interpreter = found.interpreter;
  interpreter.executable = executable;
  interpreter.version = facts.version;
  interpreter.minor = minor_of(facts.version);
  interpreter.libpython = facts.libpython;
  interpreter.base_prefix = facts.base_prefix;
  interpreter.prefix = settings ? prefix : facts.base_prefix;
  interpreter.found_by = found_by;
  if (settings)
    found.site_packages.push_back(prefix / "lib" / ("python" + interpreter.minor) /
                                  "site-packages");
  if (!settings || settings->system_site_packages)
    for (const Path& folder : facts.site_packages)
      if (is_folder(folder)) found.site_packages.push_back(folder);
  return found;
}

Result<Found> Search::in_folder(const Path& folder, std::string_view found_by) {
  const Path executable = executable_in(folder);
  std::error_code no_link;
  const Path target = fs::read_symlink(folder / "bin" / "python", no_link);
  if (!no_link && executable.empty())
    return environment_error(
        fmt::format("{}: its interpreter cannot be reached", folder.string()),
        fmt::format("bin/python is a link to {}", target.string()),
        "make the environment anew, or choose another: --environment or --python");
  if (executable.empty() || !is_there(executable))
    return usage_error(
        fmt::format("{}: is no virtual environment and no conda prefix", folder.string()),
        "give the folder that holds bin/python");
  return at(executable, found_by);
}

std::vector<Found> Search::all() {
  std::vector<Found> found;
  for (const auto& candidate : candidates(settings_.surroundings))
    if (auto one = at(candidate.executable, candidate.found_by)) found.push_back(std::move(*one));
  return found;
}

bool Search::has_worker(const Interpreter& interpreter) const {
  return !interpreter.libpython.empty() &&
         std::find(settings_.worker_minors.begin(), settings_.worker_minors.end(),
                   interpreter.minor) != settings_.worker_minors.end();
}

Environment environment_of(Found found, const Choosing& choosing, const Path& ipython_supply) {
  Environment result;
  result.interpreter = std::move(found.interpreter);
  result.site_packages = std::move(found.site_packages);
  result.packages = packages_in(result.site_packages);
  result.source = choosing.source;
  result.why = fmt::format("{}: {}", result.interpreter.executable.string(), choosing.why);
  result.display_name = !choosing.name.empty() ? choosing.name
                        : result.interpreter.prefix != result.interpreter.base_prefix
                            ? result.interpreter.prefix.filename().string()
                            : fmt::format("python {}", result.interpreter.minor);
  provide_ipython(result, ipython_supply);
  Hasher hasher;
  hasher.add(result.interpreter.version);
  for (const PackageVersion& package : result.packages)
    hasher.add(package.name).add(package.version);
  // What comes along decides outcomes as much as what is installed.
  hasher.add(result.ipython_version).add(result.prepend_path.empty() ? "after" : "before");
  result.hash = hasher.hex();
  return result;
}

}  // namespace nbreplay::environment
