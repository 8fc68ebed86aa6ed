#include "nbreplay/process/installation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace nbreplay::process {
namespace {

constexpr std::string_view kModulePrefix = "nbreplay-worker-";
constexpr std::string_view kModuleSuffix = ".so";

Status check_program(const Path& program) {
  if (::access(program.c_str(), X_OK) == 0) return {};
  return environment_error(fmt::format("{}: a part of nbreplay is missing", program.string()), "",
                           "build it again with scripts/quickstart.sh, or reinstall");
}

/// "3.9" before "3.11".
bool older(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

Error no_worker(const Installation& installation, const Environment& environment) {
  const std::vector<std::string> built = built_minors(installation);
  const std::string have =
      built.empty() ? "for no Python at all" : fmt::format("for {}", fmt::join(built, ", "));
  return environment_error(
      fmt::format("{}: no worker was built for Python {}",
                  environment.interpreter.executable.string(), environment.interpreter.minor),
      fmt::format("workers were built {}", have),
      fmt::format("choose another interpreter (--python), or build again with "
                  "NBREPLAY_PYTHONS={}",
                  environment.interpreter.executable.string()));
}

}  // namespace

Installation installation_in(const Path& prefix) {
  Installation installation;
  installation.modules = prefix / "libexec" / "nbreplay";
  installation.launcher = installation.modules / "nbreplay-launcher";
  installation.worker = installation.modules / "nbreplay-worker";
  installation.share = prefix / "share" / "nbreplay";
  installation.worker_package = installation.share / "worker";
  installation.ipython_supply = installation.share / "ipython";
  return installation;
}

std::vector<std::string> built_minors(const Installation& installation) {
  std::vector<std::string> minors;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(installation.modules, failed), end;
       !failed && entry != end; entry.increment(failed)) {
    std::string name = entry->path().filename().string();
    if (!name.starts_with(kModulePrefix) || !name.ends_with(kModuleSuffix)) continue;
    name.resize(name.size() - kModuleSuffix.size());
    minors.push_back(name.substr(kModulePrefix.size()));
  }
  std::sort(minors.begin(), minors.end(), older);
  return minors;
}

Result<std::vector<std::string>> worker_command(const Installation& installation,
                                                const Environment& environment) {
  NBREPLAY_TRY_VOID(check_program(installation.launcher));
  NBREPLAY_TRY_VOID(check_program(installation.worker));
  const Interpreter& python = environment.interpreter;
  if (python.libpython.empty())
    return environment_error(
        fmt::format("{}: was built without a shared libpython, which a worker loads",
                    python.executable.string()),
        "",
        "choose an interpreter with one (--python): Debian's, conda's, uv's, or pyenv's built "
        "with PYTHON_CONFIGURE_OPTS=--enable-shared");
  const Path module = installation.modules /
                      (std::string(kModulePrefix) + python.minor + std::string(kModuleSuffix));
  if (::access(module.c_str(), R_OK) != 0) return no_worker(installation, environment);
  return std::vector<std::string>{installation.worker.string(), module.string(),
                                  python.libpython.string()};
}

}  // namespace nbreplay::process
