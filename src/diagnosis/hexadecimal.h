#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nbreplay {

/// Bytes from lower-case hexadecimal, as probes print them: nothing in a name can then be taken for
/// anything else. Nothing when the text is not that.
[[nodiscard]] inline std::optional<std::string> from_hexadecimal(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string result;
  if (text.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    result.push_back(static_cast<char>(high * 16 + low));
  }
  return result;
}

}  // namespace nbreplay
