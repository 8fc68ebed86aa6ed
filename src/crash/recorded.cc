#include "nbreplay/crash/recorded.h"

#include <algorithm>
#include <utility>

#include "nbreplay/base/utf8.h"

#include "crash/frames.h"
#include "crash/text.h"
#include "crash/traceback_lines.h"

namespace nbreplay {
namespace {

/// More is never printed but by endless recursion; the outermost and the innermost are kept.
constexpr std::size_t kMostFrames = 400;

/// One exception of the traceback, as read so far.
struct Section {
  std::string type;
  std::optional<std::string> message;
  std::vector<Frame> frames;
  bool explicit_cause = false;  ///< It is the cause of the exception in the next section.
  std::optional<int> syntax_line;
  std::string syntax_text;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Reads line by line. A message runs to the end or to the separator of a chain, so that nothing
/// in it (a traceback of another process, say) is taken for a frame.
class TracebackReader {
 public:
  TracebackReader(std::string_view ename, const RecordedPlace& place)
      : ename_(ename), place_(place) {
    sections_.emplace_back();
  }

  void read(std::string_view line) {
    if (const auto explicit_cause = parse_chain_separator(line)) {
      current().explicit_cause = *explicit_cause;
      sections_.emplace_back();
      in_message_ = false;
    } else if (in_message_) {
      *current().message += '\n';
      *current().message += line;
    } else if (const auto title = parse_traceback_title(line)) {
      current().type = *title;
    } else {
      read_body(line);
    }
  }

  std::vector<Section> finish() {
    for (Section& section : sections_) {
      if (section.message) section.message = std::string(trimmed_end(*section.message));
    }
    return std::move(sections_);
  }

 private:
  Section& current() { return sections_.back(); }

  static std::string_view trimmed_end(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
  }

  void read_body(std::string_view line) {
    if (const auto header = parse_frame_header(line)) return read_header(*header);
    if (const auto arrow = parse_arrow_line(line)) return read_arrow(*arrow);
    if (line.starts_with("    ") && awaited_ != Awaited::kNothing) return read_source(line);
    read_message(line);
  }

  void read_header(const FrameHeader& header) {
    if (header.indented && !header.has_function) {  // where a SyntaxError stands: no frame
      if (header.in_notebook) current().syntax_line = header.line;
      awaited_ = header.in_notebook ? Awaited::kSyntaxText : Awaited::kNothing;
      return;
    }
    awaited_ = header.indented ? Awaited::kFrameText : Awaited::kNothing;
    if (current().frames.size() == kMostFrames) current().frames.pop_back();
    Frame& frame = current().frames.emplace_back();
    frame.in_notebook = header.in_notebook;
    frame.file = header.file;
    frame.module = module_of_path(header.file);
    frame.function = header.function;
    frame.line = header.line;
    frame.cell = cell_of(header);
  }

  /// The code that the record's own cell runs is the outermost of the notebook's frames; code of
  /// another cell is found by its count, and code of unknown age belongs to no cell. Neither does
  /// the body of `%%time`, since its lines are not the cell's.
  std::optional<std::size_t> cell_of(const FrameHeader& header) {
    if (!header.in_notebook || header.in_cell_magic) return std::nullopt;
    if (no_cell_yet()) {
      own_file_ = header.file;
      own_count_ = header.count;
      return place_.cell;
    }
    if (header.count && header.count == own_count_) return place_.cell;
    if (!header.file.empty() && header.file == own_file_) return place_.cell;
    if (header.count && place_.cell_of_count) return place_.cell_of_count(*header.count);
    return std::nullopt;
  }

  bool no_cell_yet() {
    return std::ranges::none_of(current().frames,
                                [](const Frame& f) { return f.cell.has_value(); });
  }

  void read_arrow(const ArrowLine& arrow) {
    if (current().frames.empty()) return;
    Frame& frame = current().frames.back();
    if (!frame.text.empty() || contains(arrow.text, "'Could not get source")) return;
    // IPython's own line number may be missing, and is never better than the arrow's.
    frame.line = arrow.line;
    frame.text = arrow.text;
  }

