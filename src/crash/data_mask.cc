// Masks what a message holds of the data. Reducing a table changes this with every row that goes
// ("Could not convert string 'OsloBergenOslo' to numeric", "[3, 17, 21] not in index"), and the
// crash is the same all the while.

#include <algorithm>
#include <array>

#include "nbreplay/crash/data_words.h"

#include "crash/message.h"
#include "crash/text.h"

namespace nbreplay {
namespace {

/// As message templates have it for quoted data.
constexpr std::string_view kMark = "<text>";
/// Workers cut long messages in the middle, with a line that begins so.
constexpr std::string_view kCut = "\n[... ";
/// As much of a quoted text is looked at; what is values up to there is taken to go on so.
constexpr std::size_t kLongestQuoted = 16'384;
constexpr std::size_t kLongestName = 64;
/// A message, and the table, may be made to take long: what is not looked at is not masked.
constexpr std::size_t kSteps = 16'000'000;
constexpr int kDeepest = 8;

/// Say which operation failed on what: never data, even where a table holds the word.
constexpr std::array<std::string_view, 33> kTypeNames = {
    "str",      "int",       "float",     "bool",      "bytes",     "complex", "list",
    "tuple",    "dict",      "set",       "frozenset", "object",    "type",    "function",
    "method",   "module",    "range",     "slice",     "datetime",  "date",    "time",
    "nonetype", "timedelta", "timestamp", "series",    "dataframe", "index",   "ndarray",
    "string",   "int64",     "float64",   "category",  "decimal"};
/// What tables write for a value that is missing or no ordinary number, and messages as a word.
constexpr std::array<std::string_view, 9> kNothings = {"nan", "na",  "n/a",  "none", "null",
                                                       "nat", "inf", "true", "false"};

bool is_one_of(std::string_view word, const auto& words) {
  return std::ranges::any_of(words, [&](std::string_view other) {
    return std::ranges::equal(word, other, [](char one, char two) {
      return (one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one) == two;
    });
  });
}

bool is_quote(char c) {
  return c == '\'' || c == '"' || c == '`';
}

bool begins_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && is_digit(text.front());
}

/// "price", "numpy.ndarray", "datetime64[ns]".
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && !is_digit(text.front()) &&
         std::ranges::all_of(text,
                             [](char c) { return is_word(c) || c == '.' || c == '[' || c == ']'; });
}

/// Goes from left to right: each rule looks at what stands at the cursor, and either appends the
/// mark (or what it keeps) and moves on, or declines.
class DataMasker {
 public:
  DataMasker(std::string_view text, const DataWords& words, bool names_matter, std::size_t& steps,
             int nested = 0)
      : text_(text), words_(words), names_matter_(names_matter), steps_(steps), nested_(nested) {}

