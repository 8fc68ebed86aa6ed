#pragma once

#include <string_view>

namespace nbreplay {

/// Prints "internal error: ..." with the place and aborts. Use through CHECK.
[[noreturn]] void check_failed(std::string_view condition, std::string_view file, int line,
                               std::string_view what);

}  // namespace nbreplay

/// An invariant of ours, checked in every build: when it breaks, stopping beats a wrong finding.
/// Never for input from outside (that is an Error). `what` explains the invariant in words.
#define CHECK(condition, what)                                          \
  do {                                                                  \
    if (!(condition)) [[unlikely]]                                      \
      ::nbreplay::check_failed(#condition, __FILE__, __LINE__, (what)); \
  } while (false)
