#include "nbreplay/notebook/output.h"

#include <fmt/format.h>

#include "nbreplay/base/utf8.h"

#include "notebook/json_check.h"
#include "notebook/json_edit.h"
#include "notebook/json_view.h"

namespace nbreplay {
namespace {

Error wrong(std::string message) {
  return {ErrorCode::kProtocol, std::move(message)};
}

Result<std::string_view> required(json::View object, std::string_view key, json::Kind kind) {
  const auto value = json::find(object, key);
  if (!value || value->kind() != kind)
    return wrong(fmt::format("an error output without a proper `{}`", key));
  return value->text;
}

}  // namespace

Status check_json_object(std::string_view text) {
  if (const auto fault = json::find_fault(text))
    return wrong(fmt::format("not JSON: byte {}: {}", fault->offset, fault->what));
  if (json::whole(text).kind() != json::Kind::kObject) return wrong("not a JSON object");
  if (find_invalid_utf8(text) != std::string_view::npos) return wrong("not UTF-8");
  return {};
}

OutputJson stream_output(std::string_view name, std::string_view text) {
  return fmt::format(R"({{"name": {}, "output_type": "stream", "text": {}}})",
                     json::quote(name, {}), json::quote(text, {}));
}

Result<OutputJson> display_output(std::string_view data, std::string_view metadata) {
  NBREPLAY_TRY_VOID(check_json_object(data));
  NBREPLAY_TRY_VOID(check_json_object(metadata));
  return fmt::format(R"({{"data": {}, "metadata": {}, "output_type": "display_data"}})", data,
                     metadata);
}

Result<OutputJson> result_output(std::string_view data, std::string_view metadata,
                                 std::optional<int> execution_count) {
  NBREPLAY_TRY_VOID(check_json_object(data));
  NBREPLAY_TRY_VOID(check_json_object(metadata));
  return fmt::format(
      R"({{"data": {}, "execution_count": {}, "metadata": {}, "output_type": "execute_result"}})",
      data, execution_count ? fmt::to_string(*execution_count) : "null", metadata);
}

Result<OutputJson> error_output(std::string_view error) {
  NBREPLAY_TRY_VOID(check_json_object(error));
  const json::View object = json::whole(error);
  NBREPLAY_TRY(const std::string_view name, required(object, "ename", json::Kind::kString));
  NBREPLAY_TRY(const std::string_view value, required(object, "evalue", json::Kind::kString));
  NBREPLAY_TRY(const std::string_view traceback, required(object, "traceback", json::Kind::kArray));
  for (const json::View& line : json::items({traceback}))
    if (line.kind() != json::Kind::kString)
      return wrong("an error output whose `traceback` is no list of strings");
  return fmt::format(R"({{"ename": {}, "evalue": {}, "output_type": "error", "traceback": {}}})",
                     name, value, traceback);
}

}  // namespace nbreplay
