#include "environment/tool_answer.h"

#include <fmt/format.h>

#include "nbreplay/base/utf8.h"

namespace nbreplay::environment {
namespace {

constexpr std::size_t kMaxAnswerText = 16 * 1024;
constexpr std::size_t kMaxEntries = 100'000;

Error malformed_answer(std::string_view what) {
  return {ErrorCode::kProtocol, "the packaging tools gave an answer that makes no sense",
          fmt::format("{} is missing or not what it must be", what),
          "if it happens again, prepare them anew with scripts/prepare_helper.sh"};
}

ErrorCode code_of(std::string_view kind) {
  if (kind == "usage") return ErrorCode::kUsage;
  if (kind == "unbuildable" || kind == "missing" || kind == "broken") return ErrorCode::kBadInput;
  return ErrorCode::kEnvironment;
}

}  // namespace

std::optional<PackageTrouble> ToolFailure::trouble() const {
  for (const PackageTrouble trouble : {PackageTrouble::kUnbuildable, PackageTrouble::kMissing,
                                       PackageTrouble::kUnreachable, PackageTrouble::kBroken})
    if (kind == to_string(trouble)) return trouble;
  return std::nullopt;
}

Result<ToolAnswer> parse_answer(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return malformed_answer("an object");
  ToolAnswer answer;
  if (const auto error = json.find("error"); error != json.end() && error->is_object()) {
    AnswerFields fields(*error);
    ToolFailure& failure = answer.failure.emplace();
    failure.kind = fields.text("kind");
    failure.error.code = code_of(failure.kind);
    failure.error.message = fields.text("message");
    failure.error.cause = fields.optional_text("cause");
    failure.error.hint = fields.optional_text("hint");
    NBREPLAY_TRY_VOID(fields.status());
    if (failure.error.message.empty()) return malformed_answer("message");
    return answer;
  }
  const auto ok = json.find("ok");
  if (ok == json.end() || !ok->is_object()) return malformed_answer("ok");
  answer.ok = std::move(*ok);
  return answer;
}

std::string AnswerFields::text(const char* key) {
  const Json* value = find(key, true);
  return value == nullptr ? std::string() : plain(*value, key).value_or("");
}

std::string AnswerFields::optional_text(const char* key) {
  const Json* value = find(key, false);
  return value == nullptr ? std::string() : plain(*value, key).value_or("");
}

bool AnswerFields::flag(const char* key) {
  const Json* value = find(key, true);
  if (value == nullptr) return false;
  if (!value->is_boolean()) wrong(key);
  return value->is_boolean() && value->get<bool>();
}

std::uint64_t AnswerFields::number(const char* key) {
  const Json* value = find(key, true);
  if (value == nullptr) return 0;
  if (!value->is_number_unsigned()) wrong(key);
  return value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

Path AnswerFields::path(const char* key) {
  std::string value = text(key);
  if (!value.empty() && value.front() == '/') return Path(std::move(value));
  wrong(key);
  return {};
}

std::vector<std::string> AnswerFields::texts(const char* key) {
  std::vector<std::string> result;
  const Json* list = find(key, true);
  if (list == nullptr) return result;
  if (!list->is_array() || list->size() > kMaxEntries) {
    wrong(key);
    return result;
  }
  for (const Json& one : *list)
    if (auto value = plain(one, key)) result.push_back(std::move(*value));
  return result;
}

std::vector<PackageVersion> AnswerFields::packages(const char* key) {
  std::vector<PackageVersion> result;
  for (const Json* one : objects(key)) {
    AnswerFields fields(*one);
    std::string name = normalised_name(fields.text("name"));
    std::string version = fields.text("version");
    note(fields);
    result.push_back({std::move(name), std::move(version)});
  }
  return result;
}

std::vector<const Json*> AnswerFields::objects(const char* key) {
  std::vector<const Json*> result;
  const Json* list = find(key, true);
  if (list == nullptr) return result;
  if (!list->is_array() || list->size() > kMaxEntries) {
    wrong(key);
    return result;
  }
  for (const Json& one : *list) {
    if (!one.is_object()) wrong(key);
    if (one.is_object()) result.push_back(&one);
  }
  return result;
}

const Json* AnswerFields::object(const char* key) {
  const Json* value = find(key, true);
  if (value == nullptr || value->is_object()) return value;
  wrong(key);
  return nullptr;
}

Status AnswerFields::status() const {
  if (problem_.empty()) return {};
  return malformed_answer(problem_);
}

void AnswerFields::note(const AnswerFields& nested) {
  if (problem_.empty()) problem_ = nested.problem_;
}

const Json* AnswerFields::find(const char* key, bool required) {
  const auto found = object_.find(key);
  const bool there = found != object_.end() && !found->is_null();
  if (!there && required) wrong(key);
  return there ? &*found : nullptr;
}

std::optional<std::string> AnswerFields::plain(const Json& value, const char* key) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() <= kMaxAnswerText && text.find('\0') == std::string::npos &&
        find_invalid_utf8(text) == std::string::npos)
      return text;
  }
  wrong(key);
  return std::nullopt;
}

void AnswerFields::wrong(const char* key) {
  if (problem_.empty()) problem_ = key;
}

}  // namespace nbreplay::environment
