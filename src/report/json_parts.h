#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "nbreplay/base/result.h"
#include "nbreplay/diagnosis/result.h"

namespace nbreplay {

/// Keeps the order in which fields are added: documents read like the documentation.
using Json = nlohmann::ordered_json;

/// The envelope that every command shares.
[[nodiscard]] Json envelope(std::string_view command);

/// Pretty or not, with whatever is not UTF-8 replaced.
[[nodiscard]] std::string to_text(const Json& json, bool pretty);

// Parts of documents that several commands have.
[[nodiscard]] Json json_of(const Environment& environment);
[[nodiscard]] Json json_of(const SandboxFacts& sandbox);
[[nodiscard]] Json json_of(const Limits& limits);
[[nodiscard]] Json json_of(const Error& error);
[[nodiscard]] Json json_of(const CellName& cell);
[[nodiscard]] Json json_of(const Crash& crash);
[[nodiscard]] Json json_of(const Termination& termination);
[[nodiscard]] Json json_of(const TrialCounts& trials);
[[nodiscard]] Json json_of(const std::vector<PipRequirement>& requirements);
[[nodiscard]] Json json_of(const std::vector<PackageVersion>& packages);

/// What the document says first, and last, of a notebook that was investigated.
void begin_notebook(Json& json, const NotebookFinding& finding);
void end_notebook(Json& json, const NotebookFinding& finding);

/// Seconds with a tenth of a millisecond.
[[nodiscard]] double rounded_seconds(Duration duration);

template <class T>
[[nodiscard]] Json optional_json(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace nbreplay
