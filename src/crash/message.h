#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nbreplay {

// message_template and normalised_message are declared in nbreplay/crash/signature.h.

/// The line N of `… (<ipython-input-7-ee015f>, line N)`, which str() of a SyntaxError ends with.
[[nodiscard]] std::optional<int> syntax_error_line(std::string_view message);

/// Whether the quoted names of its message say which crash an exception of this type is.
[[nodiscard]] bool names_matter(std::string_view type);

/// What is quoted in `message`: 'a', "b", `c`, in order.
[[nodiscard]] std::vector<std::string_view> quoted_names(std::string_view message);

/// Equal, or one continues the other with help at the end of a sentence or a clause.
[[nodiscard]] bool templates_agree(std::string_view one, std::string_view other);

/// 0 to 1: twice the length of the longest common subsequence over the sum of the lengths.
/// Looks at the first few hundred bytes only.
[[nodiscard]] double similarity(std::string_view one, std::string_view other);

}  // namespace nbreplay
