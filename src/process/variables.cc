#include "process/variables.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace nbreplay::process {
namespace {

void set(Variables& variables, std::string_view name, std::string value) {
  const auto same = [&](const auto& entry) { return entry.first == name; };
  const auto found = std::find_if(variables.begin(), variables.end(), same);
  if (found != variables.end())
    found->second = std::move(value);
  else
    variables.emplace_back(name, std::move(value));
}

/// "Europe/Vienna" from /etc/localtime's target, so that the zone survives where that link is
/// not visible; empty when it is no such link.
std::string host_time_zone() {
  if (const char* zone = std::getenv("TZ")) return zone;
  std::error_code failed;
  const std::string target = std::filesystem::read_symlink("/etc/localtime", failed).string();
  constexpr std::string_view kFolder = "zoneinfo/";
  const std::size_t at = target.find(kFolder);
  return at == std::string::npos ? "" : target.substr(at + kFolder.size());
}

void add_hardware_settings(Variables& variables) {
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (text.starts_with("OPENBLAS_") && equals != std::string_view::npos)
      set(variables, text.substr(0, equals), std::string(text.substr(equals + 1)));
  }
}

/// As activating the environment would.
void add_environment(Variables& variables, const Interpreter& python) {
  const std::string folder = python.executable.parent_path().string();
  set(variables, "PATH", folder + ":/usr/local/bin:/usr/bin:/bin");
  std::error_code failed;
  if (std::filesystem::exists(python.prefix / "pyvenv.cfg", failed))
    set(variables, "VIRTUAL_ENV", python.prefix.string());
  if (std::filesystem::is_directory(python.prefix / "conda-meta", failed))
    set(variables, "CONDA_PREFIX", python.prefix.string());
}

}  // namespace

Variables notebook_variables(const VariableSources& sources, const Variables& added) {
  Variables variables;
  add_environment(variables, sources.environment.interpreter);
  set(variables, "HOME", sources.home.string());
  set(variables, "TMPDIR", sources.temporary.string());
  set(variables, "LANG", "C.UTF-8");
  if (std::string zone = host_time_zone(); !zone.empty()) set(variables, "TZ", std::move(zone));
  set(variables, "PYTHONHASHSEED", fmt::to_string(sources.hash_seed));
  // What Jupyter's kernel sets for itself.
  set(variables, "TERM", "xterm-color");
  for (const char* name : {"CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR"}) set(variables, name, "1");
  for (const char* name : {"PAGER", "GIT_PAGER"}) set(variables, name, "cat");
  set(variables, "MPLBACKEND", "module://matplotlib_inline.backend_inline");
  set(variables, "MPLCONFIGDIR", sources.matplotlib_folder.string());
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                           "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS"})
    set(variables, name, fmt::to_string(sources.threads));
  add_hardware_settings(variables);
  for (const auto& [name, value] : added) set(variables, name, value);
  return variables;
}

unsigned usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0)
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  return static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace nbreplay::process
