#pragma once

#include "nbreplay/reduce/oracle.h"

#include "diagnosis/investigation.h"
#include "diagnosis/reproduce.h"

namespace nbreplay {

/// The smallest part of R0 that still crashes the same way (level A), by interval and certify.
[[nodiscard]] MinimalSequence minimise_cells(Investigation& investigation, const BaseRun& base);

/// Reduces the statements of each execution, last to first; fills `minimal.statements`. The text
/// of the statement that crashes is never changed; what encloses it may be unwrapped. Every text
/// kept was run and crashed alike (level A); a stop keeps the best so far.
void minimise_statements(Investigation& investigation, const BaseRun& base,
                         MinimalSequence& minimal);

/// Reduces the CSV files that the minimal sequence reads: columns, rows, then values; fills
/// `minimal.data`. Every text kept was run in its file's place and crashed alike (level A, with
/// what the messages hold of the data masked); a stop keeps the best so far. The minimal sequence
/// then reads the reduced files in `folder`, a path from where the notebook's code starts.
void minimise_data(Investigation& investigation, const BaseRun& base, MinimalSequence& minimal,
                   const std::string& folder);

/// Runs the result in three fresh processes with different hash seeds, comparing at level S.
void confirm_minimal(Investigation& investigation, const BaseRun& base, MinimalSequence& minimal);

/// The trial of a minimal sequence, with reduced sources and files where there are any.
[[nodiscard]] Trial trial_of(const Investigation& investigation, const BaseRun& base,
                             const MinimalSequence& minimal);

/// Puts reduced files, and the sources that read them, into a trial of the minimal sequence.
void put_data(const ReducedData& data, Trial& trial);

/// The crash to expect of it: the one observed, with the paths that its statement names now and
/// with what its messages say of the reduced data.
[[nodiscard]] Crash expected_of(const BaseRun& base, const MinimalSequence& minimal);

/// In the terms of delta debugging: fails when the crash under test is still there, passes when it
/// is gone, whatever came in its place.
[[nodiscard]] reduce::TestOutcome test_outcome(const Judgement& judgement);

/// Counts a single removal that was seen to make the crash go away, by how it was run.
void count_removal(CertifiedRemovals& certified, Origin origin);

/// An end that a branch may owe to being one: it says nothing until a fresh process ends so too.
[[nodiscard]] bool ended_by_force(const Outcome& outcome);

}  // namespace nbreplay
