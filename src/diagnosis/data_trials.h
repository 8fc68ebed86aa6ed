#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nbreplay/crash/data_words.h"
#include "nbreplay/reduce/oracle.h"

#include "diagnosis/minimise.h"

namespace nbreplay {

/// What a text in a file's place did.
struct TestedText {
  reduce::TestOutcome outcome = reduce::TestOutcome::kUnresolved;
  Origin origin = Origin::kFresh;
  std::optional<Crash> crash;  ///< When it crashed the same way (level A, but for data).
  std::string words;           ///< What happened, for a person.
};

/// What a file's reduction has to keep: the crash, whatever it says of `words`.
struct CrashWithData {
  Crash crash;
  const DataWords& words;
};

/// Runs the minimal sequence with other texts in the place of one of its files, each text once. A
/// crash is the same when it agrees at level A with the data in the messages masked. It stops by
/// itself after so many tests that a table which is needed nearly whole must be at hand, and while
/// there is time to confirm what is left.
class DataTrials {
 public:
  /// `files` holds the other files that are in place already; what is under test joins them.
  DataTrials(Investigation& investigation, const CrashWithData& expected, Trial trial,
             ExtraFile file);

  /// Tests what was not tested before, several at a time. Null where a stop prevented it.
  std::vector<const TestedText*> test(const std::vector<std::string>& texts, Freshness freshness);
  const TestedText* test(const std::string& text);
  [[nodiscard]] const TestedText* known(const std::string& text) const;

  [[nodiscard]] const Trial& trial() const { return trial_; }
  [[nodiscard]] Trial trial_with(const std::string& text) const;
  [[nodiscard]] Investigation& investigation() const { return investigation_; }
  [[nodiscard]] std::size_t queries() const { return queries_; }
  /// Why a test was not run, in words; empty when all were.
  [[nodiscard]] const std::string& stop() const { return stop_; }

 private:
  /// Why no further test is to be run, in words; empty: there may be one.
  [[nodiscard]] std::string reason_to_stop() const;
  /// Something else stopped all trials.
  void note_stop();
  [[nodiscard]] TestedText judged(const Trial& trial, const Ran& ran) const;

  Investigation& investigation_;
  Crash masked_;  // the crash to keep, without the data in its messages
  const DataWords& words_;
  Trial trial_;
  ExtraFile file_;
  std::map<std::string, TestedText> known_;  // by the text's digest
  std::size_t queries_ = 0;
  Duration slowest_{};
  std::string stop_;
};

}  // namespace nbreplay
