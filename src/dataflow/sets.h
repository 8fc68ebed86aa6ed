#pragma once

#include <algorithm>
#include <set>
#include <string>

namespace nbreplay {

/// Whether something is in both.
[[nodiscard]] inline bool meet(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::ranges::any_of(a, [&](const std::string& one) { return b.contains(one); });
}

}  // namespace nbreplay
