#include "notebook/json_view.h"

#include <charconv>
#include <cstring>

#include "nbreplay/base/check.h"

namespace nbreplay::json {
namespace {

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
    ++at;
  return at;
}

/// From an opening quote to behind the closing one. memchr makes long base64 strings cheap.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (std::size_t end = at + 1;; ++end) {
    end = text.find('"', end);
    CHECK(end != std::string_view::npos, "a checked string ends");
    std::size_t slashes = 0;
    while (text[end - 1 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 0) return end + 1;
  }
}

/// From the first byte of a value to behind its last.
std::size_t skip_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  do {
    switch (text[at]) {
      case '"':
        at = skip_string(text, at);
        break;
      case '{':
      case '[':
        ++depth;
        ++at;
        break;
      case '}':
      case ']':
        --depth;
        ++at;
        break;
      case ',':
      case ':':
      case ' ':
      case '\n':
      case '\r':
      case '\t':
        ++at;
        break;
      default:  // a number or a word, up to what cannot be part of one
        at = std::min(text.find_first_of(",:]} \n\r\t", at), text.size());
    }
  } while (depth > 0);
  return at;
}

/// Four hexadecimal digits at `digits`.
unsigned code_unit(const char* digits) {
  unsigned code = 0;
  std::from_chars(digits, digits + 4, code, 16);
  return code;
}

void append_code_point(std::string& out, unsigned code) {
  const auto put = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

/// The character of the escape at `at` (behind `\u`); moves `at` behind it, and behind the low
/// half of a pair.
unsigned unicode_escape(std::string_view text, std::size_t& at) {
  const unsigned code = code_unit(text.data() + at);
  at += 4;
  const bool high = code >= 0xd800 && code < 0xdc00;
  if (!high || text.substr(at, 2) != "\\u") return code;
  const unsigned low = code_unit(text.data() + at + 2);
  if (low < 0xdc00 || low > 0xdfff) return code;
  at += 6;
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

char simple_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

Kind View::kind() const {
  CHECK(!text.empty(), "a value has text");
  switch (text[0]) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
    case 'f':
      return Kind::kBool;
    case 'n':
      return Kind::kNull;
    default:
      return Kind::kNumber;
  }
}

View whole(std::string_view text) {
  const std::size_t begin = skip_space(text, 0);
  return {text.substr(begin, skip_value(text, begin) - begin)};
}

std::vector<Member> members(View object) {
  std::vector<Member> result;
  const std::string_view text = object.text;
  std::size_t at = skip_space(text, 1);
  while (text[at] != '}') {
    const std::size_t key_end = skip_string(text, at);
    const std::size_t begin = skip_space(text, skip_space(text, key_end) + 1);  // behind `:`
    const std::size_t end = skip_value(text, begin);
    result.push_back({{text.substr(at, key_end - at)}, {text.substr(begin, end - begin)}});
    at = skip_space(text, end);
    if (text[at] == ',') at = skip_space(text, at + 1);
  }
  return result;
}

std::vector<View> items(View array) {
  std::vector<View> result;
  const std::string_view text = array.text;
  std::size_t at = skip_space(text, 1);
  while (text[at] != ']') {
    const std::size_t end = skip_value(text, at);
    result.push_back({text.substr(at, end - at)});
    at = skip_space(text, end);
    if (text[at] == ',') at = skip_space(text, at + 1);
  }
  return result;
}

std::optional<View> find(View object, std::string_view key) {
  return find(members(object), key);
}

std::optional<View> find(const std::vector<Member>& all, std::string_view key) {
  std::optional<View> found;
  for (const Member& member : all)
    if (equals(member.key, key)) found = member.value;
  return found;
}

std::string decode(View string) {
  const std::string_view text = string.text.substr(1, string.text.size() - 2);
  std::string result;
  result.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t slash = std::min(text.find('\\', at), text.size());
    result.append(text.substr(at, slash - at));
    at = slash;
    if (at == text.size()) break;
    const char kind = text[at + 1];
    at += 2;
    if (kind == 'u') {
      append_code_point(result, unicode_escape(text, at));
    } else {
      result.push_back(simple_escape(kind));
    }
  }
  return result;
}

void append_decoded(std::string& text, std::string_view more) {
  const auto byte = [](std::string_view s, std::size_t i) {
    return static_cast<unsigned char>(s[i]);
  };
  const std::string_view tail =
      std::string_view(text).substr(text.size() - std::min<std::size_t>(text.size(), 3));
  // U+D800 to U+DBFF are ed a0..af xx, U+DC00 to U+DFFF are ed b0..bf xx.
  const bool high =
      tail.size() == 3 && byte(tail, 0) == 0xed && byte(tail, 1) >= 0xa0 && byte(tail, 1) < 0xb0;
  const bool low = more.size() >= 3 && byte(more, 0) == 0xed && byte(more, 1) >= 0xb0;
  if (high && low) {
    const unsigned upper = (byte(tail, 1) & 0x0fU) << 6 | (byte(tail, 2) & 0x3fU);
    const unsigned lower = (byte(more, 1) & 0x0fU) << 6 | (byte(more, 2) & 0x3fU);
    text.resize(text.size() - 3);
    append_code_point(text, 0x10000 + (upper << 10) + lower);
    more.remove_prefix(3);
  }
  text.append(more);
}

bool equals(View string, std::string_view text) {
  const std::string_view inside = string.text.substr(1, string.text.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return inside == text;
  return decode(string) == text;
}

std::optional<int> to_int(View number) {
  int value = 0;
  const char* const end = number.text.data() + number.text.size();
  const auto [stop, error] = std::from_chars(number.text.data(), end, value);
  if (error != std::errc() || stop != end) return {};
  return value;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "true or false";
    case Kind::kNumber:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "a list";
    case Kind::kObject:
      return "an object";
  }
  return "nothing";
}

}  // namespace nbreplay::json
