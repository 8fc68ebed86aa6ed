#include "crash/message.h"

#include <algorithm>
#include <array>

#include "nbreplay/crash/signature.h"

#include "crash/text.h"

namespace nbreplay {
namespace {

/// Messages can be whole documents (a failed `assert frame.equals(…)`); what names the crash
/// stands at the beginning.
constexpr std::size_t kLongestMessage = 8192;
constexpr std::size_t kLongestCompared = 600;

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool ends_token(char c) {
  return is_blank(c) || c == '\'' || c == '"' || c == '`' || c == ',' || c == ')' || c == ';' ||
         c == '>' || c == ']';
}

/// Where a place `(…, line N)` begins, with the blank before it; npos without one.
std::size_t syntax_place(std::string_view message) {
  if (!message.ends_with(')')) return std::string_view::npos;
  const std::size_t open = message.rfind(" (");
  if (open == std::string_view::npos) return open;
  std::string_view inside = message.substr(open + 2);
  const std::size_t line = inside.rfind(", line ");
  if (line == std::string_view::npos) return line;
  std::string_view number = inside.substr(line + std::string_view(", line ").size());
  return take_number(number) && number == ")" ? open : std::string_view::npos;
}

/// The token at `at` when it is an absolute path: "/a/b", "~/a", "C:\a".
std::string_view path_at(std::string_view text, std::size_t at) {
  if (at > 0 && !ends_token(text[at - 1]) && text[at - 1] != '(' && text[at - 1] != '=' &&
      text[at - 1] != '[') {
    return {};
  }
  const std::string_view rest = text.substr(at);
  const bool drive = rest.size() > 2 && is_letter(rest[0]) && rest[1] == ':' &&
                     (rest[2] == '\\' || rest[2] == '/');
  const bool rooted = rest.size() > 1 && rest[0] == '/' && (is_word(rest[1]) || rest[1] == '.');
  if (!drive && !rooted && !rest.starts_with("~/")) return {};
  const std::size_t end =
      static_cast<std::size_t>(std::ranges::find_if(rest, ends_token) - rest.begin());
  return rest.substr(0, end);
}

bool is_temporary(std::string_view path) {
  return path.starts_with("/tmp/") || path.starts_with("/var/tmp/") ||
         path.starts_with("/var/folders/") || contains(path, "\\Temp\\") ||
         path.starts_with("/dev/shm/");
}

/// Rewrites a message from left to right: each rule looks at what stands at the cursor, and
/// either appends its mask and moves on, or declines.
class Masker {
 public:
  struct Rules {
    bool numbers = false;
    bool quoted = false;  ///< Quoted text is data.
    bool paths = false;   ///< All absolute paths; else only those to temporary files.
  };

  Masker(std::string_view text, Rules rules) : text_(text), rules_(rules) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (mask_address() || mask_parenthesised_path() || mask_path() || mask_set() ||
          mask_quoted() || unwrap_scalar() || mask_hash() || mask_number()) {
        continue;
      }
      shorten_call();
      out_.push_back(text_[at_++]);
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] char before() const { return at_ == 0 ? ' ' : text_[at_ - 1]; }

  bool mask_address() {
    if (!rest().starts_with("0x") || is_word(before())) return false;
    std::size_t end = 2;
    while (end < rest().size() && is_hex(rest()[end])) ++end;
    if (end < 6) return false;  // a small constant, as in "byte 0xff"
    out_ += "<address>";
    at_ += end;
    return true;
  }

  /// `(/x/y/__init__.py)`, `(unknown location)`: where a module was found.
  bool mask_parenthesised_path() {
    if (text_[at_] != '(') return false;
    const std::size_t close = rest().find(')');
    if (close == std::string_view::npos) return false;
    const std::string_view inside = rest().substr(1, close - 1);
    if (inside != "unknown location" && (inside.empty() || path_at(inside, 0) != inside)) {
      return false;
    }
    at_ += close + 1;
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    return true;
  }

  bool mask_path() {
    const std::string_view path = path_at(text_, at_);
    if (path.empty()) return false;
    const bool temporary = is_temporary(path);
    if (!temporary && !rules_.paths) return false;
    out_ += "<path>";
    // The name of the file says which one is missing; in a temporary folder it is random.
    if (!temporary) out_ += "/" + std::string(path.substr(path.find_last_of("/\\") + 1));
    at_ += path.size();
    return true;
  }

