#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/environment.h"
#include "nbreplay/trial/limits.h"

namespace nbreplay {

/// Cell indices over all cells of the file; may omit, repeat and permute.
using ExecutionOrder = std::vector<std::size_t>;

/// The cell index of code that stands in no cell (injected parameters, an inserted import).
inline constexpr std::size_t kNoCell = static_cast<std::size_t>(-1);

/// One cell run: which cell, with which source, and whether the run goes on if it raises.
struct Execution {
  std::size_t cell = kNoCell;
  std::string cell_id;
  std::string source;
  bool may_fail = false;
};

enum class Shell { kIPython, kPlain };

/// What a run sees of the disk: the project, copied; the folder it starts in; large read-only
/// folders linked in. Shared by all trials of a notebook.
struct Project {
  Path root;                 ///< The visible project.
  Path working_directory;    ///< Inside root (or --cwd): where the notebook's code starts.
  std::vector<Path> inputs;  ///< --input: linked in read-only, under the same relative name.
  Path notebook;  ///< For messages and __vsc_ipynb_file__-like needs; never executed from.
  std::vector<Path> hidden;  ///< Files nbreplay wrote: not visible in trials.
  std::string digest;        ///< Of paths, sizes and times of all that is visible.
  Bytes copy_cap = gib(2);
};

/// A file that a trial finds in addition to the project (an experiment on a missing file).
struct ExtraFile {
  std::string path;  ///< As the notebook wrote it; relative paths are under the working directory.
  std::string content;
  bool folder = false;
  std::size_t before = 0;  ///< Put in place before this execution.
};

/// One run of some cells in a new state, immutable once submitted. Its `key()` identifies the
/// answer: equal keys, equal experiment, as far as the trial itself decides (CachedRunner adds
/// which worker ran it).
struct Trial {
  std::vector<Execution> executions;
  std::shared_ptr<const Environment> environment;
  std::shared_ptr<const Project> project;
  std::vector<std::pair<std::string, std::string>> variables;  ///< Added to the fixed set.
  std::vector<std::string> placeholder_modules;
  std::vector<ExtraFile> extra_files;
  Limits limits;
  std::uint32_t hash_seed = 0;
  std::optional<std::uint64_t> random_seed;
  Shell shell = Shell::kIPython;
  bool observe = false;       ///< Outcomes say what each cell read and wrote.
  bool keep_outputs = false;  ///< Outputs are kept for `run`; trials need only how cells ended.
  /// In a sandbox: where what the run wrote into its project is copied when it is over.
  std::optional<Path> keep_files;

  [[nodiscard]] std::string key() const;
};

}  // namespace nbreplay
