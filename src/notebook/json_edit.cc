#include "notebook/json_edit.h"

#include <fmt/format.h>

#include <algorithm>

namespace nbreplay::json {
namespace {

/// Below this depth text is copied as it is; real notebooks do not get there.
constexpr std::size_t kMaxLayoutDepth = 40;

/// The code point of the (generalised) UTF-8 sequence at `at`, and its length. The text was
/// checked; a stray byte is taken for U+FFFD so that the output stays well formed regardless.
struct CodePoint {
  unsigned value;
  std::size_t length;
};

CodePoint code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto bits = [&](std::size_t i) { return byte(at + i) & 0x3f; };
  const unsigned lead = byte(at);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc0 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf8 ? 4
                                           : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xc0) != 0x80) return {0xfffd, 1};
  switch (length) {
    case 1:
      return {lead, 1};
    case 2:
      return {(lead & 0x1f) << 6 | bits(1), 2};
    case 3:
      return {(lead & 0x0f) << 12 | bits(1) << 6 | bits(2), 3};
    case 4:
      return {(lead & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3), 4};
    default:
      return {0xfffd, 1};
  }
}

void append_escape(std::string& out, unsigned code) {
  const auto unit = [&out](unsigned u) { fmt::format_to(std::back_inserter(out), "\\u{:04x}", u); };
  if (code < 0x10000) {
    unit(code);
  } else {
    unit(0xd800 + ((code - 0x10000) >> 10));
    unit(0xdc00 + ((code - 0x10000) & 0x3ff));
  }
}

/// The short escape of a control character, a quote or a backslash, or NUL.
char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return '\0';
  }
}

/// The length of the line end at the start of `text`, or 0; str.splitlines' line ends.
std::size_t line_end_length(std::string_view text) {
  const char c = text[0];
  if (c == '\r') return text.starts_with("\r\n") ? 2 : 1;
  if ((c >= '\n' && c <= '\f') || (c >= '\x1c' && c <= '\x1e')) return 1;
  if (text.starts_with("\xc2\x85")) return 2;  // U+0085
  const bool separator = text.starts_with("\xe2\x80\xa8") || text.starts_with("\xe2\x80\xa9");
  return separator ? 3 : 0;  // U+2028, U+2029
}

std::string bracket(char open, char close, const std::vector<std::string>& parts,
                    const Style& style, std::size_t depth) {
  std::string result(1, open);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    result += i == 0 ? style.line_break(depth + 1) : style.separator(depth + 1);
    result += parts[i];
  }
  if (!parts.empty()) result += style.line_break(depth);
  result += close;
  return result;
}

/// Where a new key goes so that sorted keys stay sorted; the end when they are not.
std::size_t place_for(const std::vector<Member>& all, std::string_view key) {
  std::vector<std::string> keys;
  keys.reserve(all.size());
  for (const Member& member : all) keys.push_back(decode(member.key));
  if (!std::is_sorted(keys.begin(), keys.end())) return keys.size();
  return static_cast<std::size_t>(std::upper_bound(keys.begin(), keys.end(), key) - keys.begin());
}

}  // namespace

std::string Style::line_break(std::size_t depth) const {
  if (!broken_lines) return {};
  std::string result = newline;
  for (std::size_t i = 0; i < depth; ++i) result += indent;
  return result;
}

std::string Style::separator(std::size_t depth) const {
  return broken_lines ? "," + line_break(depth) : comma;
}

Style detect_style(View root, const std::vector<Member>& all, const Facts& facts) {
  Style style;
  style.ascii = facts.non_ascii_escapes && !facts.non_ascii;
  if (all.empty()) return style;
  const auto between = [&](std::string_view before, std::string_view after) {
    const char* const begin = before.data() + before.size();
    return std::string(begin, static_cast<std::size_t>(after.data() - begin));
  };
  style.colon = between(all[0].key.text, all[0].value.text);
  const std::string lead = between(root.text.substr(0, 1), all[0].key.text);
  const std::size_t line_end = lead.rfind('\n');
  style.broken_lines = line_end != std::string::npos;
  if (style.broken_lines) {
    style.newline = lead.find("\r\n") == std::string::npos ? "\n" : "\r\n";
    style.indent = lead.substr(line_end + 1);
  } else if (all.size() > 1) {
    style.comma = between(all[0].value.text, all[1].key.text);
  }
  // Stray space is not worth imitating, and must not multiply with the number of items.
  if (style.indent.size() > 8) style.indent = " ";
  if (style.colon.size() > 3) style.colon = ": ";
  if (style.comma.size() > 3) style.comma = ", ";
  return style;
}

