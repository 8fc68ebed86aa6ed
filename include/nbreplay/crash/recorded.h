#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/crash/crash.h"

namespace nbreplay {

/// An error output as a notebook stores it (nbformat 4: ename, evalue, traceback).
struct ErrorOutput {
  std::string ename;
  std::string evalue;
  std::vector<std::string> traceback;  ///< Lines or chunks of lines, with ANSI colours.
};

/// What a crash record is read against: the cell it stands in and its source.
struct RecordedPlace {
  std::size_t cell = 0;     ///< Index over all cells.
  std::string_view source;  ///< The cell's source as the file holds it now.
  /// Execution count to cell index, for frames of other cells ("Cell In[7]"); unset: unknown.
  std::function<std::optional<std::size_t>(int count)> cell_of_count;
};

/// Reads a recorded error. Understands every header form in the wild: `<ipython-input-N-hash>`,
/// `/tmp/ipykernel_P/H.py`, `Input In [N]`, `Cell In [N]`, `Cell In[N], line L`, `File path:L`,
/// plain CPython `File "path", line L, in f`; chained exceptions; SyntaxError carets; `evalue`
/// "ignored" (the message is then recovered from the last traceback line); ANSI or none.
/// Never fails: what cannot be read is left unknown.
[[nodiscard]] Crash read_recorded_crash(const ErrorOutput& output, const RecordedPlace& place);

}  // namespace nbreplay
