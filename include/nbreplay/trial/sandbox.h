#pragma once

#include <string>
#include <vector>

namespace nbreplay {

/// A layer of isolation that runs lack.
struct MissingLayer {
  std::string name;
  std::string why;     ///< The first step that failed and what the system said.
  std::string remedy;  ///< What to change so that it is there.
};

/// Which layers of isolation are in force.
struct SandboxFacts {
  std::string level = "off";        ///< "strict", "auto", "off": what was asked for.
  bool sandboxed = false;           ///< Namespaces and file views: all that a sandbox must have.
  std::vector<std::string> layers;  ///< In force, by name.
  std::vector<MissingLayer> missing;
  bool network = true;          ///< Whether the host's network can be reached.
  bool layers_on_disk = false;  ///< What runs write in a sandbox lies there, not in memory.
};

}  // namespace nbreplay
