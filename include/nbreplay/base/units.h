#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "nbreplay/base/clock.h"
#include "nbreplay/base/result.h"

namespace nbreplay {

/// A number of bytes.
struct Bytes {
  std::uint64_t count = 0;
  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

constexpr Bytes kib(std::uint64_t n) {
  return {n << 10};
}
constexpr Bytes mib(std::uint64_t n) {
  return {n << 20};
}
constexpr Bytes gib(std::uint64_t n) {
  return {n << 30};
}

/// "512", "64k", "1.5GiB", "2 GB" (all binary multiples).
[[nodiscard]] Result<Bytes> parse_bytes(std::string_view text);
/// "512 B", "1.5 GiB".
[[nodiscard]] std::string format_bytes(Bytes bytes);

/// "90", "90s", "10m", "1h30m", "250ms"; a bare number is seconds. Never negative.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);
/// "0.2 s", "3.1 s", "1 min 05 s": as a person reads it.
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace nbreplay