  /// `{'b', 'a'}`: a set's order follows the hash seed. Dictionaries keep theirs.
  bool mask_set() {
    if (text_[at_] != '{') return false;
    const std::size_t close = rest().find('}');
    if (close == std::string_view::npos) return false;
    std::string_view inside = rest().substr(1, close - 1);
    if (inside.find_first_of(":{[(") != std::string_view::npos || !contains(inside, ", ")) {
      return false;
    }
    std::vector<std::string> items;
    while (!inside.empty()) {
      const std::size_t end = std::min(inside.find(", "), inside.size());
      items.push_back(Masker(inside.substr(0, end), rules_).run());
      inside.remove_prefix(std::min(end + 2, inside.size()));
    }
    std::ranges::sort(items);
    for (std::size_t i = 0; i < items.size(); ++i) out_ += (i == 0 ? "{" : ", ") + items[i];
    out_ += '}';
    at_ += close + 1;
    return true;
  }

  bool mask_quoted() {
    if (!rules_.quoted || (text_[at_] != '\'' && text_[at_] != '"') || is_word(before())) {
      return false;
    }
    const std::size_t close = rest().find(text_[at_], 1);
    if (close == std::string_view::npos) return false;
    out_ += "<text>";
    at_ += close + 1;
    return true;
  }

  /// `np.int64(3)` is what NumPy 2 prints for what was `3`.
  bool unwrap_scalar() {
    std::string_view text = rest();
    if (is_word(before()) || before() == '.' || !take(text, "np.")) return false;
    std::size_t name = 0;
    while (name < text.size() && is_word(text[name])) ++name;
    if (name == 0 || name == text.size() || text[name] != '(') return false;
    if (!is_digit(text[name - 1]) && text[name - 1] != '_') return false;
    const std::size_t close = text.find(')', name);
    if (close == std::string_view::npos) return false;
    out_ += Masker(text.substr(name + 1, close - name - 1), rules_).run();
    at_ += 3 + close + 1;
    return true;
  }

  /// A run of 16 or more hexadecimal digits and dashes with digits in it: hash, UUID.
  bool mask_hash() {
    if (is_word(before()) || !is_hex(text_[at_])) return false;
    std::size_t end = 0;
    std::size_t digits = 0;
    while (end < rest().size() && (is_hex(rest()[end]) || rest()[end] == '-')) {
      if (is_digit(rest()[end])) ++digits;
      ++end;
    }
    const bool whole = end == rest().size() || !is_word(rest()[end]);
    if (end < 16 || digits < 4 || digits == end || !whole) return false;
    out_ += "<hash>";
    at_ += end;
    return true;
  }

  /// Every number on its own, so that a shape keeps its rank. Numbers that choose among few
  /// (axis 0, dimension 1, base 10) say which crash it is.
  bool mask_number() {
    if (!rules_.numbers || !is_digit(text_[at_]) || (is_word(before()) && before() != 'x')) {
      return false;
    }
    // "64x128": the x between sizes; not in "box3".
    if (before() == 'x' && (at_ < 2 || !is_digit(text_[at_ - 2]))) return false;
    for (const std::string_view word : {"axis ", "dimension ", "dim ", "base "}) {
      if (out_.ends_with(word)) return false;
    }
    std::size_t end = 0;
    const auto is = [&](std::size_t i, auto test) { return i < rest().size() && test(rest()[i]); };
    while (is(end, is_digit) ||
           (is(end, [](char c) { return c == '.'; }) && is(end + 1, is_digit))) {
      ++end;
    }
    if (is(end, [](char c) { return c == 'e'; })) {
      const bool sign = is(end + 1, [](char c) { return c == '-' || c == '+'; });
      std::size_t exponent = end + 1 + (sign ? 1 : 0);
      if (is(exponent, is_digit)) {
        while (is(exponent, is_digit)) ++exponent;
        end = exponent;
      }
    }
    if (is(end, is_word) && rest()[end] != 'x') return false;  // "3rd", "2D"
    const bool negative = !out_.empty() && out_.back() == '-' &&
                          (out_.size() == 1 || !is_word(out_[out_.size() - 2]));
    if (negative) out_.pop_back();
    out_ += "<n>";
    at_ += end;
    return true;
  }

