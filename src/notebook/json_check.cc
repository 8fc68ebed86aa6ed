#include "notebook/json_check.h"

#include <fmt/format.h>

#include <utility>

namespace nbreplay::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The value of a hexadecimal digit, or -1.
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A pushdown automaton: `open_` holds the brackets that wait for their end, so that hostile
/// nesting costs a byte a level and no stack.
class Checker {
 public:
  Checker(std::string_view text, Facts& facts, std::size_t max_depth)
      : text_(text), facts_(facts), max_depth_(max_depth) {}

  std::optional<Fault> run() {
    Expect expect = Expect::kValue;
    while (!fault_ && expect != Expect::kEnd) {
      skip_space();
      expect = step(expect);
    }
    skip_space();
    if (!fault_ && at_ < text_.size()) fail("the end of the file");
    return std::move(fault_);
  }

 private:
  enum class Expect { kValue, kValueOrClose, kKey, kKeyOrClose, kCommaOrClose, kEnd };

  Expect step(Expect expect) {
    switch (expect) {
      case Expect::kValueOrClose:
        if (peek() == ']') return close();
        return value();
      case Expect::kValue:
        return value();
      case Expect::kKeyOrClose:
        if (peek() == '}') return close();
        return key("a key or `}`");
      case Expect::kKey:
        return key("a key");
      case Expect::kCommaOrClose:
        return comma_or_close();
      case Expect::kEnd:
        break;
    }
    return Expect::kEnd;
  }

  Expect value() {
    if (++values_ > kMaxValues) {
      fault_ = Fault{at_, fmt::format("more than {} values", kMaxValues), Fault::Kind::kTooMuch};
      return Expect::kEnd;
    }
    switch (peek()) {
      case '{':
      case '[':
        if (open_.size() == max_depth_) {
          fault_ = Fault{at_, fmt::format("nested more than {} levels deep", max_depth_),
                         Fault::Kind::kTooMuch};
          return Expect::kEnd;
        }
        open_.push_back(text_[at_++]);
        return open_.back() == '{' ? Expect::kKeyOrClose : Expect::kValueOrClose;
      case '"':
        string();
        break;
      case 't':
        word("true");
        break;
      case 'f':
        word("false");
        break;
      case 'n':
        word("null");
        break;
      case 'N':
        word("NaN");
        break;
      case 'I':
        word("Infinity");
        break;
      default:
        number();
    }
    return after_value();
  }

  Expect key(std::string_view expected) {
    if (peek() != '"') return fail(expected);
    string();
    skip_space();
    if (fault_) return Expect::kEnd;
    if (peek() != ':') return fail("`:`");
    ++at_;
    return Expect::kValue;
  }

  Expect comma_or_close() {
    const bool object = open_.back() == '{';
    if (peek() == ',') {
      ++at_;
      return object ? Expect::kKey : Expect::kValue;
    }
    if (peek() == (object ? '}' : ']')) return close();
    return fail(object ? "`,` or `}`" : "`,` or `]`");
  }

  Expect close() {
    ++at_;
    open_.pop_back();
    return after_value();
  }

  [[nodiscard]] Expect after_value() const {
    return open_.empty() ? Expect::kEnd : Expect::kCommaOrClose;
  }

  void word(std::string_view expected) {
    for (const char c : expected) {
      if (peek() != c) {
        fail(fmt::format("`{}`", expected));
        return;
      }
      ++at_;
    }
  }

  void number() {
    const std::size_t start = at_;
    if (peek() == '-') ++at_;
    if (peek() == 'I') return word("Infinity");
    if (!is_digit(peek())) {
      fail(at_ == start ? "a value" : "a digit");
      return;
    }
    if (peek() == '0') {
      ++at_;
    } else {
      digits();
    }
    if (peek() == '.') {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
  }

  void digits() {
    if (!fault_ && !is_digit(peek())) fail("a digit");
    while (is_digit(peek())) ++at_;
  }

  void string() {
    ++at_;
    for (;;) {
      // Most bytes of a notebook pass through this loop.
      while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) >= 0x20 &&
             text_[at_] != '"' && text_[at_] != '\\') {
        facts_.non_ascii |= static_cast<unsigned char>(text_[at_]) >= 0x80;
        ++at_;
      }
      if (at_ == text_.size()) {
        fail("`\"` at the end of a string");
        return;
      }
      if (text_[at_] == '"') {
        ++at_;
        return;
      }
      if (text_[at_] != '\\') {
        fault_ = Fault{at_, fmt::format("a string holds the control character 0x{:02x}",
                                        static_cast<unsigned char>(text_[at_]))};
        return;
      }
      if (!escape()) return;
    }
  }

  bool escape() {
    ++at_;
    if (peek() == 'u') return unicode_escape();
    if (peek() == '\0' || std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos) {
      fail("an escape such as `\\n`");
      return false;
    }
    ++at_;
    return true;
  }

  bool unicode_escape() {
    ++at_;
    int code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const int digit = hex_value(peek());
      if (digit < 0) {
        fail("four hexadecimal digits after `\\u`");
        return false;
      }
      code = code * 16 + digit;
    }
    facts_.non_ascii_escapes |= code >= 0x7f;  // DEL is one that only ASCII writers escape
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }

  /// The next byte, or NUL at the end; a NUL in the text is an error wherever peek is asked.
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  Expect fail(std::string_view expected) {
    const bool at_end = at_ >= text_.size();
    const auto byte = static_cast<unsigned char>(peek());
    const std::string found = at_end                        ? "the end of the file"
                              : byte > 0x20 && byte <= 0x7e ? fmt::format("`{}`", peek())
                                                            : fmt::format("byte 0x{:02x}", byte);
    fault_ = Fault{at_, fmt::format("expected {}, found {}", expected, found),
                   at_end ? Fault::Kind::kCutOff : Fault::Kind::kSyntax};
    return Expect::kEnd;
  }

  std::string_view text_;
  Facts& facts_;
  std::size_t max_depth_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  std::string open_;
  std::optional<Fault> fault_;
};

}  // namespace

std::optional<Fault> find_fault(std::string_view text, Facts* facts, std::size_t max_depth) {
  Facts ignored;
  return Checker(text, facts == nullptr ? ignored : *facts, max_depth).run();
}

}  // namespace nbreplay::json
