#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay::process {

/// Tells whether somebody changed a project or its inputs while notebooks ran on them: what lies
/// below an overlay that is in use must not change, and trials are compared with each other.
class ProjectWatch {
 public:
  /// Remembers what `project` and its inputs look like now.
  explicit ProjectWatch(std::shared_ptr<const Project> project);

  [[nodiscard]] const Project& project() const { return *project_; }

  /// Files that were added, removed or changed since, by name, without those that `ours` says are
  /// nbreplay's; the root itself when it cannot be looked at any more.
  [[nodiscard]] std::vector<Path> changes(const std::function<bool(const Path&)>& ours) const;

 private:
  struct Seen {
    std::uint32_t mode = 0;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  using Files = std::map<std::string, Seen>;  ///< By absolute path.

  [[nodiscard]] static Result<Files> look_at(const Project& project);

  std::shared_ptr<const Project> project_;
  Files before_;
};

}  // namespace nbreplay::process
