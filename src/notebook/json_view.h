#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nbreplay::json {

enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

/// One value inside a text that find_fault accepted: where it starts and ends, nothing decoded.
/// Everything here relies on that check and looks only at what is asked for, so that the
/// outputs of a large notebook are never taken apart. Does not own the text.
struct View {
  std::string_view text;  ///< exactly the value, without white space around it

  [[nodiscard]] Kind kind() const;
};

struct Member {
  View key;
  View value;
};

/// The value of a text, without the white space around it.
[[nodiscard]] View whole(std::string_view text);
[[nodiscard]] std::vector<Member> members(View object);
[[nodiscard]] std::vector<View> items(View array);
/// The value of the last member named `key`, as Python's reader takes it. The second form walks
/// a large object once for several keys.
[[nodiscard]] std::optional<View> find(View object, std::string_view key);
[[nodiscard]] std::optional<View> find(const std::vector<Member>& all, std::string_view key);

/// The text of a string: UTF-8, with lone surrogates in three-byte form (WTF-8).
[[nodiscard]] std::string decode(View string);
/// Appends decoded text; the halves of a surrogate pair that meet become one character, as they
/// would when the joined text is written as JSON and read again.
void append_decoded(std::string& text, std::string_view more);
/// Whether decode(string) == text, mostly without decoding.
[[nodiscard]] bool equals(View string, std::string_view text);
/// The value of a number that is written as an integer and fits; 3.0 and 1e2 are not.
[[nodiscard]] std::optional<int> to_int(View number);

/// "a string", "null": for messages.
[[nodiscard]] std::string_view kind_name(Kind kind);

}  // namespace nbreplay::json
