#include "environment/candidates.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string_view>

namespace nbreplay::environment {
namespace {

namespace fs = std::filesystem;

constexpr int kNewestMinor = 29;

class Collector {
 public:
  void add(const Path& executable, std::string_view found_by) {
    if (!executable.is_absolute() || !is_program(executable)) return;
    std::error_code failed;
    const Path real = fs::canonical(executable, failed);
    // A virtual environment's link leads to its base, and is not the same.
    const Path folder = executable.parent_path().parent_path();
    const bool is_virtual = fs::exists(folder / "pyvenv.cfg", failed);
    if (seen_.emplace(real, is_virtual ? folder : Path()).second)
      found_.push_back({executable, std::string(found_by)});
  }

  /// `folder`/*/bin/python3, by name.
  void add_versions(const Path& folder, std::string_view found_by) {
    std::error_code failed;
    std::vector<Path> versions;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed))
      versions.push_back(entry->path());
    std::sort(versions.begin(), versions.end());
    for (const Path& version : versions) add(version / "bin" / "python3", found_by);
  }

  std::vector<Candidate> take() { return std::move(found_); }

 private:
  std::set<std::pair<Path, Path>> seen_;
  std::vector<Candidate> found_;
};

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool is_program(const Path& file) {
  std::error_code failed;
  if (!fs::is_regular_file(file, failed) || ::access(file.c_str(), X_OK) != 0) return false;
  char first[2] = {};
  std::ifstream(file, std::ios::binary).read(first, 2);
  return first[0] != '#' || first[1] != '!';
}

std::vector<Candidate> candidates(const Surroundings& surroundings) {
  Collector found;
  if (!surroundings.nbreplay_pythons.empty()) {
    for (const std::string& one : split(surroundings.nbreplay_pythons, ";:"))
      found.add(one, "NBREPLAY_PYTHONS");
    return found.take();
  }
  for (const Path folder : split(surroundings.path, ":")) {
    found.add(folder / "python3", "PATH");
    for (int minor = kOldestMinor; minor <= kNewestMinor; ++minor)
      found.add(folder / ("python3." + std::to_string(minor)), "PATH");
  }
  const Path& home = surroundings.home;
  if (!home.empty()) found.add_versions(home / ".pyenv" / "versions", "pyenv");
  if (!surroundings.pyenv_root.empty())
    found.add_versions(surroundings.pyenv_root / "versions", "pyenv");
  if (!home.empty()) found.add_versions(home / ".local" / "share" / "uv" / "python", "uv");
  if (!surroundings.conda_prefix.empty())
    found.add(surroundings.conda_prefix / "bin" / "python3", "conda");
  if (!home.empty()) {
    for (const char* name : {"miniconda3", "anaconda3", "miniforge3"}) {
      found.add(home / name / "bin" / "python3", "conda");
      found.add_versions(home / name / "envs", "conda");
    }
  }
  return found.take();
}

}  // namespace nbreplay::environment

namespace nbreplay {

Surroundings Surroundings::of_process() {
  using environment::variable;
  return {variable("NBREPLAY_PYTHONS"), variable("PATH"),        variable("HOME"),
          variable("PYENV_ROOT"),       variable("VIRTUAL_ENV"), variable("CONDA_PREFIX")};
}

}  // namespace nbreplay
