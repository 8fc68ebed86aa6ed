#include "crash/frames.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

TEST(ModuleOfPath, IsTakenBelowTheLibraryFolders) {
  EXPECT_EQ(module_of_path("/e/lib/python3.8/site-packages/pandas/core/frame.py"),
            "pandas.core.frame");
  EXPECT_EQ(module_of_path("/usr/local/lib/python3.10/dist-packages/torch/nn/__init__.py"),
            "torch.nn");
  EXPECT_EQ(module_of_path(R"(c:\env\lib\site-packages\sklearn\base.py)"), "sklearn.base");
  EXPECT_EQ(module_of_path("/usr/lib/python3.8/json/decoder.py"), "json.decoder");
  EXPECT_EQ(module_of_path(R"(c:\env\lib\json\decoder.py)"), "json.decoder");
  EXPECT_EQ(module_of_path("<frozen importlib._bootstrap>"), "importlib._bootstrap");
  EXPECT_EQ(module_of_path("pandas/_libs/index.pyx"), "pandas._libs.index");
  EXPECT_EQ(module_of_path("/e/site-packages/a/b.cpython-38-x86_64-linux-gnu.so"), "a.b");
}

TEST(ModuleOfPath, IsEmptyWhenThePathDoesNotTell) {
  EXPECT_EQ(module_of_path("/home/ann/project/utils.py"), "");
  EXPECT_EQ(module_of_path("<string>"), "");
  EXPECT_EQ(module_of_path(""), "");
}

Crash crash_with(std::vector<Frame> frames) {
  Crash crash;
  crash.frames = std::move(frames);
  return crash;
}

Frame library(std::string file, std::string function) {
  Frame frame;
  frame.file = std::move(file);
  frame.function = std::move(function);
  return frame;
}

TEST(PlainFrames, AgreeBetweenOldAndNewNames) {
  const Crash old = crash_with({library("/a/site-packages/pandas/core/frame.py", "drop"),
                                library("pandas/_libs/x.pxi", "pandas._libs.x.Table.get")});
  const Crash now = crash_with({library("/b/site-packages/pandas/core/frame.py", "DataFrame.drop"),
                                library("pandas/_libs/x.pxi", "Table.get")});
  const auto old_frames = plain_frames(old);
  const auto new_frames = plain_frames(now);
  EXPECT_TRUE(old_frames[0].agrees_with(new_frames[0]));
  EXPECT_TRUE(new_frames[0].agrees_with(old_frames[0]));
  EXPECT_TRUE(old_frames[1].agrees_with(new_frames[1]));
  EXPECT_FALSE(old_frames[0].agrees_with(new_frames[1]));
}

TEST(PlainFrames, DoNotTakeTheEndOfAWordForAName) {
  PlainFrame drop;
  drop.function = "drop";
  PlainFrame backdrop;
  backdrop.function = "backdrop";
  PlainFrame top;
  EXPECT_FALSE(drop.agrees_with(backdrop));
  EXPECT_FALSE(drop.agrees_with(top));
}

TEST(PlainFrames, LeaveOutMachineryAndComprehensions) {
  const auto frames = plain_frames(crash_with({
      library("/a/site-packages/IPython/core/interactiveshell.py", "run_code"),
      library("<decorator-gen-12>", "time"),
      library("<__array_function__ internals>", "dot"),
      library("/a/site-packages/x/y.py", "f.<locals>.<listcomp>"),
      library("/a/site-packages/x/y.py", "f.<locals>.g"),
  }));
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].name(), "x.y:g");
}

TEST(LineInCell, IsWhereTheCellsOwnCodeWas) {
  Frame other;
  other.cell = 2;
  other.line = 7;
  Frame own = other;
  own.cell = 9;
  own.line = 3;
  Frame helper = own;
  helper.line = 1;
  helper.function = "f";
  Crash crash = crash_with({other, own, helper});
  EXPECT_FALSE(line_in_cell(crash));
  crash.cell = 9;
  EXPECT_EQ(line_in_cell(crash), 3);
}

}  // namespace
}  // namespace nbreplay
