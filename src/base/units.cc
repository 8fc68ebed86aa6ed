#include "nbreplay/base/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace nbreplay {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array kByteUnits = {Unit{"", 1},
                                   Unit{"b", 1},
                                   Unit{"k", 1024.0},
                                   Unit{"kb", 1024.0},
                                   Unit{"kib", 1024.0},
                                   Unit{"m", 1048576.0},
                                   Unit{"mb", 1048576.0},
                                   Unit{"mib", 1048576.0},
                                   Unit{"g", 1073741824.0},
                                   Unit{"gb", 1073741824.0},
                                   Unit{"gib", 1073741824.0},
                                   Unit{"t", 1099511627776.0},
                                   Unit{"tb", 1099511627776.0},
                                   Unit{"tib", 1099511627776.0}};

constexpr std::array kTimeUnits = {Unit{"", 1},     Unit{"s", 1},    Unit{"ms", 1e-3},
                                   Unit{"m", 60},   Unit{"min", 60}, Unit{"h", 3600},
                                   Unit{"d", 86400}};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// Takes "<number><spaces><letters>" off the front of `text`; the value in base units.
template <std::size_t N>
bool take_quantity(std::string_view& text, const std::array<Unit, N>& units, double& value) {
  double number = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (problem != std::errc() || number < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::size_t letters = 0;
  while (letters < text.size() && ((text[letters] | 0x20) >= 'a' && (text[letters] | 0x20) <= 'z'))
    ++letters;
  const std::string name = lower(text.substr(0, letters));
  text.remove_prefix(letters);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  for (const Unit& unit : units) {
    if (unit.name == name) {
      value = number * unit.factor;
      return true;
    }
  }
  return false;
}

}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
  std::string_view rest = text;
  double value = 0;
  // 2^62 keeps sums of two sizes within 64 bits.
  if (!take_quantity(rest, kByteUnits, value) || !rest.empty() || value > 4.6e18)
    return usage_error(fmt::format("'{}' is not a size", text),
                       "write a number and a unit: 500m, 2GiB");
  return Bytes{static_cast<std::uint64_t>(std::llround(value))};
}

std::string format_bytes(Bytes bytes) {
  constexpr std::array names = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes.count);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < names.size()) {
    value /= 1024;
    ++unit;
  }
  if (value == std::floor(value)) return fmt::format("{:.0f} {}", value, names[unit]);
  return fmt::format("{:.1f} {}", value, names[unit]);
}

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  double total = 0;
  bool good = !rest.empty();
  while (good && !rest.empty()) {
    double part = 0;
    good = take_quantity(rest, kTimeUnits, part);
    total += part;
  }
  if (!good || total > 3.2e8)  // ten years, far below what nanoseconds in 64 bits hold
    return usage_error(fmt::format("'{}' is not a duration", text),
                       "write a number and a unit: 90s, 10m, 1h30m");
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(total));
}

std::string format_duration(Duration duration) {
  const double value = seconds(duration);
  if (value < 0.1) return fmt::format("{:.0f} ms", value * 1e3);
  if (value < 60) return fmt::format("{:.1f} s", value);
  const auto whole = static_cast<long long>(std::llround(value));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace nbreplay
