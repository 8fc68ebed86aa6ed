#include "nbreplay/store/result_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "nbreplay/notebook/notebook.h"

namespace nbreplay {
namespace {

namespace fs = std::filesystem;

/// How `test --junit` begins its one suite.
constexpr std::string_view kJunitMark = "<testsuite name=\"nbreplay\"";

constexpr std::array<std::string_view, 3> kSuffixes = {".executed.ipynb", ".min.ipynb",
                                                       ".diagnosis.json"};

/// Reduced data, and in their folder the list of them that marks them as ours.
constexpr std::string_view kDataSuffix = ".min-data";
constexpr std::string_view kDataOnly = "-data";
constexpr std::string_view kDataList = "nbreplay.json";

bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

/// Whether the name is one that nbreplay gives to results.
bool named_like_a_result(const std::string& name) {
  if (std::any_of(kSuffixes.begin(), kSuffixes.end(),
                  [&](std::string_view suffix) { return ends_with(name, suffix); }))
    return true;
  const std::size_t numbered = name.rfind(".min-");
  return numbered != std::string::npos && ends_with(name, ".ipynb");
}

/// Reads only whether the top level says `"tool": {"name": "nbreplay"}`; results are large.
bool json_has_mark(const std::string& text) {
  const auto only_tool = [](int depth, nlohmann::json::parse_event_t event,
                            nlohmann::json& parsed) {
    if (depth == 1 && event == nlohmann::json::parse_event_t::key)
      return parsed == nlohmann::json("tool");
    return true;
  };
  const auto document = nlohmann::json::parse(text, only_tool, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("tool")) return false;
  const auto& tool = document["tool"];
  return tool.is_object() && tool.contains("name") && tool["name"] == "nbreplay";
}

/// The names in a list of data files; none when it cannot be read.
std::set<std::string> listed_data(const Path& list) {
  std::set<std::string> names;
  const auto text = read_file(list, mib(1));
  if (!text) return names;
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("files") || !json["files"].is_array()) return names;
  for (const auto& name : json["files"])
    if (name.is_string()) names.insert(name.get<std::string>());
  return names;
}

/// Creates the folder where there is none yet.
Status write_within(const Path& file, std::string_view content) {
  if (file.has_parent_path()) {
    std::error_code problem;
    fs::create_directories(file.parent_path(), problem);
    if (problem)
      return environment_error(fmt::format("{}: cannot be created", file.parent_path().string()),
                               problem.message());
  }
  return write_file(file, content);
}

}  // namespace

ResultFiles::ResultFiles(const Path& notebook, std::optional<Path> output_dir, bool force)
    : force_(force) {
  Path name = notebook.filename();
  if (name.extension() == ".ipynb") name.replace_extension();
  stem_ = (output_dir ? *output_dir : notebook.parent_path()) / name;
}

Path ResultFiles::beside(std::string_view suffix) const {
  return stem_.string() + std::string(suffix);
}

Path ResultFiles::executed() const {
  return beside(".executed.ipynb");
}
Path ResultFiles::diagnosis() const {
  return beside(".diagnosis.json");
}

Path ResultFiles::minimal(std::optional<std::size_t> ordinal) const {
  return ordinal ? beside(fmt::format(".min-{}.ipynb", *ordinal)) : beside(".min.ipynb");
}

Path ResultFiles::data_folder() const {
  return beside(kDataSuffix);
}

Status ResultFiles::check_data_writable() const {
  std::error_code problem;
  const Path folder = data_folder();
  if (!fs::exists(folder, problem) || written_by_nbreplay(folder / kDataList)) return {};
  if (fs::is_directory(folder, problem) && (force_ || fs::is_empty(folder, problem))) return {};
  return usage_error(fmt::format("{}: exists, and nbreplay did not write it", folder.string()),
                     "move it away, write elsewhere with --output-dir, or overwrite with --force");
}

Status ResultFiles::write_data(const std::map<std::string, std::string>& files) const {
  NBREPLAY_TRY_VOID(check_data_writable());
  const std::set<std::string> ours = listed_data(data_folder() / kDataList);
  std::set<std::string> listed = ours;
  for (const auto& [name, content] : files) {
    std::error_code problem;
    const Path file = data_folder() / name;
    if (!force_ && !ours.contains(name) && fs::exists(file, problem))
      return usage_error(fmt::format("{}: exists, and nbreplay did not write it", file.string()),
                         "move it away, or overwrite it with --force");
    listed.insert(name);
  }
  // The list first: whatever comes after it is ours, also when it is cut short.
  NBREPLAY_TRY_VOID(write_list(listed));
  for (const auto& [name, content] : files)
    NBREPLAY_TRY_VOID(write_within(data_folder() / name, content));
  return {};
}

bool ResultFiles::reads_reduced_data(std::optional<std::size_t> ordinal,
                                     std::string_view source_sha256) const {
  const std::set<std::string> data = data_of(ordinal);
  std::error_code problem;
  const bool any = std::any_of(data.begin(), data.end(), [&](const std::string& name) {
    return fs::is_regular_file(data_folder() / name, problem);
  });
  const auto text = any ? read_file(minimal(ordinal), kMaxNotebook) : Result<std::string>("");
  if (!text || text->empty()) return false;
  const auto notebook = parse_notebook(*text, minimal(ordinal));
  if (!notebook) return false;
  const auto mark = nlohmann::json::parse(notebook->notebook_metadata("nbreplay").value_or(""),
                                          nullptr, /*allow_exceptions=*/false);
  return mark.is_object() && mark.contains("source_sha256") &&
         mark["source_sha256"] == source_sha256;
}

