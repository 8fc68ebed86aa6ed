#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "diagnosis/investigation.h"

namespace nbreplay {

/// A file that a trial's sources say they read.
struct InputFile {
  std::string path;                    ///< As the first source that reads it names it.
  std::vector<std::string> spellings;  ///< All names that sources have for it.
  std::size_t position = 0;            ///< The first execution that reads it.
  std::string content;
  std::string problem;  ///< Why it cannot be reduced: the content is then unset.
};

/// The files that the executions of `trial` read, by what the sources say; where they do not say
/// which table is read, a run is watched. Only regular text tables inside of the copied project can
/// be reduced; all others are named with the reason.
[[nodiscard]] std::vector<InputFile> input_files(Investigation& investigation, const Trial& trial);

/// Those of them that `minimize --data` can try to reduce, by their first name. Sources that do not
/// say which table they read are left out: nothing is run.
[[nodiscard]] std::vector<std::string> named_tables(Investigation& investigation,
                                                    const Trial& trial);

/// Whether `source` says that it changes the folder from which relative paths are looked up.
[[nodiscard]] bool moves_working_directory(const std::string& source);

}  // namespace nbreplay
