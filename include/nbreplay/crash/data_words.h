#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/crash/crash.h"

namespace nbreplay {

/// What a table holds, and what a notebook's sources say: tells which words of a message come from
/// the table. Values are compared without regard to the case of ASCII letters and to blanks around
/// them; numbers by what they are worth, too. Only their digests are kept.
class DataWords {
 public:
  /// What sources say is a name: it tells one crash from another even where the table holds it.
  explicit DataWords(std::vector<std::string> sources) : sources_(std::move(sources)) {}

  void add(std::string_view value);
  /// After the last `add`, before anything is asked.
  void seal();

  [[nodiscard]] bool holds(std::string_view text) const;
  /// Per length: whether that much of the front of `text` is nothing but values one after another,
  /// with or without separators, as `sum()` of a column of texts makes it. Ends with the last such
  /// length. Looks no further once `steps` are used up, which it counts down.
  [[nodiscard]] std::vector<bool> joined(std::string_view text, std::size_t& steps) const;
  /// How much of the front of `text` is the longest value that ends where a word ends; 0: none is.
  [[nodiscard]] std::size_t value_at(std::string_view text) const;
  /// Whether a source says it, as one or more whole words.
  [[nodiscard]] bool said(std::string_view text) const;

 private:
  /// Longer values are no words of a message.
  static constexpr std::size_t kLongest = 256;

  void add_digest(std::string_view text);

  std::vector<std::uint64_t> digests_;  // ascending once sealed
  std::array<bool, kLongest + 1> has_length_ = {};
  std::vector<std::string> sources_;
};

/// `crash` with a mark in place of what its messages hold of the data: values of the table, quoted
/// text that is no name, numbers in lists, however many they are. Comparing two of these compares
/// all else. For a crash of which only the data were changed: in others, quoted text may be what
/// tells two crashes apart.
[[nodiscard]] Crash without_data(Crash crash, const DataWords& words);

}  // namespace nbreplay
