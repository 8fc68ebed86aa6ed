#include "sandbox/host_canary.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "nbreplay/base/hash.h"

namespace nbreplay::test {
namespace {

std::string content_of(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

void plant_canary(const Path& folder) {
  std::filesystem::create_directories(folder / ".ssh");
  std::filesystem::create_directories(folder / "deep" / "er");
  for (const char* name : {".ssh/id_rsa", "credentials", "deep/er/leaf"})
    std::ofstream(folder / name) << kSecret << '\n';
  std::filesystem::create_symlink("credentials", folder / "link");
}

std::string tree_digest(const Path& folder) {
  std::vector<Path> paths = {folder};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  Hasher hasher;
  for (const Path& path : paths) {
    struct stat facts {};
    ::lstat(path.c_str(), &facts);
    hasher.add(fmt::format("{} {:o} {} {} {}.{}", path.native(), facts.st_mode, facts.st_uid,
                           facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec));
    if (S_ISREG(facts.st_mode)) hasher.add(content_of(path));
    if (S_ISLNK(facts.st_mode)) hasher.add(std::filesystem::read_symlink(path).native());
  }
  return hasher.hex();
}

std::string mounts() {
  return content_of("/proc/self/mounts");
}

}  // namespace nbreplay::test
