#pragma once

#include <string>

#include "nbreplay/base/file.h"
#include "nbreplay/process/installation.h"
#include "nbreplay/trial/environment.h"

namespace nbreplay::test {

/// Whether this build, and so its launcher and workers, runs under AddressSanitizer.
#if defined(NBREPLAY_ADDRESS_SANITIZER)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

/// Of the build folder that the tests were built in.
[[nodiscard]] process::Installation test_installation();

/// The Python that the tests run notebooks with. Aborts, saying what to do, when there is none.
[[nodiscard]] Environment test_environment();

/// An empty virtual environment made in `folder` from that Python.
[[nodiscard]] Environment make_virtual_environment(const Path& folder);

/// What a command writes to its standard output; fails the test when the command fails.
std::string output_of(const std::string& command);

}  // namespace nbreplay::test
