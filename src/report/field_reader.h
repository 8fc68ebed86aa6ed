#pragma once

#include <fmt/format.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/result.h"

namespace nbreplay {

/// Reads fields of one JSON object of unknown origin. The first field that is missing or of the
/// wrong type is remembered, with its JSON path, in a problem shared by all readers of a document;
/// from then on values keep their defaults. Whoever reads looks at the problem once, at the end.
class FieldReader {
 public:
  using Json = nlohmann::json;

  FieldReader(const Json& object, std::string path, std::string& problem)
      : object_(object), path_(std::move(path)), problem_(problem) {
    if (!object_.is_object()) fail("", "an object");
  }

  [[nodiscard]] bool failed() const { return !problem_.empty(); }

  /// The field, or nothing when it is missing or null.
  [[nodiscard]] const Json* find(const char* key) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  std::string text(const char* key) {
    const Json* value = find(key);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    fail(key, "text");
    return {};
  }
  /// Empty when the field is missing or null.
  std::string optional_text(const char* key) { return find(key) == nullptr ? "" : text(key); }

  bool flag(const char* key) {
    const Json* value = find(key);
    if (value != nullptr && value->is_boolean()) return value->get<bool>();
    fail(key, "true or false");
    return false;
  }

  std::size_t number(const char* key) {
    const Json* value = find(key);
    if (value != nullptr) return number_in(*value, key);
    fail(key, "a number");
    return 0;
  }

  double real(const char* key) {
    const Json* value = find(key);
    if (value != nullptr && value->is_number()) return value->get<double>();
    fail(key, "a number");
    return 0;
  }

  std::vector<std::size_t> numbers(const char* key) {
    std::vector<std::size_t> result;
    for_each(key,
             [&](const Json& item, const std::string&) { result.push_back(number_in(item, key)); });
    return result;
  }

  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> result;
    for_each(key, [&](const Json& item, const std::string&) {
      if (item.is_string())
        result.push_back(item.get<std::string>());
      else
        fail(key, "a list of texts");
    });
    return result;
  }

  FieldReader object(const char* key) {
    const Json* value = find(key);
    if (value != nullptr) return {*value, place(key), problem_};
    fail(key, "an object");
    return {nothing(), place(key), problem_};
  }

  /// Calls with each item of a list and its path; stops at the first problem.
  void for_each(const char* key,
                const std::function<void(const Json& item, const std::string& path)>& take) {
    const Json* value = find(key);
    if (value == nullptr || !value->is_array()) return fail(key, "a list");
    for (std::size_t i = 0; i < value->size() && !failed(); ++i)
      take((*value)[i], fmt::format("{}[{}]", place(key), i));
  }

  void fail(const char* key, const char* expected) {
    if (problem_.empty()) problem_ = fmt::format("{} is not {}", place(key), expected);
  }

 private:
  static const Json& nothing() {
    static const Json object = Json::object();
    return object;
  }

  std::size_t number_in(const Json& value, const char* key) {
    if (value.is_number_unsigned()) return value.get<std::size_t>();
    fail(key, "a whole number");
    return 0;
  }

  [[nodiscard]] std::string place(const char* key) const {
    if (*key == '\0') return path_.empty() ? "the document" : path_;
    return path_.empty() ? key : path_ + "." + key;
  }

  const Json& object_;
  std::string path_;
  std::string& problem_;
};

}  // namespace nbreplay
