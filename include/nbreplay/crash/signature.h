#pragma once

#include <string>
#include <string_view>

#include "nbreplay/crash/crash.h"

namespace nbreplay {

/// How closely two crashes agree, strictest first. Each level implies the looser ones.
///
///   S  as A, and the whole chain of causes, the normalised message, all frames as
///      module:function. Needs the traceback on both sides: a record that lost it reaches A.
///   A  type, cell, failing statement, message template, innermost frame (the default)
///   B  across versions: type or a relative, cell, and the same complaint: similar messages
///      (over 0.8, or over 0.5 when the notebook called the same function), one message in the
///      words of two releases, or two common library frames of which one raised; of the types whose
///      quoted names matter, the same names
///   C  across orders: type or a relative, and cell
///   D  any crash
enum class Level { kS, kA, kB, kC, kD };

[[nodiscard]] std::string_view to_string(Level level);

/// `message` with what differs between two runs of the same crash masked: addresses, paths,
/// numbers (the rank of a shape stays), hashes, dates; leading newlines and trailing help cut.
/// Quoted identifiers stay for NameError, KeyError, AttributeError and ImportError (`type`),
/// since they say which crash it is.
[[nodiscard]] std::string message_template(std::string_view type, std::string_view message);

/// Only what varies without meaning: addresses and temporary paths. For level S.
[[nodiscard]] std::string normalised_message(std::string_view message);

/// How `observed` agrees with `reference`. A field that either side does not know is not compared.
struct Agreement {
  bool same = false;        ///< At the level asked for.
  Level level = Level::kD;  ///< The strictest level at which the two agree on the known fields.
  std::string why;          ///< The first field that differs at the next stricter level, in words.
                            ///< Holds text of the notebook: escape before showing.
};

[[nodiscard]] Agreement compare(const Crash& reference, const Crash& observed, Level at);

/// A stable digest of the crash at `level`, for counting distinct crashes. Equal digests agree at
/// the level; crashes that agree only by similarity or by what one does not know differ in it.
[[nodiscard]] std::string signature_digest(const Crash& crash, Level level);

}  // namespace nbreplay
