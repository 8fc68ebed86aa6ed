#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nbreplay {

/// The line above a frame's source in a printed traceback. The forms, by who prints them:
///
///   <ipython-input-5-0e2294bdca47> in f(x)           IPython 7 and older, older Colab
///   /tmp/ipython-input-5-0e2294.py in <cell line: 3>()   Colab
///   /tmp/ipykernel_123/4567.py in <module>           ipykernel 6 with IPython 7, Kaggle
///   /lib/python3.8/site-packages/x/y.py in f(x)      IPython 7, a library
///   Input In [5], in <cell line: 3>()                IPython 8.0 to 8.4
///   Cell In [5], line 3, in f(x)                     IPython 8.5, 8.6
///   Cell In[5], line 3, in f(x)                      IPython since 8.7
///   File ~/x/y.py:123, in A.f(self, x)               IPython since 8.0, a library
///   File "/x/y.py", line 3, in f                     CPython
///   nb.ipynb Cell 5 in f(x)                          VS Code, until 2023
struct FrameHeader {
  std::string file;          ///< As printed; empty for `Cell In[5]` and its like.
  std::optional<int> count;  ///< N of In[N], where the header has it.
  bool in_notebook = false;
  /// `%%time` and its like: code of the cell with lines counted after the magic's own.
  bool in_cell_magic = false;
  int line = 0;               ///< 0 where only the arrow tells.
  std::string function;       ///< Without arguments; "<module>" for `<cell line: 3>`.
  bool has_function = false;  ///< Without one it is the top level, or a SyntaxError's place.
  bool indented = false;      ///< A SyntaxError's place or plain CPython.
};

[[nodiscard]] std::optional<FrameHeader> parse_frame_header(std::string_view line);

struct ArrowLine {
  int line = 0;
  std::string text;  ///< Stripped.
};

/// `----> 3 df['x']`, also with VS Code's link around the number.
[[nodiscard]] std::optional<ArrowLine> parse_arrow_line(std::string_view line);

/// The type in `KeyError        Traceback (most recent call last)`, empty in CPython's form
/// `Traceback (most recent call last):`; nothing for any other line.
[[nodiscard]] std::optional<std::string_view> parse_traceback_title(std::string_view line);

/// Whether `line` ends one exception of a chain: true for an explicit cause (`raise … from`),
/// false for one raised while handling; nothing for any other line.
[[nodiscard]] std::optional<bool> parse_chain_separator(std::string_view line);

/// The message's first line in `KeyError: 'x'`, `pandas.errors.MergeError: …`, `ValueError`.
/// `type` is the name expected, unqualified; empty takes whatever looks like an exception.
[[nodiscard]] std::optional<std::string_view> parse_exception_line(std::string_view line,
                                                                   std::string_view type);

}  // namespace nbreplay