std::string quote(std::string_view text, const Style& style) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  std::size_t at = 0;
  while (at < text.size()) {
    const CodePoint point = code_point(text, at);
    const bool surrogate = point.value >= 0xd800 && point.value <= 0xdfff;
    if (const char escape = point.value < 0x80 ? short_escape(text[at]) : '\0'; escape != '\0') {
      out += '\\';
      out += escape;
    } else if (point.value < 0x20 || surrogate || (style.ascii && point.value >= 0x7f)) {
      append_escape(out, point.value);
    } else if (point.value == 0xfffd) {
      out += "\xef\xbf\xbd";
    } else {
      out.append(text.substr(at, point.length));
    }
    at += point.length;
  }
  out += '"';
  return out;
}

std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end_length = line_end_length(text.substr(at));
    if (end_length == 0 && at + 1 < text.size()) {
      ++at;
      continue;
    }
    const std::size_t line = end_length == 0 ? at + 1 : at;  // the last line has no end
    lines.push_back(text.substr(0, keep_ends ? line + end_length : line));
    text.remove_prefix(line + end_length);
    at = 0;
  }
  return lines;
}

std::string quote_lines(std::string_view text, const Style& style, std::size_t depth) {
  std::vector<std::string> lines;
  for (const std::string_view line : split_lines(text, true)) lines.push_back(quote(line, style));
  return join_list(lines, style, depth);
}

std::string join_list(const std::vector<std::string>& items, const Style& style,
                      std::size_t depth) {
  return bracket('[', ']', items, style, depth);
}

std::string join_object(const Fields& fields, const Style& style, std::size_t depth) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : fields) parts.push_back(quote(key, style) + style.colon + value);
  return bracket('{', '}', parts, style, depth);
}

Fields fields_of(View object, const Style& style, std::size_t depth,
                 std::initializer_list<std::string_view> without) {
  Fields fields;
  for (const Member& member : members(object)) {
    std::string key = decode(member.key);
    if (std::find(without.begin(), without.end(), key) == without.end())
      fields[std::move(key)] = reformat(member.value, style, depth + 1);
  }
  return fields;
}

std::string reformat(View value, const Style& style, std::size_t depth) {
  // Each level walks all that is below it: hostile nesting must not make that quadratic.
  if (depth > kMaxLayoutDepth) return std::string(value.text);
  switch (value.kind()) {
    case Kind::kString:
      return quote(decode(value), style);
    case Kind::kArray: {
      std::vector<std::string> parts;
      for (const View item : items(value)) parts.push_back(reformat(item, style, depth + 1));
      return join_list(parts, style, depth);
    }
    case Kind::kObject:
      return join_object(fields_of(value, style, depth), style, depth);
    default:
      return std::string(value.text);
  }
}

std::string set_member(View object, std::string_view key, std::string_view value,
                       const Style& style, std::size_t depth) {
  if (const auto old = find(object, key)) return splice(object.text, old->text, value);
  const std::string added = quote(key, style) + style.colon + std::string(value);
  const std::vector<Member> all = members(object);
  if (all.empty()) return bracket('{', '}', {added}, style, depth);
  const std::size_t place = place_for(all, key);
  if (place < all.size()) {
    const std::string_view here = all[place].key.text.substr(0, 0);
    return splice(object.text, here, added + style.separator(depth + 1));
  }
  const std::string_view last = all.back().value.text;
  return splice(object.text, last.substr(last.size()), style.separator(depth + 1) + added);
}

std::string splice(std::string_view text, std::string_view part, std::string_view replacement) {
  const auto begin = static_cast<std::size_t>(part.data() - text.data());
  std::string result;
  result.reserve(text.size() - part.size() + replacement.size());
  result.append(text.substr(0, begin));
  result.append(replacement);
  result.append(text.substr(begin + part.size()));
  return result;
}

}  // namespace nbreplay::json
