#include "process/font_cache.h"

#include <string>
#include <vector>

namespace nbreplay::process {
namespace {

constexpr Bytes kLargestList = mib(16);

/// The files in `folder` that list fonts, one for each version of Matplotlib's format.
std::vector<std::string> lists_in(const Path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    // A link that a run made could lead to any file of the person.
    if (name.starts_with("fontlist-") && name.ends_with(".json") &&
        std::filesystem::is_regular_file(entry->symlink_status(ignored)))
      names.push_back(name);
  }
  return names;
}

}  // namespace

void lend_font_cache(const Path& shared, const Path& own) {
  std::error_code ignored;
  std::filesystem::create_directories(own, ignored);
  for (const std::string& name : lists_in(shared))
    std::filesystem::copy_file(shared / name, own / name, ignored);
}

void keep_font_cache(const Path& own, const Path& shared) {
  std::error_code ignored;
  for (const std::string& name : lists_in(own)) {
    if (std::filesystem::exists(shared / name, ignored)) continue;
    const auto content = read_file(own / name, kLargestList);
    if (!content) continue;
    std::filesystem::create_directories(shared, ignored);
    [[maybe_unused]] const Status kept = write_file(shared / name, *content);
  }
}

}  // namespace nbreplay::process
