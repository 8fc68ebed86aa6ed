#pragma once

#include "environment/tool_answer.h"

namespace nbreplay::environment {

// How python/README.md writes what requests carry.
[[nodiscard]] Json json_of(const Interpreter& interpreter);
[[nodiscard]] Json json_of(const std::vector<Path>& paths);
[[nodiscard]] Json json_of(const PackageEdit& edit);
[[nodiscard]] Json json_of(const Lock& lock);

// What answers carry; what is wrong is noted in `fields`.
[[nodiscard]] Lock read_lock(AnswerFields& fields);
[[nodiscard]] std::vector<UnmetRequirement> read_conflicts(AnswerFields& fields);
[[nodiscard]] std::vector<PackageChange> read_changed(AnswerFields& fields);

}  // namespace nbreplay::environment
