#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/diagnosis/labels.h"
#include "nbreplay/notebook/notebook.h"

namespace nbreplay::cli {

/// A row of a labels file. `problem` says why it cannot be judged, with what was expected.
struct LabelRow {
  std::size_t line = 0;
  std::vector<std::string> fields;  ///< As they stand, to be written out again.
  std::string notebook;
  std::string cell;
  GivenLabel given;
  std::string problem;
};

struct LabelsFile {
  std::vector<std::string> header;
  std::vector<LabelRow> rows;
};

/// Reads `notebook,cell,root_cause[,sublabel]`; other columns are carried along. A header without
/// the three is an Error; a row that is malformed or names an unknown label is a row with a
/// problem.
[[nodiscard]] Result<LabelsFile> read_labels(const Path& path);

/// The cell that a row names: an ordinal, `index:N`, `id:ABC`, `In[N]`, or the crash id of the
/// published data set: the UUID of `nb_exception://FILE.INDEX.ENAME` in lower case, where FILE is
/// the notebook's name with or without its ending or folder.
[[nodiscard]] Result<std::size_t> find_labelled_cell(const Notebook& notebook,
                                                     const std::string& name);

}  // namespace nbreplay::cli
