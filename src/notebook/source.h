#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "nbreplay/base/result.h"

#include "notebook/json_check.h"
#include "notebook/json_view.h"

namespace nbreplay {

/// The text that is being read and what it is called, for messages.
struct Source {
  std::string name;
  /// The file's text, or empty when what is read is not the file's own text: then messages give
  /// no line.
  std::string_view text = {};

  /// A value at `path` (such as `cells[3].source[1]`) is not what it must be.
  [[nodiscard]] Error wrong(json::View value, std::string_view path, std::string cause) const;
  /// The same when its kind is the reason. `expected` is such as "a string".
  [[nodiscard]] Error wrong_kind(json::View value, std::string_view path,
                                 std::string_view expected) const;
  /// The text is no JSON.
  [[nodiscard]] Error not_json(const json::Fault& fault) const;
  /// The byte at `offset` is not UTF-8.
  [[nodiscard]] Error not_utf8(std::size_t offset) const;
};

}  // namespace nbreplay
