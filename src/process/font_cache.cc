#include "process/font_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/hash.h"

#include "process/descriptor.h"

namespace nbreplay::process {
namespace {

constexpr Bytes kLargestList = mib(4);
constexpr auto kMostForFonts = std::chrono::seconds(60);

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

/// Whether a run may come to load Matplotlib. What is missed makes its list itself.
bool may_draw(const Trial& trial) {
  constexpr std::string_view kSigns[] = {"plot", "pylab", "seaborn"};
  return std::any_of(
      trial.executions.begin(), trial.executions.end(), [&](const Execution& execution) {
        return std::any_of(std::begin(kSigns), std::end(kSigns), [&](std::string_view sign) {
          return execution.source.find(sign) != sign.npos;
        });
      });
}

bool has_matplotlib(const Environment& environment) {
  return std::any_of(environment.packages.begin(), environment.packages.end(),
                     [](const PackageVersion& package) { return package.name == "matplotlib"; });
}

}  // namespace

Path font_folder(const Path& cache, const Environment& environment) {
  Hasher hasher;
  // Two of the same packages may lie in different places, and list different fonts of their own.
  hasher.add(environment.hash).add(environment.interpreter.prefix.native());
  return cache / "fonts" / hasher.hex().substr(0, 16);
}

std::optional<Trial> font_trial(const Path& cache, const Trial& trial) {
  const Path folder = font_folder(cache, *trial.environment);
  if (!has_matplotlib(*trial.environment) || !may_draw(trial) ||
      !lists_in(folder / kFontLists).empty())
    return std::nullopt;
  auto nothing = std::make_shared<Project>();
  nothing->root = nothing->working_directory = folder / "project";
  nothing->notebook = nothing->root / "fonts.ipynb";
  std::error_code failed;
  std::filesystem::create_directories(nothing->root, failed);
  if (failed) return std::nullopt;
  Trial made;
  made.executions.push_back({0, "", "import matplotlib.font_manager", false});
  made.environment = trial.environment;
  made.project = std::move(nothing);
  made.shell = Shell::kPlain;
  made.limits.memory = trial.limits.memory;
  made.limits.cell_timeout = kMostForFonts;
  return made;
}

void copy_font_lists(const Path& from, const Path& to) {
  std::error_code ignored;
  std::filesystem::create_directories(to, ignored);
  for (const std::string& name : lists_in(from))
    if (const auto content = content_of(from / name); content && !content->empty()) [[maybe_unused]]
      const Status written = write_file(to / name, *content);
}

}  // namespace nbreplay::process
