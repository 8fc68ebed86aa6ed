#include "notebook/output_text.h"

namespace nbreplay {
namespace {

using json::Fields;
using json::Kind;
using json::View;

std::string split(View text, const json::Style& style, std::size_t depth) {
  return json::quote_lines(json::decode(text), style, depth);
}

std::string format_data(View data, const json::Style& style, std::size_t depth) {
  Fields fields = json::fields_of(data, style, depth);
  for (const json::Member& member : json::members(data)) {
    const std::string type = json::decode(member.key);
    if (member.value.kind() == Kind::kString && is_split_media(type))
      fields[type] = split(member.value, style, depth + 1);
  }
  return json::join_object(fields, style, depth);
}

}  // namespace

bool is_split_media(std::string_view type) {
  return type.starts_with("text/") || type == "application/javascript" || type == "image/svg+xml";
}

std::string format_output(View output, const json::Style& style, std::size_t depth) {
  const auto type = json::find(output, "output_type");
  const bool stream = type && json::equals(*type, "stream");
  const bool rich =
      type && (json::equals(*type, "execute_result") || json::equals(*type, "display_data"));
  Fields fields = json::fields_of(output, style, depth);
  const auto text = json::find(output, "text");
  if (stream && text && text->kind() == Kind::kString)
    fields["text"] = split(*text, style, depth + 1);
  const auto data = json::find(output, "data");
  if (rich && data && data->kind() == Kind::kObject)
    fields["data"] = format_data(*data, style, depth + 1);
  return json::join_object(fields, style, depth);
}

}  // namespace nbreplay
