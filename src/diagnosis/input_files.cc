#include "diagnosis/input_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "nbreplay/base/file.h"
#include "nbreplay/base/units.h"

#include "diagnosis/opened_files.h"

namespace nbreplay {
namespace {

/// Every test writes the file anew.
constexpr Bytes kMostBytes = mib(64);

/// Calls that read a table of text, whatever its file is called.
constexpr std::array<std::string_view, 6> kTableReaders = {"read_csv",   "read_table", "loadtxt",
                                                           "genfromtxt", "scan_csv",   "from_csv"};
/// Names of text tables, for calls that read anything.
constexpr std::array<std::string_view, 7> kTableSuffixes = {".csv", ".tsv", ".tab", ".psv",
                                                            ".txt", ".dat", ".data"};
/// Calls that take a path and do not read a file.
constexpr std::array<std::string_view, 9> kNoReaders = {
    "chdir", "listdir", "scandir", "iterdir", "walk", "glob", "iglob", "rglob", "stat"};
/// What code says that moves the place from which relative paths are looked up.
constexpr std::array<std::string_view, 3> kMoves = {"chdir(", "%cd", "%pushd"};

std::string_view last_part(std::string_view call) {
  const std::size_t dot = call.rfind('.');
  return dot == std::string_view::npos ? call : call.substr(dot + 1);
}

bool is_one_of(std::string_view word, const auto& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_within(const Path& path, const Path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

/// A call whose argument is no path but the data themselves.
bool reads_from_memory(std::string_view arguments) {
  return arguments.substr(0, 40).find("StringIO") != std::string_view::npos;
}

class InputFinder {
 public:
  InputFinder(Investigation& investigation, const Trial& trial)
      : investigation_(investigation), trial_(trial) {
    for (const Execution& execution : trial.executions) sources_.push_back(execution.source);
  }

  std::vector<InputFile> find() {
    look_at_sources();
    name_unknown();
    for (InputFile& input : found_)
      if (input.problem.empty()) load(input);
    return std::move(found_);
  }

  std::vector<std::string> named_tables() {
    look_at_sources();
    std::vector<std::string> paths;
    for (const InputFile& input : found_)
      if (input.problem.empty() && kept_by_the_notebook(input).empty()) paths.push_back(input.path);
    return paths;
  }

 private:
  void look_at_sources() {
    const std::vector<CellFacts> now = investigation_.facts_of(sources_);
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      moves_ = moves_ || moves_working_directory(sources_[i]);
      std::set<std::string_view> readers;
      const std::vector<FileFact> files = files_of(i, now[i]);
      for (const FileFact& file : files) {
        if (file.write) written_.insert(real_path(file.path));
        if (file.write || is_one_of(last_part(file.call), kNoReaders)) continue;
        readers.insert(last_part(file.call));
        add(file, i);
      }
      find_unknown(i, readers);
    }
  }

  /// Paths may be put together from other cells' constants, which only the facts of the whole
  /// notebook know; a reduced source may have lost the call.
  std::vector<FileFact> files_of(std::size_t position, const CellFacts& now) const {
    const std::size_t cell = trial_.executions[position].cell;
    if (cell >= investigation_.facts().size()) return now.files;
    const std::vector<FileFact>& original = investigation_.facts()[cell].files;
    const std::string& source = sources_[position];
    if (source == investigation_.notebook().cells()[cell].source) return original;
    std::vector<FileFact> files = now.files;
    for (const FileFact& file : original) {
      const bool known = std::any_of(files.begin(), files.end(), [&](const FileFact& other) {
        return other.path == file.path && other.call == file.call;
      });
      const std::string call = std::string(last_part(file.call)) + "(";
      if (!known && source.find(call) != std::string::npos) files.push_back(file);
    }
    return files;
  }

  Path real_path(const std::string& path) const {
    std::error_code failed;
    return std::filesystem::weakly_canonical(investigation_.project().working_directory / path,
                                             failed);
  }

  void add(const FileFact& file, std::size_t position) {
    const Path real = real_path(file.path);
    const auto [known, is_new] = by_path_.emplace(real, found_.size());
    if (!is_new) {
      auto& spellings = found_[known->second].spellings;
      if (!is_one_of(file.path, spellings)) spellings.push_back(file.path);
      return;
    }
    std::error_code failed;
    if (std::filesystem::is_directory(real, failed)) return void(by_path_.erase(known));
    InputFile input;
    input.path = file.path;
    input.spellings = {file.path};
    input.position = position;
    input.problem = problem_of(file, real);
    found_.push_back(std::move(input));
  }

  std::string problem_of(const FileFact& file, const Path& real) const {
    const std::string& path = file.path;
    if (path.find("://") != std::string::npos) return "a URL, not a file of the project";
    if (path.starts_with('/') || path.starts_with('~'))
      return "an absolute path: trials, which work on a copy of the project, read the original";
    std::error_code failed;
    if (!is_one_of(last_part(file.call), kTableReaders) &&
        !is_one_of(Path(path).extension().string(), kTableSuffixes))
      return "not a table of text";
    const Project& project = investigation_.project();
    if (std::any_of(project.inputs.begin(), project.inputs.end(),
                    [&](const Path& folder) { return is_within(real, folder); }))
      return "in a folder that --input links in: trials read the original";
    if (!is_within(real, project.root)) return "outside of the project";
    if (!std::filesystem::exists(real, failed)) return "not there before the notebook runs";
    return {};
  }

  /// Why what the notebook does rules a reduction out; empty when it does not.
  std::string kept_by_the_notebook(const InputFile& input) const {
    if (moves_) return "the notebook changes the folder that relative paths are looked up in";
    if (written_.contains(real_path(input.path))) return "the notebook itself writes it";
    return {};
  }

  void load(InputFile& input) {
    const Path real = real_path(input.path);
    input.problem = kept_by_the_notebook(input);
    if (!input.problem.empty()) return;
    if (auto content = read_file(real, kMostBytes)) {
      // A NUL is in every compressed file, and in UTF-16.
      if (content->find('\0') != std::string::npos)
        input.problem = "compressed, binary, or in an encoding other than one of bytes";
      else
        input.content = std::move(*content);
    } else {
      std::error_code failed;
      const auto size = std::filesystem::file_size(real, failed);
      input.problem = !failed && size > kMostBytes.count
                          ? fmt::format("{}: larger than {}", format_bytes(Bytes{size}),
                                        format_bytes(kMostBytes))
                          : content.error().message;
    }
  }

  /// Calls that read a table whose path the source does not say.
  void find_unknown(std::size_t position, const std::set<std::string_view>& known) {
    for (const std::string_view reader : kTableReaders) {
      const std::string call = std::string(reader) + "(";
      const std::size_t at = sources_[position].find(call);
      if (known.contains(reader) || at == std::string::npos) continue;
      if (reads_from_memory(std::string_view(sources_[position]).substr(at + call.size())))
        continue;
      unknown_.emplace_back(position, reader);
    }
  }

  /// Paths that the source does not say are looked up in a run.
  void name_unknown() {
    if (unknown_.empty() || investigation_.stopped()) return;
    std::map<std::size_t, std::vector<std::string>> opened;
    // Fresh, since a cache keeps no output.
    if (const auto ran = investigation_.run(opened_files_probe(trial_), Freshness::kFresh))
      opened = opened_files(ran->outcome);
    for (const auto& [position, reader] : unknown_) {
      bool seen = false;
      for (const std::string& path : opened[position]) {
        const FileFact file{path, std::string(reader), false, 0};
        const bool table = is_one_of(Path(path).extension().string(), kTableSuffixes);
        if (!table || !problem_of(file, real_path(path)).empty()) continue;
        add(file, position);
        seen = true;
      }
      if (seen) continue;
      InputFile input;
      input.position = position;
      input.problem = fmt::format("neither its source nor a run says which file {} reads with {}",
                                  investigation_.name(trial_.executions[position].cell), reader);
      found_.push_back(std::move(input));
    }
  }

  Investigation& investigation_;
  const Trial& trial_;
  std::vector<std::string> sources_;
  std::vector<InputFile> found_;
  std::map<Path, std::size_t> by_path_;
  std::vector<std::pair<std::size_t, std::string_view>> unknown_;  // position, call
  std::set<Path> written_;
  bool moves_ = false;
};

}  // namespace

std::vector<InputFile> input_files(Investigation& investigation, const Trial& trial) {
  return InputFinder(investigation, trial).find();
}

std::vector<std::string> named_tables(Investigation& investigation, const Trial& trial) {
  return InputFinder(investigation, trial).named_tables();
}

bool moves_working_directory(const std::string& source) {
  return std::any_of(kMoves.begin(), kMoves.end(), [&](std::string_view words) {
    return source.find(words) != std::string::npos;
  });
}

}  // namespace nbreplay
