#pragma once

#include <string_view>

#include "nbreplay/base/result.h"
#include "nbreplay/report/terminal.h"

namespace nbreplay::cli {

/// What `cli` prints with: data to stdout, talk to stderr; colour only where a person reads.
///
/// Colour obeys NO_COLOR, FORCE_COLOR and TERM=dumb, in that order of strength, else whether the
/// stream is a terminal.
class Console {
 public:
  Console();

  void data(std::string_view text) const;  ///< To stdout, as it is.
  /// Why some data did not reach stdout, such as a full disk; a reader that closed its pipe, as
  /// `head` does, is no failure.
  [[nodiscard]] const Status& data_written() const { return data_written_; }
  void talk(std::string_view text) const;  ///< To stderr, with a newline; nothing when quiet.
  void warning(std::string_view text) const;
  void error(const Error& error) const;

  void be_quiet() { quiet_ = true; }
  [[nodiscard]] bool quiet() const { return quiet_; }
  [[nodiscard]] const TextStyle& data_style() const { return data_style_; }
  [[nodiscard]] const TextStyle& talk_style() const { return talk_style_; }
  /// Whether stderr is a terminal, on which a line may be rewritten.
  [[nodiscard]] bool interactive() const { return interactive_; }

 private:
  TextStyle data_style_;
  TextStyle talk_style_;
  bool interactive_ = false;
  bool quiet_ = false;
  mutable Status data_written_;
};

/// Exit codes; docs and every --help list them.
inline constexpr int kExitGood = 0;
inline constexpr int kExitBadNews = 1;
inline constexpr int kExitError = 2;
inline constexpr int kExitInterrupted = 130;

/// The exit code of several notebooks: 130 beats 2 beats 1 beats 0.
[[nodiscard]] int worse_exit(int a, int b);

}  // namespace nbreplay::cli
