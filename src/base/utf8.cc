#include "nbreplay/base/utf8.h"

#include <fmt/format.h>

namespace nbreplay {
namespace {

/// Length of the well-formed sequence at the start of `text`, or 0. Unicode 15, table 3-7.
std::size_t sequence_length(std::string_view text, bool allow_surrogates) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto trail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return trail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned low = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = lead == 0xed && !allow_surrogates ? 0x9f : 0xbf;
    return trail(1, low, high) && trail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xf4 ? 0x8f : 0xbf;
    return trail(1, low, high) && trail(2) && trail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text, bool allow_surrogates) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = sequence_length(text.substr(at), allow_surrogates);
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

std::string to_valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool broken = false;  // one replacement character for a run of bad bytes
  while (!text.empty()) {
    const std::size_t length = sequence_length(text, false);
    if (length > 0) {
      result.append(text.substr(0, length));
    } else if (!broken) {
      result.append("\xef\xbf\xbd");
    }
    broken = length == 0;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

std::string escape_control(std::string_view text) {
  std::string result;
  const std::string valid = to_valid_utf8(text);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto c = static_cast<unsigned char>(valid[i]);
    const bool c1 = c == 0xc2 && i + 1 < valid.size() &&
                    static_cast<unsigned char>(valid[i + 1]) < 0xa0;  // U+0080 to U+009F
    if (c1) {
      fmt::format_to(std::back_inserter(result), "\\x{:02x}",
                     static_cast<unsigned char>(valid[++i]));
    } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
      fmt::format_to(std::back_inserter(result), "\\x{:02x}", c);
    } else {
      result.push_back(valid[i]);
    }
  }
  return result;
}

std::string strip_ansi(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] != '\x1b' || i + 1 >= text.size()) {
      result.push_back(text[i++]);
      continue;
    }
    const auto next = static_cast<unsigned char>(text[i + 1]);
    if (next == '[') {  // CSI: parameters 0x30-0x3f, intermediates 0x20-0x2f, final 0x40-0x7e
      std::size_t end = i + 2;
      while (end < text.size() && text[end] >= 0x30 && text[end] <= 0x3f) ++end;
      while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x2f) ++end;
      if (end < text.size() && text[end] >= 0x40 && text[end] <= 0x7e) {
        i = end + 1;
        continue;
      }
    } else if (next == ']') {  // OSC: up to BEL or ST; hyperlinks and titles
      const std::size_t end = text.find_first_of("\x07\x1b", i + 2);
      if (end != std::string_view::npos) {
        const bool string_terminator =
            text[end] == '\x1b' && end + 1 < text.size() && text[end + 1] == '\\';
        if (text[end] == '\x07' || string_terminator) {
          i = end + (string_terminator ? 2 : 1);
          continue;
        }
      }
    } else if (next >= 0x40 && next <= 0x5f) {
      i += 2;
      continue;
    }
    result.push_back(text[i++]);
  }
  return result;
}

}  // namespace nbreplay
