#include "cli/installed.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "nbreplay/base/hash.h"
#include "nbreplay/report/version.h"

namespace nbreplay::cli {
namespace {

namespace fs = std::filesystem;

void add_file(const Path& file, std::vector<std::string>& stamps) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return;
  stamps.push_back(fmt::format("{} {} {}.{:09}", file.filename().string(), status.st_size,
                               status.st_mtim.tv_sec, status.st_mtim.tv_nsec));
}

void add_files_in(const Path& folder, std::string_view extension,
                  std::vector<std::string>& stamps) {
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed))
    if (entry->path().extension() == extension) add_file(entry->path(), stamps);
}

}  // namespace

process::Installation find_installation() {
  std::error_code failed;
  const Path executable = fs::read_symlink("/proc/self/exe", failed);
  return process::installation_in(executable.parent_path().parent_path());
}

std::string worker_identity(const process::Installation& installation) {
  std::vector<std::string> stamps;
  add_file(installation.launcher, stamps);
  add_file(installation.worker, stamps);
  add_files_in(installation.modules, ".so", stamps);
  add_files_in(installation.worker_package / "nbreplay_worker", ".py", stamps);
  std::sort(stamps.begin(), stamps.end());
  Hasher hasher;
  hasher.add(kVersion);
  for (const std::string& stamp : stamps) hasher.add(stamp);
  return hasher.hex();
}

}  // namespace nbreplay::cli
