#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/environment/local_environments.h"

#include "environment/candidates.h"
#include "environment/probe_cache.h"

namespace nbreplay::environment {

/// An interpreter together with what makes it an environment.
struct Found {
  Interpreter interpreter;
  std::vector<Path> site_packages;
};

/// Looks at interpreters and at the environments that they are part of.
class Search {
 public:
  /// Both must outlive this.
  Search(const EnvironmentSettings& settings, ChildRunner& children);

  /// The interpreter at `executable`, with its virtual environment when it is part of one.
  [[nodiscard]] Result<Found> at(const Path& executable, std::string_view found_by);
  /// A virtual environment or conda prefix.
  [[nodiscard]] Result<Found> in_folder(const Path& folder, std::string_view found_by);
  /// All interpreters of the machine that can be asked.
  [[nodiscard]] std::vector<Found> all();

  [[nodiscard]] bool has_worker(const Interpreter& interpreter) const;

 private:
  const EnvironmentSettings& settings_;
  ChildRunner& children_;
  ProbeCache cache_;
};

/// Why an environment was taken, for the result.
struct Choosing {
  std::string source;
  std::string why;
  std::string name;  ///< Empty: from the interpreter or the environment's folder.
};

/// What is found as an Environment: its packages, its hash, and its IPython.
[[nodiscard]] Environment environment_of(Found found, const Choosing& choosing,
                                         const Path& ipython_supply);

/// `path` absolute and without "..", its links kept: they tell environments apart.
[[nodiscard]] Path absolute_path(const Path& path);
[[nodiscard]] bool is_there(const Path& path);
[[nodiscard]] bool is_folder(const Path& path);

}  // namespace nbreplay::environment
