#include "nbreplay/crash/crash_type.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

struct Example {
  std::string type;
  std::string message;
  std::string expected;
  std::string statement = {};
};

Crash crash_of(const Example& example) {
  Crash crash;
  crash.type = example.type;
  crash.message = example.message;
  if (!example.statement.empty()) crash.statement = example.statement;
  return crash;
}

TEST(CrashType, FollowsExceptionAndMessage) {
  const std::vector<Example> examples = {
      {"NameError", "name 'df' is not defined", "variable not found", "df.head()"},
      {"NameError", "name 'prep' is not defined", "name error", "x = prep(df)"},
      {"NameError", "name 'prep' is not defined", "variable not found", "x = my.prep(prep)"},
      {"UnboundLocalError", "cannot access local variable 'x'", "variable not found"},
      {"ModuleNotFoundError", "No module named 'x'", "module not found"},
      {"ImportError", "cannot import name 'a' from 'b'", "module not found"},
      {"ImportError", "libcudart.so.11: cannot open shared object file", "environment error"},
      {"KeyError", "'tenure'", "key error"},
      {"KeyError", "'out of memory'", "key error"},
      {"IndexError", "list index out of range", "index error"},
      {"AttributeError", "'DataFrame' object has no attribute 'ix'", "attribute error"},
      {"AttributeError", "'Rectangle' object has no property 'normed'", "invalid argument"},
      {"TypeError", "fit() got an unexpected keyword argument 'size'", "invalid argument"},
      {"TypeError", "f() missing 1 required positional argument: 'x'", "invalid argument"},
      {"TypeError", "'<' not supported between instances of 'str' and 'int'", "type error"},
      {"ValueError", "invalid literal for int() with base 10: 'a'", "value error"},
      {"ValueError", "could not convert string to float: 'a'", "value error"},
      {"ValueError", "Input contains NaN", "data value violation"},
      {"ValueError", "shapes (3,4) and (5,6) not aligned", "tensor shape mismatch"},
      {"ValueError", "operands could not be broadcast together with shapes (3,) (4,)",
       "unsupported broadcast"},
      {"ValueError", "X has 4 features, but LogisticRegression is expecting 3 features as input.",
       "feature name mismatch"},
      {"ValueError", "cannot reshape array of size 6 into shape (4,)", "tensor shape mismatch"},
      {"RuntimeError", "CUDA out of memory. Tried to allocate 2 GiB", "out of memory"},
      {"MemoryError", "", "out of memory"},
      {"FileNotFoundError", "[Errno 2] No such file or directory: 'a'", "io error"},
      {"JSONDecodeError", "Expecting value: line 1 column 1 (char 0)", "io error"},
      {"ParserError", "Error tokenizing data. C error: Expected 3 fields", "io error"},
      {"ConnectionRefusedError", "[Errno 111]", "request error"},
      {"NotFittedError", "This SVC instance is not fitted yet.", "model initialization error"},
      {"NotImplementedError", "", "runtime error"},
      {"SyntaxError", "invalid syntax", "other"},
      {"AssertionError", "", "other"},
  };
  for (const Example& example : examples) {
    EXPECT_EQ(crash_type(crash_of(example)), example.expected)
        << example.type << ": " << example.message;
  }
}

Frame frame(std::string file, std::string module) {
  Frame result;
  result.file = std::move(file);
  result.module = std::move(module);
  return result;
}

TEST(CrashType, TakesAFailedCastInAnEstimatorForAViolationOfItsData) {
  Crash crash = crash_of({"ValueError", "could not convert string to float: 'a'", ""});
  crash.frames = {frame("/e/site-packages/sklearn/base.py", "sklearn.base")};
  EXPECT_EQ(crash_type(crash), "data value violation");
}

TEST(CrashType, LooksForTheMissingNameWhereItWasMissed) {
  Crash crash = crash_of({"NameError", "name 'scale' is not defined", "", "prep(df)"});
  Frame inner;
  inner.text = "return scale(frame)";
  crash.frames = {inner};
  EXPECT_EQ(crash_type(crash), "name error");
}

TEST(CrashLibrary, IsThatOfTheInnermostLibraryFrame) {
  Crash crash;
  Frame own;
  own.in_notebook = true;
  crash.frames = {own, frame("/e/site-packages/seaborn/m.py", "seaborn.m"),
                  frame("/e/site-packages/pandas/core/frame.py", "pandas.core.frame"),
                  frame("/usr/lib/python3.8/json/decoder.py", "json.decoder")};
  EXPECT_EQ(crash_library(crash), "pandas");
}

TEST(CrashLibrary, IsNoneWhenTheNotebooksOwnCodeRaised) {
  Crash crash;
  Frame own;
  own.in_notebook = true;
  crash.frames = {own, frame("/e/site-packages/pandas/core/apply.py", "pandas.core.apply"), own};
  EXPECT_EQ(crash_library(crash), "");
  crash.frames = {own, frame("/usr/lib/python3.8/json/decoder.py", "json.decoder")};
  EXPECT_EQ(crash_library(crash), "");
  crash.frames.clear();
  EXPECT_EQ(crash_library(crash), "");
}

}  // namespace
}  // namespace nbreplay
