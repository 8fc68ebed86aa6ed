#include "nbreplay/trial/environment.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

namespace nbreplay {
namespace {

/// More names than this say nothing more to a person.
constexpr std::size_t kMostNamed = 8;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// Every trial looks at every entry, twice: relative to the open folder, and only where needed.
std::string stamp_of(int folder, const dirent& entry) {
  const std::string_view name = entry.d_name;
  // A package's folder gets a new time stamp when Python writes __pycache__ into it on first
  // import: only its being there counts. A *.dist-info or *.egg-info is written by installers.
  const bool metadata = name.ends_with(".dist-info") || name.ends_with(".egg-info");
  if (entry.d_type == DT_DIR && !metadata) return "folder";
  struct stat status {};
  if (::fstatat(folder, entry.d_name, &status, 0) != 0) return "gone";
  if (S_ISDIR(status.st_mode) && !metadata) return "folder";
  return fmt::format("{}.{:09} {}", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size);
}

/// "numpy 1.26.4" from ".../numpy-1.26.4.dist-info" (PEP 376, PEP 427) or
/// ".../networkx-2.3-py3.7.egg-info"; nothing when the entry is no distribution's metadata.
std::optional<std::string> package_of(const std::string& entry) {
  const Path path(entry);
  const std::string extension = path.extension().string();
  if (extension != ".dist-info" && extension != ".egg-info" && extension != ".egg-link") {
    return std::nullopt;
  }
  std::string stem = path.stem().string();
  const std::size_t dash = stem.find('-');
  if (dash == std::string::npos) return stem;
  const std::size_t end = stem.find("-py", dash + 1);
  return stem.substr(0, dash) + " " + stem.substr(dash + 1, end - dash - 1);
}

struct Changes {
  std::vector<std::string> packages;
  std::vector<std::string> files;  // loose entries: only telling when no package changed

  void add(const std::string& entry, std::string_view what) {
    if (const auto package = package_of(entry)) {
      packages.push_back(fmt::format("{} {}", *package, what));
    } else {
      files.push_back(fmt::format("{} {}", Path(entry).filename().string(), what));
    }
  }
};

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < std::min(parts.size(), kMostNamed); ++i) {
    text += (i == 0 ? "" : ", ") + parts[i];
  }
  if (parts.size() > kMostNamed) text += fmt::format(" and {} more", parts.size() - kMostNamed);
  return text;
}

}  // namespace

EnvironmentState environment_state(const Environment& environment) {
  EnvironmentState state;
  for (const Path& folder : environment.site_packages) {
    const std::unique_ptr<DIR, CloseFolder> entries(::opendir(folder.c_str()));
    if (!entries) {
      state.entries.emplace_back(folder.string(), std::strerror(errno));
      continue;
    }
    const std::string prefix = (folder / "").string();
    while (const dirent* entry = ::readdir(entries.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == ".." || name == "__pycache__") continue;
      state.entries.emplace_back(prefix + entry->d_name, stamp_of(::dirfd(entries.get()), *entry));
    }
  }
  std::ranges::sort(state.entries);
  return state;
}

std::string describe_change(const EnvironmentState& before, const EnvironmentState& after) {
  if (before == after) return {};
  const std::map<std::string, std::string> old_stamps(before.entries.begin(), before.entries.end());
  const std::map<std::string, std::string> new_stamps(after.entries.begin(), after.entries.end());
  Changes changes;
  for (const auto& [entry, stamp] : old_stamps) {
    if (!new_stamps.contains(entry)) changes.add(entry, "removed");
  }
  for (const auto& [entry, stamp] : new_stamps) {
    const auto found = old_stamps.find(entry);
    if (found == old_stamps.end()) {
      changes.add(entry, "added");
    } else if (found->second != stamp) {
      changes.add(entry, package_of(entry) ? "installed again" : "changed");
    }
  }
  return joined(changes.packages.empty() ? changes.files : changes.packages);
}

}  // namespace nbreplay
