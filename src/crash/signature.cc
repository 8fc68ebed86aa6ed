#include "nbreplay/crash/signature.h"

#include <fmt/format.h>

#include <algorithm>

#include "nbreplay/base/hash.h"

#include "crash/aliases.h"
#include "crash/frames.h"
#include "crash/message.h"
#include "crash/relatives.h"
#include "crash/text.h"

namespace nbreplay {
namespace {

/// ClusterFuzz takes two stack traces of this similarity for the same.
constexpr double kSimilar = 0.8;
/// Enough for a reworded message of the same complaint, when the same call made it.
constexpr double kReworded = 0.5;
constexpr std::size_t kCommonFrames = 2;

/// Why two crashes differ, in words; empty when they do not.
using Difference = std::string;

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 80;
  const std::string line = folded(text);
  if (line.size() <= kMost) return line;
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;  // UTF-8
  return line.substr(0, end) + "…";
}

Difference differ(std::string_view what, std::string_view reference, std::string_view observed) {
  return fmt::format("another {}: {} instead of {}", what, shortened(observed),
                     shortened(reference));
}

/// Both sides of a comparison with what several levels need of them.
class Comparison {
 public:
  Comparison(const Crash& reference, const Crash& observed)
      : reference_(reference),
        observed_(observed),
        reference_frames_(plain_frames(reference)),
        observed_frames_(plain_frames(observed)) {
    if (reference.message)
      reference_template_ = message_template(reference.type, *reference.message);
    if (observed.message) observed_template_ = message_template(observed.type, *observed.message);
  }

  [[nodiscard]] Difference at(Level level) const {
    switch (level) {
      case Level::kS:
        return whole();
      case Level::kA:
        return signature();
      case Level::kB:
        return across_versions();
      case Level::kC:
        return across_orders();
      case Level::kD:
        return {};
    }
    return {};
  }

 private:
  [[nodiscard]] Difference cell() const {
    if (!reference_.cell || !observed_.cell || reference_.cell == observed_.cell) return {};
    return "in another cell";
  }

  [[nodiscard]] Difference across_orders() const {
    // A relative type counts, so that each level implies the looser ones.
    if (!same_or_relative(reference_, observed_)) {
      return differ("exception type", reference_.type, observed_.type);
    }
    return cell();
  }

  [[nodiscard]] bool messages_known() const { return reference_.message && observed_.message; }

  [[nodiscard]] Difference across_versions() const {
    if (!messages_known()) return {};
    if (templates_agree(reference_template_, observed_template_)) return {};
    if (reworded(reference_template_, observed_template_)) return {};
    // Every other release of Python words these anew; the cell that cannot be parsed is the same.
    if (is_a(reference_, "SyntaxError") && reference_frames_.empty()) return {};
    const Difference messages = differ("message", *reference_.message, *observed_.message);
    if (names_matter(reference_.type) && !same_names()) return messages;
    const double alike = similarity(reference_template_, observed_template_);
    const bool same = alike > kSimilar || common_frames() ||
                      (alike > kReworded && !called_api(reference_frames_).empty() &&
                       called_api(reference_frames_) == called_api(observed_frames_));
    return same ? Difference() : messages;
  }

  /// The names that both messages quote; one may quote more, in appended help.
  [[nodiscard]] bool same_names() const {
    auto reference = quoted_names(reference_template_);
    auto observed = quoted_names(observed_template_);
    const std::size_t common = std::min(reference.size(), observed.size());
    return reference.empty() == observed.empty() &&
           std::equal(reference.begin(), reference.begin() + static_cast<std::ptrdiff_t>(common),
                      observed.begin());
  }

  /// Two or more library frames in common, the one that raised among them: without that, every
  /// complaint of one input check (scikit-learn's check_array, say) would be the same crash.
  [[nodiscard]] bool common_frames() const {
    if (reference_frames_.empty() || observed_frames_.empty()) return false;
    if (!reference_frames_.back().agrees_with(observed_frames_.back())) return false;
    const auto common = std::ranges::count_if(reference_frames_, [&](const PlainFrame& frame) {
      return !frame.in_notebook &&
             std::ranges::any_of(observed_frames_,
                                 [&](const PlainFrame& other) { return frame.agrees_with(other); });
    });
    return static_cast<std::size_t>(common) >= kCommonFrames;
  }

  /// The first function that the notebook's innermost frame called; empty when it called none.
  static std::string called_api(const std::vector<PlainFrame>& frames) {
    std::string api;
    for (const PlainFrame& frame : frames) {
      if (frame.in_notebook) api.clear();
      if (!frame.in_notebook && api.empty()) api = frame.name();
    }
    return api;
  }

