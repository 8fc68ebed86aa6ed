#pragma once

#include <cctype>
#include <optional>
#include <string>
#include <string_view>

namespace nbreplay {

// ASCII only, whatever the locale.

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/// Part of a Python identifier; bytes of other scripts count as letters.
inline bool is_word(char c) {
  return is_digit(c) || is_letter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
inline bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// White space folded to single spaces, none at the ends.
inline std::string folded(std::string_view text) {
  std::string result;
  for (const char c : trimmed(text)) {
    if (!is_blank(c)) {
      result.push_back(c);
    } else if (result.back() != ' ') {
      result.push_back(' ');
    }
  }
  return result;
}

/// Takes `prefix` off the front of `text`; false, changing nothing, when it is not there.
inline bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes a number off the front of `text`. Numbers beyond any real line or count are refused.
inline std::optional<int> take_number(std::string_view& text) {
  constexpr std::size_t kMostDigits = 9;
  int value = 0;
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) {
    if (length == kMostDigits) return std::nullopt;
    value = value * 10 + (text[length++] - '0');
  }
  if (length == 0) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace nbreplay
