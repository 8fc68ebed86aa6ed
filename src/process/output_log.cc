#include "process/output_log.h"

#include <algorithm>

#include "nbreplay/base/check.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/notebook/output.h"

namespace nbreplay::process {
namespace {

/// No cell keeps more outputs; a notebook with as many cannot be opened any more.
constexpr std::size_t kMaxItems = 10'000;
/// What an output costs beyond its texts, so that a million empty ones count too.
constexpr std::size_t kItemCost = 256;

}  // namespace

std::size_t OutputLog::Item::size() const {
  return text.size() + metadata.size() + display_id.size() + kItemCost;
}

OutputLog::OutputLog(const Limits& limits, bool keep)
    : stream_cap_(limits.output_per_stream.count),
      run_cap_(limits.output_per_run.count),
      keep_(keep) {}

void OutputLog::begin() {
  executions_.emplace_back();
}

void OutputLog::clear(Execution& execution) {
  for (const Item& item : execution.items) held_ -= item.size();
  execution.items.clear();
  execution.stream_bytes[0] = execution.stream_bytes[1] = 0;
  execution.clear_before_next = false;
}

/// Room for so many more bytes, or a flag that there was none.
bool OutputLog::reserve(Execution& execution, std::size_t bytes) {
  if (held_ + bytes > run_cap_) {
    execution.truncated = true;
    return false;
  }
  held_ += bytes;
  return true;
}

void OutputLog::add_text(StreamName stream, std::string_view bytes) {
  if (executions_.empty() || bytes.empty()) return;
  Execution& execution = executions_.back();
  if (execution.clear_before_next) clear(execution);
  const Kind kind = stream == StreamName::kStdout ? Kind::kStdout : Kind::kStderr;
  std::size_t& written = execution.stream_bytes[static_cast<std::size_t>(stream)];
  const std::size_t room = stream_cap_ - std::min(stream_cap_, written);
  written += bytes.size();
  if (bytes.size() > room) {
    execution.truncated = true;
    bytes = bytes.substr(0, room);
  }
  if (!keep_ || bytes.empty()) return;
  std::vector<Item>& items = execution.items;
  const bool continues = !items.empty() && items.back().kind == kind;
  if (!continues && items.size() >= kMaxItems) {
    execution.truncated = true;
    return;
  }
  if (!reserve(execution, bytes.size() + (continues ? 0 : kItemCost))) return;
  if (continues)
    items.back().text += bytes;
  else
    items.push_back({kind, std::string(bytes), {}, {}});
}

Status OutputLog::add(const protocol::Output& output) {
  CHECK(!executions_.empty(), "an output belongs to an execution");
  Execution& execution = executions_.back();
  using protocol::OutputKind;
  if (output.kind == OutputKind::kClearOutput) clear(execution);
  if (output.kind == OutputKind::kClearOutputWait) execution.clear_before_next = true;
  if (output.kind == OutputKind::kClearOutput || output.kind == OutputKind::kClearOutputWait)
    return {};
  if (!keep_) return {};

  Item item{Kind::kDisplay, output.data_json, output.metadata_json, output.display_id};
  if (output.kind == OutputKind::kExecuteResult) item.kind = Kind::kResult;
  if (output.kind == OutputKind::kError) item.kind = Kind::kError;
  if (item.kind == Kind::kError) {
    NBREPLAY_TRY([[maybe_unused]] const auto checked, error_output(item.text));
  } else {
    NBREPLAY_TRY_VOID(check_json_object(item.text));
    NBREPLAY_TRY_VOID(check_json_object(item.metadata));
  }
  // As nbclient: showing under a known id also updates what is shown under it already.
  if (!output.display_id.empty()) update_displays(output);
  if (output.kind == OutputKind::kUpdateDisplay) return {};
  if (execution.clear_before_next) clear(execution);
  if (execution.items.size() >= kMaxItems) execution.truncated = true;
  if (execution.items.size() < kMaxItems && reserve(execution, item.size()))
    execution.items.push_back(std::move(item));
  return {};
}

void OutputLog::update_displays(const protocol::Output& output) {
  for (Execution& execution : executions_) {
    for (Item& item : execution.items) {
      const bool shown = item.kind == Kind::kDisplay || item.kind == Kind::kResult;
      if (!shown || item.display_id != output.display_id) continue;
      const std::size_t before = item.text.size() + item.metadata.size();
      const std::size_t after = output.data_json.size() + output.metadata_json.size();
      held_ -= before;
      if (!reserve(execution, after)) {
        held_ += before;
        continue;
      }
      item.text = output.data_json;
      item.metadata = output.metadata_json;
    }
  }
}

OutputJson OutputLog::to_json(const Item& item, std::optional<int> count) {
  const auto checked = [](Result<OutputJson> output) {
    CHECK(output.has_value(), "an output was checked when it was added");
    return std::move(*output);
  };
  switch (item.kind) {
    case Kind::kStdout:
      return stream_output("stdout", to_valid_utf8(item.text));
    case Kind::kStderr:
      return stream_output("stderr", to_valid_utf8(item.text));
    case Kind::kDisplay:
      return checked(display_output(item.text, item.metadata));
    case Kind::kResult:
      return checked(result_output(item.text, item.metadata, count));
    case Kind::kError:
      return checked(error_output(item.text));
  }
  return {};
}

std::vector<OutputJson> OutputLog::outputs(std::size_t execution,
                                           std::optional<int> execution_count) const {
  std::vector<OutputJson> all;
  if (execution >= executions_.size()) return all;
  for (const Item& item : executions_[execution].items)
    all.push_back(to_json(item, execution_count));
  return all;
}

bool OutputLog::truncated(std::size_t execution) const {
  return execution < executions_.size() && executions_[execution].truncated;
}

}  // namespace nbreplay::process
