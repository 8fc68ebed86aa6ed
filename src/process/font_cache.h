#pragma once

#include "nbreplay/base/file.h"

namespace nbreplay::process {

/// Matplotlib keeps a person's settings and styles in the folder of its font cache. So that no run
/// meets what another one left there, each has a folder of its own, and only the list of fonts,
/// which takes seconds to make, is handed on.
///
/// Trouble is passed over: a run without the list makes it.
void lend_font_cache(const Path& shared, const Path& own);
/// Keeps a list that is new. Ask only after a run that ended on its own: the list of one that was
/// killed may be half written.
void keep_font_cache(const Path& own, const Path& shared);

}  // namespace nbreplay::process
