#pragma once

#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/units.h"

namespace nbreplay::process {

struct CopiedOut {
  std::size_t files = 0;
  Bytes size;
  /// What was not copied, and why: "pipe (a FIFO)". Names are as the notebook made them.
  std::vector<std::string> left_out;
};

/// Copies files and folders below the open folder `from`, all of it the notebook's, into the folder
/// `to`, which is made. No link is followed on either side, nothing outside of the two is touched,
/// nothing that is there already is replaced; links, FIFOs, sockets and devices are left out, as is
/// what would make it more than `most`. An Error when `to` cannot be made or written to.
[[nodiscard]] Result<CopiedOut> copy_out(int from, const Path& to, Bytes most);

}  // namespace nbreplay::process
