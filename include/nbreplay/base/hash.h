#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace nbreplay {

/// SHA-256, incrementally. `add` of a string is length-prefixed, so that ("ab","c") and
/// ("a","bc") differ: use it for structured keys. `add_raw` is the plain byte stream: use it
/// where the digest must equal that of `sha256sum`.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  Hasher& add(std::string_view field);
  Hasher& add(std::uint64_t number);
  Hasher& add_raw(std::string_view bytes);

  /// The digest in lower-case hexadecimal, 64 characters. Call once, last.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of `bytes` as lower-case hexadecimal, as `sha256sum` prints it.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

/// The name-based UUID of RFC 4122, version 3 (MD5), in the DNS namespace, as Python's
/// uuid.uuid3(uuid.NAMESPACE_DNS, name) gives it. An identifier, not a protection.
[[nodiscard]] std::string uuid3_dns(std::string_view name);

}  // namespace nbreplay
