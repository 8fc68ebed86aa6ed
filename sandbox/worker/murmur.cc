#include "murmur.h"

#include <cstddef>

namespace nbreplay::worker {
namespace {

constexpr std::uint32_t kSeed = 0xc70f6907U;
constexpr std::uint32_t kMultiplier = 0x5bd1e995U;

/// `count` bytes, 1 to 4, as a little-endian number.
std::uint32_t little_endian(std::string_view data, std::size_t at, std::size_t count) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < count; ++i) {
    word |= static_cast<std::uint32_t>(static_cast<unsigned char>(data[at + i])) << (8 * i);
  }
  return word;
}

}  // namespace

std::uint32_t murmur2(std::string_view data) {
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(data.size());
  std::size_t at = 0;
  for (; at + 4 <= data.size(); at += 4) {
    std::uint32_t word = little_endian(data, at, 4) * kMultiplier;
    word ^= word >> 24;
    hash = (hash * kMultiplier) ^ (word * kMultiplier);
  }
  if (at < data.size()) hash = (hash ^ little_endian(data, at, data.size() - at)) * kMultiplier;
  hash = (hash ^ (hash >> 13)) * kMultiplier;
  return hash ^ (hash >> 15);
}

}  // namespace nbreplay::worker
