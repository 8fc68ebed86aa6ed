#pragma once

// Memory that a process shares with others, as a fork would share it with the child.
//
// A map of a file without a name belongs to this process and its children alone. Without children
// it is as good as private: a child that is to go on alone gets a copy, shared with its own
// children only, as if it had made the map itself. Locks of multiprocessing are such maps, which
// tqdm and numba make at their first use. Maps of files that others can open, and large ones, are
// hazards.

#include <cstdint>
#include <string>
#include <vector>

namespace nbreplay::worker {

/// Why writable shared maps forbid a fork, as words for a person.
[[nodiscard]] std::vector<std::string> map_hazards();

struct SharedMap {
  std::uintptr_t address = 0;
  std::string content;
};

/// The maps that map_hazards() lets pass, with their content, to be asked before the fork.
[[nodiscard]] std::vector<SharedMap> own_shared_maps();
/// In the child: puts a copy in the place of each map. Returns what went wrong, or nothing.
[[nodiscard]] std::string renew_maps(const std::vector<SharedMap>& maps);

}  // namespace nbreplay::worker
