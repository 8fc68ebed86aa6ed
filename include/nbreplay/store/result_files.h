#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/file.h"

namespace nbreplay {

/// The one place that knows where results go.
///
/// Beside the notebook, or in `output_dir`: `NB.executed.ipynb`, `NB.diagnosis.json`,
/// `NB.min.ipynb`, and with several crashes `NB.min-<ordinal>.ipynb`; reduced data in the folder
/// `NB.min-data`. Everything nbreplay writes carries a mark (`tool.name` in JSON,
/// `metadata.nbreplay` in a notebook, the suite's name in JUnit; data files are listed in a marked
/// `nbreplay.json` beside them); a file without it is somebody else's and is not overwritten
/// unless `force`.
class ResultFiles {
 public:
  ResultFiles(const Path& notebook, std::optional<Path> output_dir, bool force);

  [[nodiscard]] Path executed() const;
  [[nodiscard]] Path diagnosis() const;
  /// `ordinal` is given when the notebook has several crashes.
  [[nodiscard]] Path minimal(std::optional<std::size_t> ordinal) const;
  [[nodiscard]] Path data_folder() const;

  /// Refuses before any work is done: the folder must exist or be made, and every file that would
  /// be replaced must be ours.
  [[nodiscard]] Status check_writable(const Path& file) const;
  /// Writes beside and renames; creates the output folder.
  [[nodiscard]] Status write(const Path& file, std::string_view content) const;

  /// As check_writable, for the data folder: it must be ours, or not be there yet, or be empty.
  [[nodiscard]] Status check_data_writable() const;
  /// Writes data files, by their name in the data folder, and lists them as ours.
  [[nodiscard]] Status write_data(const std::map<std::string, std::string>& files) const;

  /// Whether the minimal notebook that is there was made of the notebook with this SHA-256 and has
  /// reduced data: less is left of it than of one that reads the original files.
  [[nodiscard]] bool reads_reduced_data(std::optional<std::size_t> ordinal,
                                        std::string_view source_sha256) const;
  /// Removes the data of the minimal notebook, which is about to be replaced; files that are not
  /// listed as ours stay, and so do those of other crashes.
  [[nodiscard]] Status remove_data(std::optional<std::size_t> ordinal) const;

 private:
  /// Of the minimal notebook, by their name in the data folder.
  [[nodiscard]] std::set<std::string> data_of(std::optional<std::size_t> ordinal) const;
  [[nodiscard]] Status write_list(const std::set<std::string>& names) const;
  [[nodiscard]] Path beside(std::string_view suffix) const;

  Path stem_;
  bool force_;
};

/// Whether a file carries nbreplay's mark. A file that cannot be read does not.
[[nodiscard]] bool written_by_nbreplay(const Path& file);

/// Whether a file is a result of nbreplay: by its mark, and by its name, since somebody may go on
/// with a notebook that nbreplay executed, under a name of his own.
[[nodiscard]] bool is_result(const Path& file);

/// Files in `folder` that nbreplay wrote, and its folders of data: hidden from trials, so that
/// results never change them.
/// A minimal notebook's own data are left out: it is run to read them.
[[nodiscard]] std::vector<Path> result_files_in(const Path& folder, const Path& notebook = {});

/// `$XDG_CACHE_HOME/nbreplay`, else `~/.cache/nbreplay`; the temporary folder where neither is
/// set. Not created.
[[nodiscard]] Path default_cache_folder();

}  // namespace nbreplay
