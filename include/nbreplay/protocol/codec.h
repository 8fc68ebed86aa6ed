#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "nbreplay/base/result.h"
#include "nbreplay/base/units.h"
#include "nbreplay/protocol/messages.h"

namespace nbreplay::protocol {

/// A frame is a 4-byte little-endian payload size, a 1-byte message tag and the payload. Strings
/// and lists are preceded by their 4-byte length; integers are little-endian of fixed width.
inline constexpr std::size_t kHeaderSize = 5;
/// No frame may be larger: a display of more is truncated by the worker before it is sent.
inline constexpr Bytes kMaxFrame = mib(64);
/// No list in a message may have more elements.
inline constexpr std::size_t kMaxElements = 200'000;

[[nodiscard]] std::string encode(const Request& request);
[[nodiscard]] std::string encode(const Message& message);

/// Splits a byte stream into frames. Feed bytes as they come; `next_*` gives a whole message, or
/// nothing when more bytes are needed, or Error{kProtocol} when the peer broke the rules (then
/// the stream is dead: every later call gives the same error). Strings of a Message are valid
/// UTF-8 (what is not is replaced); those of a Request may hold surrogates, as base/utf8.h tells.
class Decoder {
 public:
  void feed(std::string_view bytes);
  [[nodiscard]] Result<std::optional<Message>> next_message();
  [[nodiscard]] Result<std::optional<Request>> next_request();

 private:
  struct RawFrame {
    unsigned char tag;
    std::string_view payload;
  };
  [[nodiscard]] Result<std::optional<RawFrame>> next_frame();
  template <class Variant>
  [[nodiscard]] Result<std::optional<Variant>> next(unsigned char first_tag, bool clean);

  std::string buffer_;
  std::size_t start_ = 0;  ///< Where the first frame not yet taken begins.
  std::optional<Error> broken_;
};

}  // namespace nbreplay::protocol
