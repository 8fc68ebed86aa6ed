#include <limits>

#include "nbreplay/base/check.h"
#include "nbreplay/protocol/codec.h"
#include "nbreplay/protocol/fields.h"

namespace nbreplay::protocol {
namespace {

class Writer {
 public:
  explicit Writer(unsigned char tag) : frame_(kHeaderSize, '\0') {
    frame_[kHeaderSize - 1] = static_cast<char>(tag);
  }

  template <class T>
  void put(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      put_integer(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::is_same_v<T, bool>) {
      put_integer(static_cast<std::uint8_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      put_integer(value);
    } else {
      std::apply([&](const auto&... field) { (put(field), ...); }, fields(value));
    }
  }
  void put(const std::string& text) {
    put_length(text.size());
    frame_ += text;
  }
  template <class T>
  void put(const std::vector<T>& list) {
    put_length(list.size());
    for (const T& element : list) put(element);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }

  [[nodiscard]] std::string finish() && {
    const std::size_t size = frame_.size() - kHeaderSize;
    CHECK(size <= std::numeric_limits<std::uint32_t>::max(), "a frame's size has four bytes");
    for (std::size_t i = 0; i < 4; ++i) frame_[i] = static_cast<char>((size >> (8 * i)) & 0xff);
    return std::move(frame_);
  }

 private:
  template <class I>
  void put_integer(I value) {
    auto bits = static_cast<std::make_unsigned_t<I>>(value);
    for (std::size_t i = 0; i < sizeof(I); ++i) {
      frame_ += static_cast<char>((static_cast<std::uint64_t>(bits) >> (8 * i)) & 0xff);
    }
  }
  void put_length(std::size_t length) {
    CHECK(length <= std::numeric_limits<std::uint32_t>::max(), "a length has four bytes");
    put_integer(static_cast<std::uint32_t>(length));
  }

  std::string frame_;
};

template <class Variant>
std::string encode_variant(const Variant& variant, unsigned char first_tag) {
  Writer writer(static_cast<unsigned char>(first_tag + variant.index()));
  std::visit([&](const auto& alternative) { writer.put(alternative); }, variant);
  return std::move(writer).finish();
}

}  // namespace

std::string encode(const Request& request) {
  return encode_variant(request, kFirstRequestTag);
}
std::string encode(const Message& message) {
  return encode_variant(message, kFirstMessageTag);
}

}  // namespace nbreplay::protocol
