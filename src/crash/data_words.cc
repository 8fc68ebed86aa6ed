#include "nbreplay/crash/data_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "crash/text.h"

namespace nbreplay {
namespace {

/// FNV-1a over bytes whose ASCII letters are folded, to be carried on byte by byte.
constexpr std::uint64_t kEmptyDigest = 14695981039346656037ULL;

std::uint64_t carried_on(std::uint64_t digest, char c) {
  if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return (digest ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
}

std::uint64_t digest_of(std::string_view text) {
  std::uint64_t digest = kEmptyDigest;
  for (const char c : text) digest = carried_on(digest, c);
  return digest;
}

/// What a number is worth, printed in one way: "1.50" and "1.5" are the same value.
std::optional<std::string> worth_of(std::string_view text) {
  if (text.empty() || (!is_digit(text.front()) && !is_digit(text.back()))) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return fmt::format("{}", number);
}

bool separates(char c) {
  return is_blank(c) || c == ',' || c == ';' || c == '|';
}

}  // namespace

void DataWords::add(std::string_view value) {
  value = trimmed(value);
  if (value.empty() || value.size() > kLongest) return;
  add_digest(value);
  if (const auto worth = worth_of(value); worth && *worth != value) add_digest(*worth);
}

void DataWords::add_digest(std::string_view text) {
  digests_.push_back(digest_of(text));
  has_length_[text.size()] = true;
}

void DataWords::seal() {
  std::sort(digests_.begin(), digests_.end());
  digests_.erase(std::unique(digests_.begin(), digests_.end()), digests_.end());
  digests_.shrink_to_fit();
}

bool DataWords::holds(std::string_view text) const {
  text = trimmed(text);
  if (text.empty() || text.size() > kLongest) return false;
  if (std::ranges::binary_search(digests_, digest_of(text))) return true;
  const auto worth = worth_of(text);
  return worth && std::ranges::binary_search(digests_, digest_of(*worth));
}

std::vector<bool> DataWords::joined(std::string_view text, std::size_t& steps) const {
  std::vector<bool> ends = {true};
  const auto reach = [&](std::size_t end) {
    if (ends.size() <= end) ends.resize(end + 1);
    ends[end] = true;
  };
  for (std::size_t begin = 0; begin < ends.size() && begin < text.size(); ++begin) {
    if (!ends[begin]) continue;
    if (separates(text[begin])) reach(begin + 1);
    const std::size_t most = std::min(kLongest, text.size() - begin);
    if (steps < most) break;
    steps -= most;
    std::uint64_t digest = kEmptyDigest;
    for (std::size_t length = 1; length <= most; ++length) {
      digest = carried_on(digest, text[begin + length - 1]);
      if (has_length_[length] && std::ranges::binary_search(digests_, digest))
        reach(begin + length);
    }
  }
  return ends;
}

std::size_t DataWords::value_at(std::string_view text) const {
  const std::size_t most = std::min(kLongest, text.size());
  std::uint64_t digest = kEmptyDigest;
  std::size_t longest = 0;
  for (std::size_t length = 1; length <= most; ++length) {
    digest = carried_on(digest, text[length - 1]);
    const bool ends = length == text.size() || !is_word(text[length]) || !is_word(text[length - 1]);
    if (has_length_[length] && ends && std::ranges::binary_search(digests_, digest))
      longest = length;
  }
  return longest;
}

bool DataWords::said(std::string_view text) const {
  if (text.empty()) return false;
  return std::ranges::any_of(sources_, [&](std::string_view source) {
    for (std::size_t at = source.find(text); at != std::string_view::npos;
         at = source.find(text, at + 1)) {
      const std::size_t end = at + text.size();
      const bool begins = at == 0 || !is_word(source[at - 1]) || !is_word(text.front());
      if (begins && (end == source.size() || !is_word(source[end]) || !is_word(text.back())))
        return true;
    }
    return false;
  });
}

}  // namespace nbreplay
