#include <fmt/format.h>

#include "nbreplay/base/utf8.h"
#include "nbreplay/protocol/codec.h"
#include "nbreplay/protocol/fields.h"

namespace nbreplay::protocol {
namespace {

/// A list of small elements must not claim far more memory than it took to send: one byte of
/// payload may stand for about eight bytes in memory, so growth is left to push_back.
constexpr std::size_t kMaxReserve = 1024;

/// Reads fields from a payload. The first failure sticks: `problem()` is not empty then, and
/// everything read later is worthless.
class Reader {
 public:
  /// `clean` replaces what is not UTF-8 in strings: for what comes from a worker.
  Reader(std::string_view payload, bool clean) : rest_(payload), clean_(clean) {}

  template <class T>
  void get(T& value) {
    if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> number{};
      get_integer(number);
      if (number > static_cast<std::underlying_type_t<T>>(kLast<T>)) {
        fail(fmt::format("value {} of an enumeration", static_cast<unsigned>(number)));
      }
      value = static_cast<T>(number);
    } else if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t number = 0;
      get_integer(number);
      if (number > 1) fail("a truth value other than 0 and 1");
      value = number != 0;
    } else if constexpr (std::is_integral_v<T>) {
      get_integer(value);
    } else {
      std::apply([&](auto&... field) { (get(field), ...); }, fields(value));
    }
  }
  void get(std::string& text) {
    const std::string_view bytes = take(get_length());
    if (clean_ && find_invalid_utf8(bytes) != std::string_view::npos) {
      text = to_valid_utf8(bytes);
    } else {
      text.assign(bytes);
    }
  }
  template <class T>
  void get(std::vector<T>& list) {
    const std::size_t length = get_length();
    if (length > kMaxElements) {
      fail(fmt::format("a list of {} elements (at most {} are allowed)", length, kMaxElements));
    }
    list.clear();
    if (failed()) return;
    list.reserve(std::min(length, kMaxReserve));
    for (std::size_t i = 0; i < length && !failed(); ++i) get(list.emplace_back());
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool present = false;
    get(present);
    value.reset();
    if (present && !failed()) get(value.emplace());
  }

  void finish() {
    if (!rest_.empty()) fail(fmt::format("{} bytes after the message's end", rest_.size()));
  }
  [[nodiscard]] bool failed() const { return !problem_.empty(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  template <class I>
  void get_integer(I& value) {
    const std::string_view bytes = take(sizeof(I));
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    value = static_cast<I>(bits);
  }
  std::size_t get_length() {
    std::uint32_t length = 0;
    get_integer(length);
    return length;
  }
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) fail("the message ends too early");
    if (failed()) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  void fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  std::string_view rest_;
  std::string problem_;
  bool clean_;
};

Error protocol_error(std::string problem) {
  return {ErrorCode::kProtocol,
          "the other side of the worker's control socket broke the protocol",
          std::move(problem),
          {}};
}

template <class Variant, std::size_t... I>
bool construct(Variant& variant, std::size_t index, std::index_sequence<I...>) {
  return ((index == I ? (variant.template emplace<I>(), true) : false) || ...);
}

template <class Variant>
Result<Variant> decode(unsigned char tag, std::string_view payload, unsigned char first_tag,
                       bool clean) {
  Variant variant;
  const auto index = static_cast<std::size_t>(tag - first_tag);
  constexpr auto kAlternatives = std::make_index_sequence<std::variant_size_v<Variant>>();
  if (tag < first_tag || !construct(variant, index, kAlternatives)) {
    return protocol_error(fmt::format("unknown message tag {:#04x}", tag));
  }
  Reader reader(payload, clean);
  std::visit([&](auto& alternative) { reader.get(alternative); }, variant);
  reader.finish();
  if (reader.failed()) {
    return protocol_error(fmt::format("message with tag {:#04x}: {}", tag, reader.problem()));
  }
  return variant;
}

}  // namespace

void Decoder::feed(std::string_view bytes) {
  if (broken_) return;
  // Taken frames are dropped here and not one by one: a burst of small messages costs one move.
  buffer_.erase(0, start_);
  start_ = 0;
  buffer_ += bytes;
}

Result<std::optional<Decoder::RawFrame>> Decoder::next_frame() {
  if (broken_) return *broken_;
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  if (rest.size() < kHeaderSize) return std::optional<RawFrame>();
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    size |= static_cast<std::size_t>(static_cast<unsigned char>(rest[i])) << (8 * i);
  }
  if (size > kMaxFrame.count) {
    broken_ = protocol_error(
        fmt::format("a frame of {} bytes (at most {} are allowed)", size, kMaxFrame.count));
    return *broken_;
  }
  if (rest.size() - kHeaderSize < size) return std::optional<RawFrame>();
  return std::optional<RawFrame>(
      RawFrame{static_cast<unsigned char>(rest[kHeaderSize - 1]), rest.substr(kHeaderSize, size)});
}

template <class Variant>
Result<std::optional<Variant>> Decoder::next(unsigned char first_tag, bool clean) {
  NBREPLAY_TRY(const auto frame, next_frame());
  if (!frame) return std::optional<Variant>();
  Result<Variant> decoded = decode<Variant>(frame->tag, frame->payload, first_tag, clean);
  if (!decoded) {
    broken_ = decoded.error();
    return *broken_;
  }
  start_ += kHeaderSize + frame->payload.size();
  return std::optional<Variant>(std::move(*decoded));
}

Result<std::optional<Message>> Decoder::next_message() {
  return next<Message>(kFirstMessageTag, true);
}

Result<std::optional<Request>> Decoder::next_request() {
  return next<Request>(kFirstRequestTag, false);
}

}  // namespace nbreplay::protocol
