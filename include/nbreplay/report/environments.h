#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/report/terminal.h"
#include "nbreplay/trial/stored_environments.h"

namespace nbreplay {

/// What `env infer` found out about a notebook.
struct InferredEnvironment {
  Path notebook;
  std::optional<EnvironmentPlan> plan;  ///< Nothing: `problem` says why.
  std::optional<Error> problem;
};
[[nodiscard]] std::string inferred_text(const InferredEnvironment& inferred,
                                        const TextStyle& style);
[[nodiscard]] std::string inferred_json(const std::vector<InferredEnvironment>& inferred);

/// What `env create` made.
struct CreatedEnvironment {
  Path notebook;  ///< Empty: made of --requirements.
  Path folder;
  bool virtual_environment = false;  ///< One of its own, outside of the store.
  std::optional<Environment> environment;
  std::string lock_hash;
  std::optional<Error> problem;
};
[[nodiscard]] std::string created_json(const std::vector<CreatedEnvironment>& created);

[[nodiscard]] std::string store_text(const StoreFacts& store, const Path& folder,
                                     const TextStyle& style);
[[nodiscard]] std::string store_json(const StoreFacts& store, const Path& folder);

[[nodiscard]] std::string environment_text(const Environment& environment, const TextStyle& style);
[[nodiscard]] std::string environment_json(const Environment& environment);

/// How `env lock` writes a lock: as the JSON that --requirements reads again, or as a requirement
/// file with hashes that pip and uv read.
[[nodiscard]] std::string lock_text(const Lock& lock);
[[nodiscard]] std::string lock_as_requirements(const Lock& lock);
[[nodiscard]] std::string lock_json(const Resolution& resolution, const std::optional<Path>& file);

/// `action` is "remove" or "prune".
[[nodiscard]] std::string removal_json(std::string_view action, const Removal& removal);

}  // namespace nbreplay
