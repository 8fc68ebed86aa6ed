#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "nbreplay/base/result.h"
#include "nbreplay/base/units.h"

namespace nbreplay {

using Path = std::filesystem::path;

/// The whole regular file, at most `cap` bytes. Directories, FIFOs and devices are refused
/// without blocking on them. Errors name the file and the system's reason.
[[nodiscard]] Result<std::string> read_file(const Path& path, Bytes cap);

/// Writes beside `path` and renames over it, so that a reader sees the old file or the new one
/// whole, also when the machine stops between. Keeps the mode of a file that is replaced.
[[nodiscard]] Status write_file(const Path& path, std::string_view content);

}  // namespace nbreplay