  [[nodiscard]] Difference signature() const {
    if (reference_.type != observed_.type) {
      return differ("exception type", reference_.type, observed_.type);
    }
    const bool qualified = !reference_.qualified_type.empty() && !observed_.qualified_type.empty();
    if (qualified && reference_.qualified_type != observed_.qualified_type) {
      return differ("exception type", reference_.qualified_type, observed_.qualified_type);
    }
    if (reference_is_record() && reference_frames_.empty() && !reference_.statement &&
        !reference_.message) {
      return "no more than type and cell is known";
    }
    if (!same_statement()) {
      return differ("statement", *reference_.statement, *observed_.statement);
    }
    if (messages_known() && !templates_agree(reference_template_, observed_template_)) {
      return differ("message", *reference_.message, *observed_.message);
    }
    if (reference_frames_.empty() || observed_frames_.empty()) return {};
    const PlainFrame& raised = reference_frames_.back();
    if (raised.agrees_with(observed_frames_.back())) return {};
    return differ("place", raised.name(), observed_frames_.back().name());
  }

  [[nodiscard]] bool reference_is_record() const {
    return reference_.base_types.empty() && reference_.qualified_type.empty();
  }

  /// A record holds one line of a statement that may have several.
  [[nodiscard]] bool same_statement() const {
    if (!reference_.statement || !observed_.statement) return true;
    const std::string& recorded = *reference_.statement;
    if (recorded.empty() || observed_.statement->empty()) return true;
    if (recorded == *observed_.statement) return true;
    return reference_is_record() && contains(*observed_.statement, recorded);
  }

  [[nodiscard]] Difference whole() const {
    if (!reference_.chain_known || !observed_.chain_known || !messages_known()) {
      return "not enough is known to compare everything";
    }
    const std::string message = normalised_message(*reference_.message);
    const std::string other_message = normalised_message(*observed_.message);
    if (message != other_message) return differ("message", message, other_message);
    const bool same_frames = std::ranges::equal(
        reference_frames_, observed_frames_,
        [](const PlainFrame& one, const PlainFrame& other) { return one.agrees_with(other); });
    if (!same_frames) return "by another path of calls";
    const bool same_chain = std::ranges::equal(
        reference_.chain, observed_.chain, [](const ChainLink& one, const ChainLink& other) {
          return one.type == other.type && one.explicit_cause == other.explicit_cause &&
                 normalised_message(one.message) == normalised_message(other.message);
        });
    return same_chain ? Difference() : Difference("with another chain of causes");
  }

  const Crash& reference_;
  const Crash& observed_;
  std::vector<PlainFrame> reference_frames_;
  std::vector<PlainFrame> observed_frames_;
  std::string reference_template_;
  std::string observed_template_;
};

void add_frames(Hasher& hasher, const Crash& crash, Level level) {
  const std::vector<PlainFrame> frames = plain_frames(crash);
  const auto add = [&](const PlainFrame& frame) {
    hasher.add(frame.name()).add(frame.cell ? std::to_string(*frame.cell) : "");
  };
  if (level == Level::kS) std::ranges::for_each(frames, add);
  if (level == Level::kA && !frames.empty()) add(frames.back());
}

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::kS:
      return "S";
    case Level::kA:
      return "A";
    case Level::kB:
      return "B";
    case Level::kC:
      return "C";
    case Level::kD:
      return "D";
  }
  return "D";
}

Agreement compare(const Crash& reference, const Crash& observed, Level at) {
  const Comparison comparison(reference, observed);
  Agreement agreement;
  for (const Level level : {Level::kC, Level::kB, Level::kA, Level::kS}) {
    agreement.why = comparison.at(level);
    if (!agreement.why.empty()) break;
    agreement.level = level;
  }
  agreement.same = agreement.level <= at;
  return agreement;
}

std::string signature_digest(const Crash& crash, Level level) {
  Hasher hasher;
  hasher.add(to_string(level));
  if (level == Level::kD) return hasher.hex();
  hasher.add(crash.type).add(crash.cell ? std::to_string(*crash.cell) : "");
  if (level == Level::kC) return hasher.hex();
  const std::string message = crash.message.value_or("");
  hasher.add(level == Level::kS ? normalised_message(message)
                                : message_template(crash.type, message));
  if (level == Level::kB) return hasher.hex();
  hasher.add(crash.statement.value_or(""));
  add_frames(hasher, crash, level);
  if (level == Level::kS) {
    for (const ChainLink& link : crash.chain) {
      hasher.add(link.type).add(normalised_message(link.message));
      hasher.add(std::uint64_t{link.explicit_cause});
    }
  }
  return hasher.hex();
}

}  // namespace nbreplay
