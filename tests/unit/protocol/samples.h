#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "nbreplay/protocol/fields.h"
#include "nbreplay/protocol/messages.h"

namespace nbreplay::protocol {

// Fills every field of a message with a value that occurs nowhere else in it, so that swapped
// or forgotten fields change the round trip.
class Filler {
 public:
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_enum_v<T>) {
      value = kLast<T>;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = true;
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(static_cast<T>(1) << (8 * (sizeof(T) - 1))) + static_cast<T>(++next_);
    } else {
      std::apply([&](auto&... field) { (fill(field), ...); }, fields(value));
    }
  }
  void fill(std::string& text) { text = "text-ä-" + std::to_string(++next_); }
  template <class T>
  void fill(std::vector<T>& list) {
    list.resize(2);
    for (T& element : list) fill(element);
  }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }

 private:
  int next_ = 0;
};

template <class Variant, std::size_t... I>
void append_samples(std::vector<Variant>& samples, std::index_sequence<I...>) {
  const auto add = [&](auto alternative) {
    samples.emplace_back(alternative);
    Filler().fill(alternative);
    samples.emplace_back(alternative);
  };
  (add(std::variant_alternative_t<I, Variant>()), ...);
}

/// Every alternative of the variant twice: as constructed, and with every field filled.
template <class Variant>
std::vector<Variant> samples() {
  std::vector<Variant> all;
  append_samples(all, std::make_index_sequence<std::variant_size_v<Variant>>());
  return all;
}

/// Compares all fields of two values of one type.
class Comparison {
 public:
  template <class T>
  bool same(const T& left, const T& right) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      return left == right;
    } else {
      return same_tuples(fields(left), fields(right));
    }
  }
  bool same(const std::string& left, const std::string& right) { return left == right; }
  template <class T>
  bool same(const std::vector<T>& left, const std::vector<T>& right) {
    const auto equal = [this](const T& a, const T& b) { return same(a, b); };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), equal);
  }
  template <class T>
  bool same(const std::optional<T>& left, const std::optional<T>& right) {
    return left.has_value() == right.has_value() && (!left || same(*left, *right));
  }
  template <class... T>
  bool same(const std::variant<T...>& left, const std::variant<T...>& right) {
    if (left.index() != right.index()) return false;
    return std::visit(
        [&](const auto& value) {
          return same(value, std::get<std::decay_t<decltype(value)>>(right));
        },
        left);
  }

 private:
  template <class... T>
  bool same_tuples(const std::tuple<T&...>& left, const std::tuple<T&...>& right) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (same(std::get<I>(left), std::get<I>(right)) && ...);
    }
    (std::index_sequence_for<T...>());
  }
};

template <class T>
bool same(const T& left, const T& right) {
  return Comparison().same(left, right);
}

}  // namespace nbreplay::protocol