  /// At "()" or "(": `A.fit()` becomes `fit()`. Qualified names appear from Python 3.10 on.
  void shorten_call() {
    if (!rest().starts_with("()")) return;
    std::size_t start = out_.size();
    while (start > 0 && (is_word(out_[start - 1]) || out_[start - 1] == '.')) --start;
    const std::size_t local = out_.rfind("<locals>.");
    const std::size_t dot = out_.rfind('.');
    if (dot == std::string::npos || dot < start) return;
    if (local != std::string::npos && local + 9 >= start) {  // "f.<locals>.g"
      start = local;
      while (start > 0 && (is_word(out_[start - 1]) || out_[start - 1] == '.')) --start;
    }
    out_.erase(start, dot + 1 - start);
  }

  std::string_view text_;
  Rules rules_;
  std::size_t at_ = 0;
  std::string out_;
};

/// Without what is printed around the message proper: blank lines, a SyntaxError's place,
/// suggestions.
std::string_view core_of(std::string_view message) {
  message = trimmed(message.substr(0, kLongestMessage));
  message = message.substr(0, syntax_place(message));
  for (const std::string_view suggestion : {". Did you mean", ". Did you forget"}) {
    message = message.substr(0, message.find(suggestion));
  }
  return trimmed(message);
}

/// Messages of ValueError that quote the data they choke on.
bool quotes_data(std::string_view type, std::string_view message) {
  static constexpr std::array<std::string_view, 4> kPhrases = {
      "could not convert", "invalid literal", "time data", "unconverted data"};
  return type == "ValueError" && std::ranges::any_of(kPhrases, [&](std::string_view phrase) {
           return contains(message, phrase);
         });
}

}  // namespace

std::optional<int> syntax_error_line(std::string_view message) {
  message = trimmed(message);
  if (syntax_place(message) == std::string_view::npos) return std::nullopt;
  std::string_view number = message.substr(message.rfind(", line ") + 7);
  return take_number(number);
}

bool names_matter(std::string_view type) {
  static constexpr std::array<std::string_view, 6> kTypes = {"NameError",   "UnboundLocalError",
                                                             "KeyError",    "AttributeError",
                                                             "ImportError", "ModuleNotFoundError"};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

std::vector<std::string_view> quoted_names(std::string_view message) {
  std::vector<std::string_view> names;
  std::size_t at = 0;
  while ((at = message.find_first_of("'\"`", at)) != std::string_view::npos) {
    const bool apostrophe = at > 0 && is_word(message[at - 1]);
    const std::size_t close =
        apostrophe ? std::string_view::npos : message.find(message[at], at + 1);
    if (close == std::string_view::npos) {
      ++at;
      continue;
    }
    names.push_back(message.substr(at + 1, close - at - 1));
    at = close + 1;
  }
  return names;
}

std::string normalised_message(std::string_view message) {
  return folded(Masker(core_of(message), {}).run());
}

std::string message_template(std::string_view type, std::string_view message) {
  message = core_of(message);
  // In these the first line says all, and later releases append pages of help to it.
  if (names_matter(type)) message = message.substr(0, message.find('\n'));
  // A key may be a number, and then it is the crash's name.
  const bool lone_key =
      type == "KeyError" && message.find_first_of(" \n") == std::string_view::npos;
  Masker masker(message,
                {.numbers = !lone_key, .quoted = quotes_data(type, message), .paths = true});
  std::string text = folded(masker.run());
  while (text.ends_with('.')) text.pop_back();
  return text;
}

bool templates_agree(std::string_view one, std::string_view other) {
  if (one.size() > other.size()) std::swap(one, other);
  if (one == other) return true;
  constexpr std::size_t kShortestSentence = 12;
  if (one.size() < kShortestSentence || !other.starts_with(one)) return false;
  const char next = other[one.size()];
  // "cannot import name 'x'" of Python 3.6 goes on with " from 'y'" since 3.7.
  const bool after_name = next == ' ' && one.back() == '\'';
  return next == '.' || next == ';' || next == ',' || next == ':' || after_name;
}

double similarity(std::string_view one, std::string_view other) {
  one = one.substr(0, kLongestCompared);
  other = other.substr(0, kLongestCompared);
  if (one.empty() && other.empty()) return 1;
  std::vector<std::size_t> row(other.size() + 1);  // row[j]: of the prefixes seen so far
  for (const char c : one) {
    std::size_t diagonal = 0;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = c == other[j - 1] ? diagonal + 1 : std::max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return 2.0 * static_cast<double>(row.back()) / static_cast<double>(one.size() + other.size());
}

}  // namespace nbreplay
