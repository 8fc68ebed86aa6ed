#pragma once

// Open descriptors of a process that is to be forked: what a child would share with its parent
// and could disturb it by, and what can be given to the child anew.
//
// Regular files and folders are opened again in the child, so that its offset is its own. A pipe
// with both ends in this process and nothing in it (os.pipe(), pyarrow's for signals) is made
// again. Everything else is a hazard. `ours` are descriptors that the caller replaces itself.

#include <sys/types.h>

#include <string>
#include <vector>

namespace nbreplay::worker {

/// Words for a person: "open socket (descriptor 12)".
[[nodiscard]] std::vector<std::string> descriptor_hazards(const std::vector<int>& ours);

/// A regular file or folder that is open.
struct OpenFile {
  int descriptor = -1;
  std::string path;
  int flags = 0;  ///< As open() takes them: access mode, status flags and O_CLOEXEC.
  off_t offset = 0;
  dev_t device = 0;
  ino_t inode = 0;
};

/// To be asked when a snapshot is made: what the path of a descriptor is, may look different later.
[[nodiscard]] std::vector<OpenFile> open_files(const std::vector<int>& ours);
/// In the child: opens each file again under its number. Never creates nor empties a file.
/// Descriptors that are closed or mean something else by now are left alone: libraries clean up in
/// a child too (matplotlib closes its fonts). Returns what went wrong, or nothing.
[[nodiscard]] std::string reopen(const std::vector<OpenFile>& files);

/// One end of a pipe that only this process has.
struct PipeEnd {
  int descriptor = -1;
  ino_t pipe = 0;
  int flags = 0;  ///< As OpenFile has them; the access mode says which end.
};

[[nodiscard]] std::vector<PipeEnd> own_pipes(const std::vector<int>& ours);
/// In the child: gives it pipes of its own, under the same numbers. Behaves as reopen.
[[nodiscard]] std::string renew_pipes(const std::vector<PipeEnd>& ends);

}  // namespace nbreplay::worker