  std::string run() {
    // A key that is a number; templates mask those that stand among words.
    if (names_matter_ && begins_number(text_) && words_.holds(text_) && !words_.said(text_))
      return std::string(kMark);
    while (at_ < text_.size()) {
      if (quoted() || listed_scalar() || listed_number() || long_list() || line_end() || word())
        continue;
      if (text_[at_] == '[') ++depth_;
      if (text_[at_] == ']' && depth_ > 0) --depth_;
      out_.push_back(text_[at_++]);
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] char before() const { return at_ == 0 ? ' ' : text_[at_ - 1]; }

  /// What was written, without separators at its end; the \n of a quoted message is one, too.
  [[nodiscard]] std::string_view written() const {
    std::string_view text = out_;
    for (;;) {
      if (text.ends_with("\\n")) {
        text.remove_suffix(2);
      } else if (!text.empty() &&
                 std::string_view(" ,;\n\t").find(text.back()) != std::string_view::npos) {
        text.remove_suffix(1);
      } else {
        return text;
      }
    }
  }

  /// Appends the mark; one stands for any number of values in a row.
  void mark() {
    const std::string_view kept = written();
    if (kept.size() < out_.size() && kept.ends_with(kMark)) {
      out_.resize(kept.size());
    } else {
      out_ += kMark;
    }
  }

  /// What long lists are printed with: "…, 3,\n       ...\n  21], dtype='int64', length=201)".
  bool long_list() {
    constexpr std::string_view kLength = ", length=";
    std::string_view left_out = rest();
    if (take(left_out, kLength) && take_number(left_out)) {
      at_ = text_.size() - left_out.size();
      return true;
    }
    const std::string_view kept = written();
    if (depth_ == 0 || !rest().starts_with("...") || !kept.ends_with(kMark)) return false;
    out_.resize(kept.size());
    at_ += 3;
    return true;
  }

  /// The \n of a quoted message is white space: where lists are broken depends on their length.
  bool line_end() {
    if (!rest().starts_with("\\n")) return false;
    at_ = std::min(text_.find_first_not_of(' ', at_ + 2), text_.size());
    if (!out_.ends_with(' ')) out_ += ' ';
    return true;
  }

  bool quoted() {
    if (!is_quote(text_[at_]) || is_word(before()) || text_[at_] == never_closed_) return false;
    const std::string_view inside = rest().substr(1);
    const auto [length, values] = quoted_part(inside);
    if (length == std::string_view::npos) {
      never_closed_ = text_[at_];
      return false;
    }
    const std::string_view text = inside.substr(0, length);
    if (is_data(text, values)) {
      mark();
    } else {
      out_ += text_[at_];
      const bool plain = is_name(text) || nested_ == kDeepest;
      out_ += plain ? std::string(text)
                    : DataMasker(text, words_, names_matter_, steps_, nested_ + 1).run();
      out_ += text_[at_];
    }
    at_ += length + 2;
    return true;
  }

  /// How much of `inside` is quoted, and whether it is nothing but values. What is quoted may hold
  /// quotes itself: the end is the first after which values end, else the first at all.
  std::pair<std::size_t, bool> quoted_part(std::string_view inside) {
    const bool is_before = cut_ != std::string_view::npos && at_ < cut_;
    const std::size_t cut = is_before ? cut_ - at_ - 1 : std::string_view::npos;
    const std::size_t looked_at = std::min({inside.size(), cut, kLongestQuoted});
    const std::vector<bool> ends = words_.joined(inside.substr(0, looked_at), steps_);
    const bool goes_on = looked_at < inside.size() && ends.size() > 1 + looked_at / 2;
    std::size_t first = std::string_view::npos;
    std::size_t last = first;
    for (std::size_t i = inside.find(text_[at_]); i != std::string_view::npos;
         i = inside.find(text_[at_], i + 1)) {
      if (i + 1 < inside.size() && is_word(inside[i + 1])) continue;
      if (first == std::string_view::npos) first = i;
      if (i > 0 && i < ends.size() && ends[i]) return {i, true};
      if (i >= ends.size() && !goes_on) break;
      last = i;
    }
    return goes_on ? std::pair(last, true) : std::pair(first, false);
  }

  [[nodiscard]] bool is_data(std::string_view text, bool values) const {
    if (is_one_of(text, kTypeNames) || words_.said(text)) return false;
    if (values || begins_number(text)) return true;
    if (names_matter_ || is_name(text)) return false;
    // An operator is neither.
    return std::ranges::any_of(text, [](char c) { return is_word(c); });
  }

  /// `np.int64(3)`, as lists of NumPy's numbers are printed.
  bool listed_scalar() {
    if (depth_ == 0 || is_word(before()) || !rest().starts_with("np.")) return false;
    const std::size_t begin = at_;
    const std::size_t open = rest().find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789",
                                                      std::string_view("np.").size());
    if (open == std::string_view::npos || rest()[open] != '(') return false;
    const std::string out = out_;
    at_ += open + 1;
    if ((quoted() || listed_number()) && rest().starts_with(')')) {
      ++at_;
      return true;
    }
    at_ = begin;
    out_ = out;
    return false;
  }

  bool listed_number() {
    if (depth_ == 0 || is_word(before()) || before() == '.' || !begins_number(rest())) return false;
    std::size_t end = 1;
    const auto goes_on = [&](char c) {
      return is_digit(c) || c == '.' ||
             ((c == '-' || c == '+') && (rest()[end - 1] == 'e' || rest()[end - 1] == 'E')) ||
             ((c == 'e' || c == 'E') && is_digit(rest()[end - 1]));
    };
    while (end < rest().size() && goes_on(rest()[end])) ++end;
    if (end < rest().size() && is_word(rest()[end])) return false;
    mark();
    at_ += end;
    return true;
  }

  /// A value without quotes: "no such town: Oslo".
  bool word() {
    if (is_word(before()) || is_blank(text_[at_])) return false;
    const std::size_t length = words_.value_at(rest());
    const std::string_view value = rest().substr(0, length);
    if (length < 2) return false;
    if (std::ranges::none_of(value, [](char c) { return is_word(c) && !is_digit(c); }))
      return false;
    if (is_one_of(value, kTypeNames) || is_one_of(value, kNothings) || words_.said(value))
      return false;
    mark();
    at_ += length;
    return true;
  }

  std::string_view text_;
  const DataWords& words_;
  bool names_matter_;
  std::size_t& steps_;
  int nested_;
  std::size_t cut_ = text_.find(kCut);
  char never_closed_ = '\0';
  std::size_t at_ = 0;
  std::size_t depth_ = 0;  // of square brackets
  std::string out_;
};

}  // namespace

Crash without_data(Crash crash, const DataWords& words) {
  std::size_t steps = kSteps;
  const auto mask = [&](const std::string& type, std::string& message) {
    message = DataMasker(trimmed(message), words, names_matter(type), steps).run();
  };
  if (crash.message) mask(crash.type, *crash.message);
  for (ChainLink& link : crash.chain) mask(link.type, link.message);
  return crash;
}

}  // namespace nbreplay
