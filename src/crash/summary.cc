#include <fmt/format.h>

#include <algorithm>

#include "nbreplay/base/utf8.h"
#include "nbreplay/crash/crash.h"

namespace nbreplay {

std::string crash_summary(const Crash& crash) {
  constexpr std::size_t kLongest = 160;
  std::string message = escape_control(strip_ansi(crash.message.value_or("")));
  message.erase(0, std::min(message.size(), message.find_first_not_of(" \n\t")));
  message = message.substr(0, message.find('\n'));
  if (message.size() > kLongest) message = to_valid_utf8(message.substr(0, kLongest)) + "…";
  const std::string type = escape_control(crash.type);
  return message.empty() ? type : fmt::format("{}: {}", type, message);
}

}  // namespace nbreplay
