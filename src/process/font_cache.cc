#include "process/font_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/descriptor.h"

namespace nbreplay::process {
namespace {

constexpr Bytes kLargestList = mib(4);
/// One for each version of Matplotlib's format; a notebook may make up more.
constexpr std::size_t kMostLists = 4;

/// "fontlist-v330.json"
bool is_list(std::string_view name) {
  constexpr std::string_view kBegin = "fontlist-v";
  constexpr std::string_view kEnd = ".json";
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return false;
  name.remove_prefix(kBegin.size());
  name.remove_suffix(std::min(kEnd.size(), name.size()));
  return !name.empty() && name.size() <= 5 &&
         name.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The files in `folder` that list fonts, one for each version of Matplotlib's format.
std::vector<std::string> lists_in(const Path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::string name = entry->path().filename().string();
    if (is_list(name)) names.push_back(std::move(name));
  }
  return names;
}

/// A regular file that no link leads to: one that a run made could lead to any file of the person.
std::optional<std::string> content_of(const Path& path) {
  const Descriptor file(
      ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat facts {};
  if (!file.valid() || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode) ||
      static_cast<std::uint64_t>(facts.st_size) > kLargestList.count)
    return std::nullopt;
  std::string content;
  while (content.size() <= kLargestList.count)
    if (read_available(file.get(), content, 1U << 20) == ReadEnd::kClosed) return content;
  return std::nullopt;
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
  std::size_t kept = lists_in(shared).size();
  for (const std::string& name : lists_in(own)) {
    if (kept >= kMostLists) return;
    if (std::filesystem::exists(shared / name, ignored)) continue;
    const auto content = content_of(own / name);
    if (!content) continue;
    std::filesystem::create_directories(shared, ignored);
    if (write_file(shared / name, *content)) ++kept;
  }
}

}  // namespace nbreplay::process