std::set<std::string> ResultFiles::data_of(std::optional<std::size_t> ordinal) const {
  std::set<std::string> names;
  if (!written_by_nbreplay(data_folder() / kDataList)) return names;
  const std::string folder = ordinal ? fmt::format("{}/", *ordinal) : std::string();
  for (const std::string& name : listed_data(data_folder() / kDataList)) {
    // The list may have come with the notebook: it must not lead anywhere else.
    const std::string file = name.starts_with(folder) ? name.substr(folder.size()) : std::string();
    if (!file.empty() && file != "." && file != ".." &&
        file.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos)
      names.insert(name);
  }
  return names;
}

Status ResultFiles::remove_data(std::optional<std::size_t> ordinal) const {
  const std::set<std::string> gone = data_of(ordinal);
  if (gone.empty()) return {};
  const Path own = ordinal ? data_folder() / fmt::format("{}", *ordinal) : data_folder();
  std::error_code problem;
  const auto is_folder = [&](const Path& path) {
    return fs::is_directory(fs::symlink_status(path, problem));
  };
  if (!is_folder(data_folder()) || !is_folder(own)) return {};
  for (const std::string& name : gone) {
    const Path file = data_folder() / name;
    if (fs::is_regular_file(fs::symlink_status(file, problem)) && !fs::remove(file, problem))
      return environment_error(fmt::format("{}: cannot be removed", file.string()),
                               problem.message());
  }
  std::set<std::string> left = listed_data(data_folder() / kDataList);
  std::erase_if(left, [&](const std::string& name) { return gone.contains(name); });
  NBREPLAY_TRY_VOID(write_list(left));
  if (ordinal) fs::remove(own, problem);  // stays when somebody else's files are in it
  const auto entries = std::distance(fs::directory_iterator(data_folder(), problem), {});
  if (!left.empty() || entries != 1) return {};
  fs::remove(data_folder() / kDataList, problem);
  fs::remove(data_folder(), problem);
  return {};
}

Status ResultFiles::write_list(const std::set<std::string>& names) const {
  nlohmann::json json;
  json["tool"] = {{"name", "nbreplay"}};
  json["files"] = names;
  return write_within(data_folder() / kDataList,
                      json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

Status ResultFiles::check_writable(const Path& file) const {
  std::error_code problem;
  const Path folder = file.has_parent_path() ? file.parent_path() : Path(".");
  if (fs::exists(folder, problem) && !fs::is_directory(folder, problem))
    return usage_error(fmt::format("{}: is not a folder", folder.string()),
                       "name a folder with --output-dir");
  if (!fs::exists(file, problem) || force_) return {};
  if (written_by_nbreplay(file)) return {};
  return usage_error(fmt::format("{}: exists, and nbreplay did not write it", file.string()),
                     "move it away, write elsewhere with --output-dir, or overwrite with --force");
}

Status ResultFiles::write(const Path& file, std::string_view content) const {
  NBREPLAY_TRY_VOID(check_writable(file));
  return write_within(file, content);
}

bool written_by_nbreplay(const Path& file) {
  const auto text = read_file(file, kMaxNotebook);
  if (!text) return false;
  if (file.extension() == ".xml") return text->find(kJunitMark) != std::string::npos;
  if (file.extension() != ".ipynb") return json_has_mark(*text);
  const auto notebook = parse_notebook(*text, file);
  return notebook && notebook->notebook_metadata("nbreplay").has_value();
}

bool is_result(const Path& file) {
  std::error_code problem;
  return named_like_a_result(file.filename().string()) && fs::is_regular_file(file, problem) &&
         written_by_nbreplay(file);
}

std::vector<Path> result_files_in(const Path& folder, const Path& notebook) {
  std::vector<Path> files;
  const std::string own = notebook.filename().string();
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    const std::string name = entry.path().filename().string();
    // "churn.min-data" belongs to "churn.min.ipynb" and to "churn.min-9.ipynb".
    const bool read_by_it =
        own.starts_with(name.substr(0, name.size() - std::min(name.size(), kDataOnly.size())));
    const bool data = ends_with(name, kDataSuffix) && !read_by_it && entry.is_directory(problem) &&
                      written_by_nbreplay(entry.path() / kDataList);
    if (data || is_result(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Path default_cache_folder() {
  const auto variable = [](const char* name) -> Path {
    const char* value = std::getenv(name);
    return value != nullptr ? Path(value) : Path();
  };
  if (const Path cache = variable("XDG_CACHE_HOME"); cache.is_absolute()) return cache / "nbreplay";
  if (const Path home = variable("HOME"); home.is_absolute()) return home / ".cache" / "nbreplay";
  return fs::temp_directory_path() / "nbreplay-cache";
}

}  // namespace nbreplay
