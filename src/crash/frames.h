#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/crash/crash.h"

namespace nbreplay {

/// "pandas.core.frame" from ".../site-packages/pandas/core/frame.py", "json.decoder" from
/// ".../lib/python3.8/json/decoder.py", "importlib._bootstrap" from "<frozen
/// importlib._bootstrap>"; empty when the path does not tell.
[[nodiscard]] std::string module_of_path(std::string_view file);

/// Code of the machinery around a notebook (IPython, the kernel, NumPy's dispatcher), whose
/// frames come and go with its versions and say nothing about the crash.
[[nodiscard]] bool is_machinery(const Frame& frame);

/// Code of an installed package, as opposed to the notebook's, a file beside it, or Python's own.
[[nodiscard]] bool is_library(const Frame& frame);

/// A frame reduced to what two versions of Python and two printers of tracebacks agree on.
struct PlainFrame {
  bool in_notebook = false;
  std::optional<std::size_t> cell;
  std::string module;    ///< Empty in a notebook, or when unknown.
  std::string function;  ///< Empty at the top level.
  bool library = false;

  /// Equal as far as both are known. Old interpreters give functions without their class, and
  /// compiled modules without their package: the shorter name must end the longer one.
  [[nodiscard]] bool agrees_with(const PlainFrame& other) const;
  /// "pandas.core.frame:drop", for people and digests.
  [[nodiscard]] std::string name() const;
};

/// Without machinery, and without comprehensions, which have no frame since Python 3.12.
[[nodiscard]] std::vector<PlainFrame> plain_frames(const Crash& crash);

}  // namespace nbreplay