  /// CPython's source line under a header, or a SyntaxError's.
  void read_source(std::string_view line) {
    const bool syntax = awaited_ == Awaited::kSyntaxText;
    (syntax ? current().syntax_text : current().frames.back().text) = std::string(trimmed(line));
    awaited_ = Awaited::kNothing;
  }

  void read_message(std::string_view line) {
    // Only the last exception's name is known for certain; those before it have it in the title.
    const bool started = !current().frames.empty();
    const std::string type = current().type;
    auto message = parse_exception_line(line, type.empty() ? ename_ : std::string_view(type));
    if (!message && type.empty() && started) message = parse_exception_line(line, {});
    if (!message) return;
    if (type.empty()) current().type = type_of(line);
    current().message = std::string(*message);
    in_message_ = true;
  }

  static std::string type_of(std::string_view line) {
    std::size_t end = 0;
    while (end < line.size() && (is_word(line[end]) || line[end] == '.')) ++end;
    const std::size_t dot = line.substr(0, end).rfind('.');
    return std::string(line.substr(dot == std::string_view::npos ? 0 : dot + 1,
                                   dot == std::string_view::npos ? end : end - dot - 1));
  }

  std::string_view ename_;
  const RecordedPlace& place_;
  std::vector<Section> sections_;
  bool in_message_ = false;
  enum class Awaited { kNothing, kFrameText, kSyntaxText } awaited_ = Awaited::kNothing;
  std::string own_file_;
  std::optional<int> own_count_;
};

std::vector<Section> read_sections(const ErrorOutput& output, const RecordedPlace& place) {
  TracebackReader reader(output.ename, place);
  for (const std::string& chunk : output.traceback) {
    const std::string plain = strip_ansi(chunk);
    for (const std::string_view line : lines_of(plain)) reader.read(line);
  }
  return reader.finish();
}

std::string source_line(std::string_view source, int line) {
  const std::vector<std::string_view> lines = lines_of(source);
  if (line < 1 || static_cast<std::size_t>(line) > lines.size()) return {};
  return folded(lines[static_cast<std::size_t>(line) - 1]);
}

/// `evalue` as Jupyter stored it, unless the site threw it away.
std::optional<std::string> message_of(const ErrorOutput& output, const Section& last) {
  const bool lost = output.evalue == "ignored";
  if (!lost && !output.evalue.empty()) return output.evalue;
  if (last.message) return last.message;
  return lost ? std::nullopt : std::optional<std::string>(output.evalue);
}

void place(Crash& crash, const Section& last, const RecordedPlace& place) {
  crash.cell = place.cell;
  std::string text = last.syntax_text;
  crash.line = last.syntax_line && *last.syntax_line > 0 ? last.syntax_line : line_in_cell(crash);
  if (!crash.line) return;
  for (const Frame& frame : crash.frames) {
    if (text.empty() && frame.cell == crash.cell && frame.line == *crash.line) text = frame.text;
  }
  // Before Python 3.8 printed nothing for some frames; the file itself still has the line.
  if (text.empty()) text = source_line(place.source, *crash.line);
  if (!text.empty()) crash.statement = folded(text);
}

}  // namespace

Crash read_recorded_crash(const ErrorOutput& output, const RecordedPlace& recorded_place) {
  std::vector<Section> sections = read_sections(output, recorded_place);
  Section last = std::move(sections.back());
  sections.pop_back();
  Crash crash;
  crash.type = output.ename.empty() ? last.type : output.ename;
  crash.message = message_of(output, last);
  crash.frames = std::move(last.frames);
  std::erase_if(crash.frames, is_machinery);
  crash.chain_known = !crash.frames.empty() || last.syntax_line.has_value();
  for (auto link = sections.rbegin(); link != sections.rend(); ++link) {
    crash.chain.push_back({link->type, link->message.value_or(""), link->explicit_cause});
  }
  place(crash, last, recorded_place);
  return crash;
}

}  // namespace nbreplay
