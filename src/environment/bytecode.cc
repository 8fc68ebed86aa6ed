#include "nbreplay/environment/bytecode.h"

#include <cstddef>

namespace nbreplay {
namespace {

/// Enough to tell; an environment may hold hundreds.
constexpr std::size_t kMostPackages = 200;
/// A handful is compiled in no time.
constexpr std::size_t kFewPackages = 4;

}  // namespace

bool lacks_bytecode(const Environment& environment) {
  std::size_t packages = 0;
  std::size_t compiled = 0;
  for (const Path& folder : environment.site_packages) {
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder, failed), end;
         !failed && entry != end && packages < kMostPackages; entry.increment(failed)) {
      std::error_code ignored;
      if (!std::filesystem::exists(entry->path() / "__init__.py", ignored)) continue;
      ++packages;
      if (std::filesystem::exists(entry->path() / "__pycache__", ignored)) ++compiled;
    }
  }
  // What was imported once is compiled: a used environment needs no remark.
  return packages > kFewPackages && compiled * 10 < packages;
}

}  // namespace nbreplay
