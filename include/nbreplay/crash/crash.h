#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nbreplay {

/// One frame of a traceback, outermost first in a list.
struct Frame {
  /// Set when the frame is code of the notebook: index over all cells of the file. A recorded
  /// frame may be known to be a cell's without saying which (older headers carry no number).
  std::optional<std::size_t> cell;
  bool in_notebook = false;
  std::string file;      ///< As printed or as co_filename; empty when unknown. Never compared.
  std::string module;    ///< "pandas.core.frame"; derived from the path when only that is known.
  std::string function;  ///< "DataFrame.drop" or "drop"; "<module>" or empty at the top level.
  int line = 0;          ///< 1-based; in a cell, of the cell's original source. 0 is unknown.
  std::string text;      ///< The source line, stripped; empty when unknown.
};

/// An exception that the crash was raised from or while handling, outermost context last.
struct ChainLink {
  std::string type;
  std::string message;
  bool explicit_cause = false;  ///< `raise … from …`, not merely during handling.
};

/// All that is known of one crash. The same type serves the crash that a notebook recorded and
/// the one that a trial observed; what a record lost is empty or unset, and comparing skips it.
struct Crash {
  std::string type;                     ///< "KeyError", as Jupyter's ename.
  std::string qualified_type;           ///< "pandas.errors.MergeError"; empty when unknown.
  std::vector<std::string> base_types;  ///< Unqualified names along the MRO; observed only.
  std::optional<std::string> message;   ///< str(exception); unset when the record lost it.
  std::vector<Frame> frames;            ///< Outermost first; empty when unknown.
  std::vector<ChainLink> chain;         ///< Empty when there was none or it is unknown.
  bool chain_known = false;         ///< A traceback was seen: frames and chain are all there is.
  std::optional<std::size_t> cell;  ///< The cell it happened in: index over all cells.
  std::optional<int> line;          ///< As line_in_cell; see there.
  std::optional<std::string> statement;  ///< Innermost statement at `line`, white space folded.

  [[nodiscard]] const Frame* innermost_frame() const {
    return frames.empty() ? nullptr : &frames.back();
  }
};

/// "KeyError: 'tenure'": type and first line of the message, shortened, safe for a terminal.
[[nodiscard]] std::string crash_summary(const Crash& crash);

/// Where in its own cell the crash is: the 1-based line that the cell's top-level code was at,
/// whatever function it had called, in that cell or elsewhere. From the frames; of a SyntaxError
/// in the cell itself, from the message. Nothing when neither tells.
[[nodiscard]] std::optional<int> line_in_cell(const Crash& crash);

}  // namespace nbreplay
