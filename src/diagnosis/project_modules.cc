#include "diagnosis/project_modules.h"

#include <algorithm>
#include <deque>
#include <vector>

namespace nbreplay {
namespace {

namespace fs = std::filesystem;

/// A look at the project must not take longer than a trial: larger ones are looked at in part.
constexpr std::size_t kMostFolders = 2000;
constexpr std::size_t kMostEntries = 50'000;

/// Folders that trials do not see, or that hold other people's modules.
bool is_passed_over(const Path& folder) {
  const std::string name = folder.filename().string();
  std::error_code failed;
  return name.starts_with('.') || name == "node_modules" || name == "__pycache__" ||
         name == "site-packages" || fs::exists(folder / "pyvenv.cfg", failed) ||
         fs::exists(folder / "CACHEDIR.TAG", failed);
}

/// "shop/prices" of "shop.prices".
Path path_of(const std::string& module) {
  std::string path = module;
  std::replace(path.begin(), path.end(), '.', '/');
  return path;
}

/// Whether any Python file stands directly in the folder: a package without `__init__.py`.
bool holds_python(const Path& folder) {
  std::error_code failed;
  std::size_t seen = 0;
  for (auto entry = fs::directory_iterator(folder, failed);
       !failed && entry != fs::directory_iterator() && ++seen < kMostEntries;
       entry.increment(failed))
    if (entry->path().extension() == ".py") return true;
  return false;
}

/// What `folder` has for the module: a file, or the folder of a package; empty when it has none.
Path module_in(const Path& folder, const Path& module) {
  std::error_code failed;
  Path file = folder / module;
  if (fs::is_directory(file, failed) && holds_python(file)) return file;
  file += ".py";
  return fs::is_regular_file(file, failed) ? file : Path();
}

/// Whether the path can stand in a string literal, and in a sentence, as it is.
bool is_plain(const std::string& path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7f && c != '\\' && c != '"' && c != '\'';
  });
}

/// Folders below the root, the shallowest first; of one depth by name.
std::vector<Path> folders_of(const Path& root) {
  std::vector<Path> folders;
  std::deque<Path> waiting = {root};
  std::size_t seen = 0;
  while (!waiting.empty() && folders.size() < kMostFolders && seen < kMostEntries) {
    const Path folder = waiting.front();
    waiting.pop_front();
    folders.push_back(folder);
    std::vector<Path> below;
    std::error_code failed;
    for (auto entry = fs::directory_iterator(folder, failed);
         !failed && entry != fs::directory_iterator() && ++seen < kMostEntries;
         entry.increment(failed)) {
      std::error_code ignored;
      if (fs::is_directory(entry->symlink_status(ignored)) && !is_passed_over(entry->path()))
        below.push_back(entry->path());
    }
    std::sort(below.begin(), below.end());
    waiting.insert(waiting.end(), below.begin(), below.end());
  }
  return folders;
}

}  // namespace

std::optional<ProjectModule> find_in_project(const Project& project, const std::string& module) {
  const Path& root = project.root;
  const Path& start = project.working_directory;
  if (root.empty() || start.empty() || module.empty() || module.front() == '.') return std::nullopt;
  const Path wanted = path_of(module);
  std::vector<Path> folders;
  const Path up = start.lexically_relative(root);
  if (!up.empty() && *up.begin() != "..")
    for (Path folder = start; folder != root && folder.has_relative_path();)
      folders.push_back(folder = folder.parent_path());
  for (Path& folder : folders_of(root)) folders.push_back(std::move(folder));
  for (const Path& folder : folders) {
    if (folder == start) continue;  // it is on sys.path
    const Path found = module_in(folder, wanted);
    if (found.empty()) continue;
    ProjectModule result;
    result.file = found.lexically_relative(root).generic_string();
    result.folder = folder.lexically_relative(root).generic_string();
    result.from_start = folder.lexically_relative(start).generic_string();
    if (!is_plain(result.file) || !is_plain(result.from_start)) continue;
    return result;
  }
  return std::nullopt;
}

}  // namespace nbreplay
