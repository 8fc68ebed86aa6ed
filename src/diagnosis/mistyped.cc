#include "diagnosis/mistyped.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

namespace nbreplay {
namespace {

constexpr std::size_t kShortest = 4;
/// A slip in a name this long may be two.
constexpr std::size_t kLong = 6;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) result.push_back(lower(c));
  return result;
}

std::string without_digits(std::string_view text) {
  std::string result;
  for (const char c : text)
    if (c < '0' || c > '9') result.push_back(c);
  return result;
}

std::vector<std::string_view> parts(std::string_view name) {
  std::vector<std::string_view> result;
  while (true) {
    const std::size_t end = std::min(name.find('_'), name.size());
    result.push_back(name.substr(0, end));
    if (end == name.size()) return result;
    name.remove_prefix(end + 1);
  }
}

bool is_vowel(char c) {
  return std::string_view("aeiou").find(c) != std::string_view::npos;
}

/// Next to each other in a row of a QWERTY keyboard, or two vowels: what is misspelt.
bool easily_confused(char a, char b) {
  constexpr std::array<std::string_view, 4> kRows = {"1234567890", "qwertyuiop", "asdfghjkl",
                                                     "zxcvbnm"};
  if (is_vowel(a) && is_vowel(b)) return true;
  return std::any_of(kRows.begin(), kRows.end(), [&](std::string_view row) {
    const std::size_t i = row.find(a);
    const std::size_t j = row.find(b);
    if (i == std::string_view::npos || j == std::string_view::npos) return false;
    return i + 1 == j || j + 1 == i;
  });
}

bool is_plural(std::string_view one, std::string_view many) {
  return many.size() == one.size() + 1 && many.back() == 's' && many.substr(0, one.size()) == one;
}

/// Whether the names, of one length, differ in letters that are easily confused only, and no
/// more than one of them unless two neighbours are swapped.
bool one_key_beside(std::string_view a, std::string_view b) {
  std::size_t differing = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (i > 0 && easily_confused(a[i], b[i])) {
      ++differing;
    } else {
      return false;
    }
  }
  return differing == 1;
}

Likeness likeness_of_parts(std::string_view wrong, std::string_view right) {
  if (wrong.size() < kShortest || right.size() < kShortest) return Likeness::kNone;
  const std::size_t distance = edit_distance(wrong, right);
  const std::size_t most = std::min(wrong.size(), right.size()) >= kLong ? 2 : 1;
  if (distance > most) return Likeness::kNone;
  if (is_plural(wrong, right) || is_plural(right, wrong)) return Likeness::kPossible;
  if (wrong.size() == right.size()) {
    std::string wrong_letters(wrong);
    std::string right_letters(right);
    std::sort(wrong_letters.begin(), wrong_letters.end());
    std::sort(right_letters.begin(), right_letters.end());
    const bool swapped = wrong_letters == right_letters;
    return swapped || one_key_beside(wrong, right) ? Likeness::kSlip : Likeness::kPossible;
  }
  const std::size_t longer = std::max(wrong.size(), right.size());
  const std::size_t shorter = std::min(wrong.size(), right.size());
  return distance == longer - shorter ? Likeness::kSlip : Likeness::kPossible;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  std::iota(d[0].begin(), d[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

Likeness looks_mistyped(std::string_view wrong, std::string_view right) {
  if (wrong == right || wrong.size() + 2 < right.size() || right.size() + 2 < wrong.size())
    return Likeness::kNone;
  if (wrong.size() < kShortest || right.size() < kShortest) return Likeness::kNone;
  const std::string a = lower(wrong);
  const std::string b = lower(right);
  if (a == b) return Likeness::kSlip;
  if (without_digits(a) == without_digits(b)) return Likeness::kNone;
  const auto wrong_parts = parts(a);
  const auto right_parts = parts(b);
  // A missing or added underscore is a slip like another letter.
  if (wrong_parts.size() != right_parts.size()) return likeness_of_parts(a, b);
  Likeness worst = Likeness::kSlip;
  std::size_t differing = 0;
  for (std::size_t i = 0; i < wrong_parts.size(); ++i) {
    if (wrong_parts[i] == right_parts[i]) continue;
    ++differing;
    worst = std::min(worst, likeness_of_parts(wrong_parts[i], right_parts[i]));
  }
  return differing == 1 ? worst : Likeness::kNone;
}

}  // namespace nbreplay
