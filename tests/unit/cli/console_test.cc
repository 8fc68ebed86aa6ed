#include "cli/console.h"

#include <gtest/gtest.h>

namespace nbreplay::cli {
namespace {

TEST(ExitCodes, TheWorstOfSeveralNotebooksCounts) {
  EXPECT_EQ(worse_exit(kExitGood, kExitBadNews), kExitBadNews);
  EXPECT_EQ(worse_exit(kExitError, kExitBadNews), kExitError);
  EXPECT_EQ(worse_exit(kExitError, kExitInterrupted), kExitInterrupted);
  EXPECT_EQ(worse_exit(kExitGood, kExitGood), kExitGood);
}

}  // namespace
}  // namespace nbreplay::cli
