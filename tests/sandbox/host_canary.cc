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

/// Of a large file, whose reading would take seconds, its beginning: the time of its last change
/// says the rest.
constexpr std::uintmax_t kLarge = 16U << 20;

std::string content_of(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  if (std::error_code none; std::filesystem::file_size(path, none) > kLarge && !none) {
    std::string begin(1U << 20, '\0');
    file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    return begin;
  }
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
    hasher.add(fmt::format("{} {:o} {} {} {}.{} {}.{}", path.native(), facts.st_mode, facts.st_uid,
                           facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec,
                           facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec));
    if (S_ISREG(facts.st_mode)) hasher.add(content_of(path));
    if (S_ISLNK(facts.st_mode)) hasher.add(std::filesystem::read_symlink(path).native());
  }
  return hasher.hex();
}

std::string mounts() {
  return content_of("/proc/self/mounts");
}

}  // namespace nbreplay::test
