#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/result.h"
#include "nbreplay/trial/packages.h"

namespace nbreplay::environment {

using Json = nlohmann::json;

/// Why the packaging tools could not do what was asked.
struct ToolFailure {
  std::string kind;  ///< "usage", "environment", "unreachable", "unbuildable", "missing", "broken".
  Error error;

  /// What it says of a package; nothing where it is not about one.
  [[nodiscard]] std::optional<PackageTrouble> trouble() const;
};

struct ToolAnswer {
  Json ok;  ///< An object, unless there is a failure.
  std::optional<ToolFailure> failure;
};

/// What the helper package wrote: {"ok": {…}} or {"error": {…}}. kProtocol when it is neither.
[[nodiscard]] Result<ToolAnswer> parse_answer(std::string_view text);

/// Reads fields of an answer. The helper reads what strangers wrote (an index, metadata of
/// packages, files of the project), so every value is checked: its type, its length, that it is
/// text. What is wrong becomes a default value, and `status` tells of the first such thing.
class AnswerFields {
 public:
  /// `object` must outlive this.
  explicit AnswerFields(const Json& object) : object_(object) {}

  std::string text(const char* key);
  /// Empty when the field is missing or null.
  std::string optional_text(const char* key);
  bool flag(const char* key);
  std::uint64_t number(const char* key);
  Path path(const char* key);
  std::vector<std::string> texts(const char* key);
  std::vector<PackageVersion> packages(const char* key);
  /// The objects of a list.
  std::vector<const Json*> objects(const char* key);
  const Json* object(const char* key);

  [[nodiscard]] Status status() const;
  /// What a nested reader found wrong counts here too.
  void note(const AnswerFields& nested);

 private:
  const Json* find(const char* key, bool required);
  std::optional<std::string> plain(const Json& value, const char* key);
  void wrong(const char* key);

  const Json& object_;
  std::string problem_;
};

}  // namespace nbreplay::environment
