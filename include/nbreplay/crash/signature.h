#pragma once

#include <string>
#include <string_view>

#include "nbreplay/crash/crash.h"

namespace nbreplay {

/// How closely two crashes agree, strictest first. Each level implies the looser ones.
///
///   S  whole cause chain, normalised message, failing statement, all frames as module:function
///   A  type, cell, failing statement, message template, innermost frame (the default)
///   B  across versions: type or a relative, cell, called API, similar message
///   C  across orders: type and cell
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

/// How `observed` agrees with `reference`. Fields that the reference lost are not compared;
/// `compared` and `why` say which decided.
struct Agreement {
  bool same = false;    ///< At the level asked for.
  Level level = Level::kD;  ///< The strictest level at which the two agree on the known fields.
  std::string why;      ///< The first field that differs at the next stricter level, in words.
};

[[nodiscard]] Agreement compare(const Crash& reference, const Crash& observed, Level at);

/// A stable digest of the crash at `level`, for counting distinct crashes and for cache keys.
[[nodiscard]] std::string signature_digest(const Crash& crash, Level level);

}  // namespace nbreplay
