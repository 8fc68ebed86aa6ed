#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/file.h"

namespace nbreplay {

/// The one place that knows where results go.
///
/// Beside the notebook, or in `output_dir`: `NB.executed.ipynb`, `NB.diagnosis.json`,
/// `NB.min.ipynb`, and with several crashes `NB.min-<ordinal>.ipynb`. Everything nbreplay writes
/// carries a mark (`tool.name` in JSON, `metadata.nbreplay` in a notebook, the suite's name in
/// JUnit); a file without it is somebody else's and is not overwritten unless `force`.
class ResultFiles {
 public:
  ResultFiles(const Path& notebook, std::optional<Path> output_dir, bool force);

  [[nodiscard]] Path executed() const;
  [[nodiscard]] Path diagnosis() const;
  /// `ordinal` is given when the notebook has several crashes.
  [[nodiscard]] Path minimal(std::optional<std::size_t> ordinal) const;

  /// Refuses before any work is done: the folder must exist or be made, and every file that would
  /// be replaced must be ours.
  [[nodiscard]] Status check_writable(const Path& file) const;
  /// Writes beside and renames; creates the output folder.
  [[nodiscard]] Status write(const Path& file, std::string_view content) const;

 private:
  [[nodiscard]] Path beside(std::string_view suffix) const;

  Path stem_;
  bool force_;
};

/// Whether a file carries nbreplay's mark. A file that cannot be read does not.
[[nodiscard]] bool written_by_nbreplay(const Path& file);

/// Files in `folder` that nbreplay wrote: hidden from trials, so that results never change them.
[[nodiscard]] std::vector<Path> result_files_in(const Path& folder);

/// `$XDG_CACHE_HOME/nbreplay`, else `~/.cache/nbreplay`; the temporary folder where neither is
/// set. Not created.
[[nodiscard]] Path default_cache_folder();

}  // namespace nbreplay
