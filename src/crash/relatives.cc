#include "crash/relatives.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace nbreplay {
namespace {

/// Derived type and base. Python's own hierarchy as of 3.13 below Exception, with the former
/// names of OSError; and library types that replaced, or derive from, one of Python's.
constexpr std::array<std::pair<std::string_view, std::string_view>, 40> kBases = {{
    {"ModuleNotFoundError", "ImportError"},
    {"FileNotFoundError", "OSError"},
    {"FileExistsError", "OSError"},
    {"PermissionError", "OSError"},
    {"IsADirectoryError", "OSError"},
    {"NotADirectoryError", "OSError"},
    {"BlockingIOError", "OSError"},
    {"ChildProcessError", "OSError"},
    {"ConnectionError", "OSError"},
    {"BrokenPipeError", "ConnectionError"},
    {"ConnectionAbortedError", "ConnectionError"},
    {"ConnectionRefusedError", "ConnectionError"},
    {"ConnectionResetError", "ConnectionError"},
    {"InterruptedError", "OSError"},
    {"ProcessLookupError", "OSError"},
    {"TimeoutError", "OSError"},
    {"IOError", "OSError"},
    {"EnvironmentError", "OSError"},
    {"URLError", "OSError"},
    {"HTTPError", "URLError"},
    {"KeyError", "LookupError"},
    {"IndexError", "LookupError"},
    {"UnboundLocalError", "NameError"},
    {"NotImplementedError", "RuntimeError"},
    {"RecursionError", "RuntimeError"},
    {"ZeroDivisionError", "ArithmeticError"},
    {"OverflowError", "ArithmeticError"},
    {"FloatingPointError", "ArithmeticError"},
    {"IndentationError", "SyntaxError"},
    {"TabError", "IndentationError"},
    {"UnicodeError", "ValueError"},
    {"UnicodeDecodeError", "UnicodeError"},
    {"UnicodeEncodeError", "UnicodeError"},
    {"JSONDecodeError", "ValueError"},
    {"NotFittedError", "ValueError"},
    {"InvalidParameterError", "ValueError"},
    {"MergeError", "ValueError"},
    {"ParserError", "ValueError"},
    {"AxisError", "ValueError"},
    {"LinAlgError", "ValueError"},
}};

bool derives(std::string_view type, std::string_view base) {
  return std::ranges::any_of(kBases, [&](const auto& entry) {
    return entry.first == type && (entry.second == base || derives(entry.second, base));
  });
}

}  // namespace

bool is_a(const Crash& crash, std::string_view base) {
  return crash.type == base || derives(crash.type, base) ||
         std::ranges::find(crash.base_types, base) != crash.base_types.end();
}

bool same_or_relative(const Crash& one, const Crash& other) {
  const auto is_kind_of = [](const Crash& crash, const Crash& of) {
    return of.type != "Exception" && of.type != "BaseException" && is_a(crash, of.type);
  };
  return one.type == other.type || is_kind_of(one, other) || is_kind_of(other, one);
}

}  // namespace nbreplay
