#include "nbreplay/crash/missing.h"

#include <algorithm>
#include <initializer_list>
#include <regex>
#include <string_view>

namespace nbreplay {
namespace {

/// Of longer messages nothing is read: the library's matcher recurses with their length.
constexpr std::size_t kMostMatched = 4096;

/// The first group of `pattern` in the crash's message, when its type is one of `types`.
std::string captured(const Crash& crash, std::initializer_list<std::string_view> types,
                     const char* pattern) {
  if (!crash.message || crash.message->size() > kMostMatched) return {};
  if (std::find(types.begin(), types.end(), crash.type) == types.end()) return {};
  std::smatch match;
  if (!std::regex_search(*crash.message, match, std::regex(pattern))) return {};
  return match[1].str();
}

}  // namespace

std::string undefined_name(const Crash& crash) {
  return captured(crash, {"NameError"}, "name '([^']+)' is not defined");
}

std::string missing_key(const Crash& crash) {
  return captured(crash, {"KeyError"}, "^['\"]([^'\"]+)['\"]$");
}

std::string missing_module(const Crash& crash) {
  // Names may hold letters beyond ASCII. Before Python 3 they stood without quotes.
  return captured(crash, {"ModuleNotFoundError", "ImportError"},
                  "No module named ['\"]?([\\w.\\x80-\\xff]+)");
}

std::string missing_path(const Crash& crash) {
  const std::string path =
      captured(crash, {"FileNotFoundError", "OSError", "IOError", "NotADirectoryError"},
               "No such file or directory: '([^']+)'");
  if (!path.empty()) return path;
  // numpy.load and numpy.loadtxt raise with a text of their own.
  return captured(crash, {"FileNotFoundError", "OSError"}, "^(\\S+) not found\\.");
}

}  // namespace nbreplay
