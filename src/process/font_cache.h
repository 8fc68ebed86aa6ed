#pragma once

#include <optional>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay::process {

// Matplotlib keeps a list of the machine's fonts in its configuration folder, and takes seconds to
// make it. Each run has a folder of its own there, so that none meets what another one left. The
// list comes from a run of nbreplay's own, in an environment but with no notebook and no project,
// and is lent to all that follow. Trouble is passed over: a run without the list makes it.

/// Where the lists of an environment are kept: in `home/.config/matplotlib` of this folder.
[[nodiscard]] Path font_folder(const Path& cache, const Environment& environment);
inline constexpr const char* kFontLists = "home/.config/matplotlib";

/// The run that makes the list of `trial`'s environment; nothing when there is one, or when `trial`
/// does not look as if it drew anything.
[[nodiscard]] std::optional<Trial> font_trial(const Path& cache, const Trial& trial);

/// Copies lists, and nothing else, from a folder to another one.
void copy_font_lists(const Path& from, const Path& to);

}  // namespace nbreplay::process
