#include "nbreplay/crash/recorded.h"

#include <gtest/gtest.h>

#include "nbreplay/crash/signature.h"

namespace nbreplay {
namespace {

constexpr std::size_t kHere = 9;   // the cell that holds the error output
constexpr std::size_t kOther = 4;  // a cell with a function; its count is 2

Crash read(ErrorOutput output, std::string_view source = "") {
  return read_recorded_crash(output, {kHere, source, [](int count) {
                                        return count == 2 ? std::optional<std::size_t>(kOther)
                                                          : std::nullopt;
                                      }});
}

constexpr std::string_view kRule =
    "---------------------------------------------------------------------------";
const std::string kTitle =
    "KeyError                                  Traceback (most recent call "
    "last)";

/// One crash, as six generations of software print it: cell In[3] calls prep() of cell In[2].
std::vector<std::string> classic(const std::string& here, const std::string& other) {
  return {std::string(kRule),
          kTitle,
          here + " in <module>\n      1 x = 1\n----> 2 prep(\n      3     df,\n      4 )\n",
          other +
              " in prep(frame, column)\n      1 def prep(frame, column='b'):\n"
              "----> 3     return frame.drop(\n      4         columns=column)\n",
          "/env/lib/python3.8/site-packages/pandas/core/frame.py in drop(self, labels)\n"
          "   5257         \"\"\"\n-> 5258         return super().drop(\n",
          "KeyError: \"['b'] not found in axis\""};
}

std::vector<std::string> modern(const std::string& here, const std::string& other) {
  return {std::string(kRule),
          kTitle,
          here + "\n      1 x = 1\n----> 2 prep(\n      3     df,\n      4 )\n",
          other + "\n      1 def prep(frame, column='b'):\n----> 3     return frame.drop(\n",
          "File ~/env/lib/python3.11/site-packages/pandas/core/frame.py:6974, in "
          "DataFrame.drop(self, labels)\n-> 6974     return super().drop(\n",
          "KeyError: \"['b'] not found in axis\""};
}

struct Generation {
  std::string name;
  std::vector<std::string> traceback;
  bool other_cell_known = true;
};

const std::vector<Generation>& generations() {
  static const std::vector<Generation> all = {
      {"IPython7", classic("<ipython-input-3-0e22>", "<ipython-input-2-e391>")},
      {"Kernel6", classic("/tmp/ipykernel_9/11.py", "/tmp/ipykernel_9/22.py"), false},
      {"IPython80", modern("Input In [3], in <cell line: 2>()", "Input In [2], in prep(frame)")},
      {"IPython85", modern("Cell In [3], line 2", "Cell In [2], line 3, in prep(frame, column)")},
      {"IPython9", modern("Cell In[3], line 2", "Cell In[2], line 3, in prep(frame, column)")},
      {"CPython",
       {"Traceback (most recent call last):\n"
        "  File \"<ipython-input-3-0e22>\", line 2, in <module>\n    prep(\n"
        "  File \"<ipython-input-2-e391>\", line 3, in prep\n    return frame.drop(\n"
        "           ^^^^^^^^^^^\n"
        "  File \"/env/lib/python3.8/site-packages/pandas/core/frame.py\", line 5258, in drop\n"
        "    return super().drop(\n"
        "KeyError: \"['b'] not found in axis\"\n"}},
  };
  return all;
}

class RecordedBy : public testing::TestWithParam<Generation> {};

TEST_P(RecordedBy, GivesPlaceFramesAndMessage) {
  const Crash crash = read({"KeyError", "\"['b'] not found in axis\"", GetParam().traceback});
  EXPECT_EQ(crash.type, "KeyError");
  EXPECT_EQ(crash.message, "\"['b'] not found in axis\"");
  EXPECT_EQ(crash.cell, kHere);
  EXPECT_EQ(crash.line, 2);
  EXPECT_EQ(crash.statement, "prep(");
  EXPECT_TRUE(crash.chain_known);
  ASSERT_EQ(crash.frames.size(), 3U);
  EXPECT_EQ(crash.frames[0].cell, kHere);
  EXPECT_TRUE(crash.frames[1].in_notebook);
  EXPECT_EQ(crash.frames[1].cell,
            GetParam().other_cell_known ? std::optional<std::size_t>(kOther) : std::nullopt);
  EXPECT_EQ(crash.frames[1].function, "prep");
  EXPECT_EQ(crash.frames[1].line, 3);
  EXPECT_EQ(crash.frames[1].text, "return frame.drop(");
  EXPECT_FALSE(crash.frames[2].in_notebook);
  EXPECT_EQ(crash.frames[2].module, "pandas.core.frame");
}

TEST_P(RecordedBy, GivesTheMessageThatASiteIgnored) {
  const Crash crash = read({"KeyError", "ignored", GetParam().traceback});
  EXPECT_EQ(crash.message, "\"['b'] not found in axis\"");
}

TEST_P(RecordedBy, AgreesWithEveryOtherGeneration) {
  const Crash reference = read({"KeyError", "ignored", GetParam().traceback});
  for (const Generation& other : generations()) {
    const Crash observed = read({"KeyError", "\"['b'] not found in axis\"", other.traceback});
    const Agreement agreement = compare(reference, observed, Level::kA);
    EXPECT_TRUE(agreement.same) << other.name << ": " << agreement.why;
  }
}

INSTANTIATE_TEST_SUITE_P(Format, RecordedBy, testing::ValuesIn(generations()),
                         [](const auto& test) { return test.param.name; });

TEST(RecordedCrash, IsReadThroughColours) {
  const Crash crash =
      read({"NameError",
            "ignored",
            {"\x1b[0;31m-------\x1b[0m",
             "\x1b[0;31mNameError\x1b[0m             Traceback (most recent call last)",
             "Cell \x1b[0;32mIn[3], line 1\x1b[0m\n\x1b[0;32m----> 1\x1b[0m \x1b[43mdf\x1b[49m\n",
             "\x1b[0;31mNameError\x1b[0m: name 'df' is not defined"}});
  EXPECT_EQ(crash.line, 1);
  EXPECT_EQ(crash.statement, "df");
  EXPECT_EQ(crash.message, "name 'df' is not defined");
}

TEST(RecordedCrash, KeepsAMessageOfSeveralLinesWhole) {
  const Crash crash = read({"RuntimeError",
                            "ignored",
                            {"RuntimeError            Traceback (most recent call last)",
                             "Cell In[3], line 1\n----> 1 net.load_state_dict(state)\n",
                             "RuntimeError: Error(s) in loading:\n\tsize mismatch\nFile x.py:3, in "
                             "f()\n---> 4 odd\n"}});
  EXPECT_EQ(crash.message,
            "Error(s) in loading:\n\tsize mismatch\nFile x.py:3, in f()\n---> 4 odd");
  EXPECT_EQ(crash.frames.size(), 1U);
}

TEST(RecordedCrash, ListsTheChainNearestFirst) {
  const Crash crash =
      read({"NameError",
            "name 'b' is not defined",
            {std::string(kRule), "OSError          Traceback (most recent call last)",
             "Cell In[2], line 1, in f()\n----> 1 g()\n", "OSError: disk",
             "\nDuring handling of the above exception, another exception occurred:\n",
             "ValueError          Traceback (most recent call last)",
             "Cell In[3], line 4\n----> 4 f()\n", "ValueError: first\nsecond",
             "\nThe above exception was the direct cause of the following exception:\n",
             "NameError           Traceback (most recent call last)",
             "Cell In[3], line 6\n----> 6 b\n", "NameError: name 'b' is not defined"}});
  ASSERT_EQ(crash.chain.size(), 2U);
  EXPECT_EQ(crash.chain[0].type, "ValueError");
  EXPECT_EQ(crash.chain[0].message, "first\nsecond");
  EXPECT_TRUE(crash.chain[0].explicit_cause);
  EXPECT_EQ(crash.chain[1].type, "OSError");
  EXPECT_FALSE(crash.chain[1].explicit_cause);
  EXPECT_EQ(crash.line, 6);
  EXPECT_EQ(crash.frames.size(), 1U);
}

TEST(RecordedCrash, ReadsAChainThatCPythonPrinted) {
  const Crash crash =
      read({"ValueError",
            "ignored",
            {"Traceback (most recent call last):\n"
             "  File \"<ipython-input-3-a>\", line 2, in <module>\n"
             "    {}['k']\nKeyError: 'k'\n\n"
             "The above exception was the direct cause of the following exception:\n"
             "\nTraceback (most recent call last):\n"
             "  File \"<ipython-input-3-a>\", line 4, in <module>\n"
             "    raise ValueError('x') from e\nValueError: x\n"}});
  EXPECT_EQ(crash.message, "x");
  ASSERT_EQ(crash.chain.size(), 1U);
  EXPECT_EQ(crash.chain[0].type, "KeyError");
  EXPECT_EQ(crash.chain[0].message, "'k'");
}

TEST(RecordedCrash, PlacesASyntaxErrorByItsHeader) {
  const std::vector<std::vector<std::string>> forms = {
      {"\x1b[0;36m  Cell \x1b[0;32mIn[7], line 2\x1b[0;36m\n    for\n    ^\nSyntaxError: invalid "
       "syntax\n"},
      {"  File \"<ipython-input-7-ee>\", line 2\n    for\n    ^\nSyntaxError: invalid syntax\n"},
      {"  File \"/tmp/ipykernel_1/38.py\", line 2\n    for\n    ^\nSyntaxError: invalid syntax\n"}};
  for (const auto& form : forms) {
    const Crash crash = read({"SyntaxError", "invalid syntax (38.py, line 2)", form}, "x = (\nfor");
    EXPECT_EQ(crash.line, 2) << form[0];
    EXPECT_EQ(crash.statement, "for") << form[0];
    EXPECT_TRUE(crash.frames.empty()) << form[0];
    EXPECT_TRUE(crash.chain_known);
  }
}

TEST(RecordedCrash, PlacesASyntaxErrorByItsMessageWhenTheHeaderHasNoLine) {
  const Crash crash = read({"SyntaxError",
                            "invalid syntax (3886425624.py, line 2)",
                            {"  Input In [7]\n    for\n    ^\nSyntaxError: invalid syntax\n"}},
                           "x = (\nfor");
  EXPECT_EQ(crash.line, 2);
  EXPECT_EQ(crash.statement, "for");
}

TEST(RecordedCrash, CountsTheLinesOfATimedCellFromTheMagic) {
  const Crash crash = read(
      {"ZeroDivisionError",
       "division by zero",
       {"ZeroDivisionError     Traceback (most recent call last)",
        "Cell In[3], line 1\n----> 1 get_ipython().run_cell_magic('time', '', 'x = 1\\n1/0\\n')\n",
        "File ~/env/lib/python3.11/site-packages/IPython/core/interactiveshell.py:2517, in "
        "InteractiveShell.run_cell_magic(self)\n-> 2517 result = fn(*args)\n",
        "File <timed exec>:2\n", "ZeroDivisionError: division by zero"}},
      "%%time\nx = 1\n1/0");
  EXPECT_EQ(crash.line, 3);
  EXPECT_EQ(crash.statement, "1/0");
}

TEST(RecordedCrash, DropsTheFramesOfIPythonItself) {
  const Crash crash =
      read({"FileNotFoundError",
            "[Errno 2] No such file or directory: 'a.csv'",
            {"FileNotFoundError     Traceback (most recent call last)",
             "Cell In[3], line 1\n----> 1 open('a.csv')\n",
             "File ~/env/lib/python3.11/site-packages/IPython/core/interactiveshell.py:324, in "
             "_modified_open(file)\n--> 324 return io_open(file)\n",
             "FileNotFoundError: [Errno 2] No such file or directory: 'a.csv'"}});
  ASSERT_EQ(crash.frames.size(), 1U);
  EXPECT_EQ(crash.frames[0].cell, kHere);
}

TEST(RecordedCrash, WithoutATracebackKnowsTypeMessageAndCell) {
  const Crash crash = read({"KeyError", "'tenure'", {}});
  EXPECT_EQ(crash.message, "'tenure'");
  EXPECT_EQ(crash.cell, kHere);
  EXPECT_FALSE(crash.line);
  EXPECT_FALSE(crash.statement);
  EXPECT_FALSE(crash.chain_known);
}

TEST(RecordedCrash, WithNothingLeftHasNoMessage) {
  EXPECT_FALSE(read({"KeyError", "ignored", {}}).message);
  EXPECT_EQ(read({"AssertionError", "", {}}).message, "");
}

TEST(RecordedCrash, SurvivesGarbage) {
  const std::vector<std::vector<std::string>> all = {
      {""},
      {"\x1b[", "\x1b]8;;", "\xff\xfe"},
      {"----> 3", "Cell In[", "KeyError"},
      {"During handling of the above exception, another exception occurred:",
       "During handling of the above exception, another exception occurred:"},
      {"    text first", "  File \"", "  File \"x", "File :1"}};
  for (const auto& traceback : all) EXPECT_EQ(read({"KeyError", "x", traceback}).message, "x");
}

TEST(RecordedCrash, KeepsBothEndsOfEndlessRecursion) {
  std::vector<std::string> traceback = {"RecursionError     Traceback (most recent call last)",
                                        "Cell In[3], line 3\n----> 3 r(1)\n"};
  for (int i = 0; i < 3000; ++i) {
    traceback.push_back("Cell In[3], line 2, in r(n)\n----> 2     return r(n-1)\n");
  }
  traceback.push_back("Cell In[3], line 1, in last(n)\n----> 1 pass\n");
  traceback.push_back("RecursionError: maximum recursion depth exceeded");
  const Crash crash = read({"RecursionError", "ignored", traceback});
  EXPECT_LT(crash.frames.size(), 500U);
  EXPECT_EQ(crash.line, 3);
  EXPECT_EQ(crash.frames.back().function, "last");
}

}  // namespace
}  // namespace nbreplay
