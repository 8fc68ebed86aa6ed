#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/result.h"
#include "nbreplay/notebook/notebook.h"
#include "nbreplay/protocol/messages.h"
#include "nbreplay/trial/limits.h"

namespace nbreplay::process {

enum class StreamName { kStdout, kStderr };

/// What the executions of one run wrote and showed, as a notebook keeps it: consecutive text of
/// one stream is one output; `update_display` changes every output with that display id, in
/// earlier cells too; `clear_output` empties the current cell, at once or before what comes
/// next. `\r` and backspaces stay as they are, as nbclient leaves them.
///
/// Beyond the limits nothing more is kept and the cell is flagged. Memory is bounded by the
/// limits, whatever a run does.
class OutputLog {
 public:
  /// With `keep` false everything is taken and nothing kept.
  OutputLog(const Limits& limits, bool keep);

  /// What comes from now on belongs to a new execution.
  void begin();

  void add_text(StreamName stream, std::string_view bytes);
  /// Error (kProtocol): its texts are not what nbformat stores; the output is left out.
  [[nodiscard]] Status add(const protocol::Output& output);

  /// The outputs of an execution; `execution_count` goes into its results.
  [[nodiscard]] std::vector<OutputJson> outputs(std::size_t execution,
                                                std::optional<int> execution_count) const;
  [[nodiscard]] bool truncated(std::size_t execution) const;

 private:
  enum class Kind { kStdout, kStderr, kDisplay, kResult, kError };
  struct Item {
    Kind kind = Kind::kStdout;
    std::string text;  ///< Bytes of a stream, or JSON: the data of a display, the error.
    std::string metadata;
    std::string display_id;
    [[nodiscard]] std::size_t size() const;
  };
  struct Execution {
    std::vector<Item> items;
    std::size_t stream_bytes[2] = {0, 0};
    bool clear_before_next = false;
    bool truncated = false;
  };

  void clear(Execution& execution);
  bool reserve(Execution& execution, std::size_t bytes);
  void update_displays(const protocol::Output& output);
  [[nodiscard]] static OutputJson to_json(const Item& item, std::optional<int> count);

  std::size_t stream_cap_;
  std::size_t run_cap_;
  bool keep_;
  std::size_t held_ = 0;  ///< Bytes of all items.
  std::vector<Execution> executions_;
};

}  // namespace nbreplay::process
