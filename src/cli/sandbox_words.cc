#include "cli/sandbox_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace nbreplay::cli {

std::string missing_layers_warning(const SandboxFacts& facts) {
  if (facts.level == "off" || facts.missing.empty()) return {};
  if (!facts.sandboxed) {
    const MissingLayer& first = facts.missing.front();
    return fmt::format("no sandbox: notebooks can reach what you can reach. {}. To have one: {}",
                       first.why, first.remedy);
  }
  std::vector<std::string> names;
  for (const MissingLayer& layer : facts.missing) names.push_back("'" + layer.name + "'");
  return fmt::format("the sandbox lacks {}; what to change is said by: nbreplay doctor",
                     fmt::join(names, ", "));
}

std::string layers_in_force(const SandboxFacts& facts) {
  return fmt::format("sandbox {}: {}", facts.level, fmt::join(facts.layers, ", "));
}

}  // namespace nbreplay::cli
