#pragma once

#include <cstdint>
#include <string_view>

namespace nbreplay::worker {

/// MurmurHash2 (Austin Appleby, public domain), 32 bits, with the seed that ipykernel uses for
/// the file names of cells: tracebacks and warnings then name the same "1234567.py".
[[nodiscard]] std::uint32_t murmur2(std::string_view data);

}  // namespace nbreplay::worker
