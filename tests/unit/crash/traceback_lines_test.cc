#include "crash/traceback_lines.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

struct HeaderCase {
  std::string name;
  std::string line;
  bool in_notebook;
  std::optional<int> count;
  int source_line;
  std::string function;
  std::string file;
};

class Header : public testing::TestWithParam<HeaderCase> {};

TEST_P(Header, IsRead) {
  const HeaderCase& expected = GetParam();
  const auto header = parse_frame_header(expected.line);
  ASSERT_TRUE(header) << expected.line;
  EXPECT_EQ(header->in_notebook, expected.in_notebook);
  EXPECT_EQ(header->count, expected.count);
  EXPECT_EQ(header->line, expected.source_line);
  EXPECT_EQ(header->function, expected.function);
  EXPECT_EQ(header->file, expected.file);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Header,
    testing::ValuesIn(std::vector<HeaderCase>{
        {"Classic", "<ipython-input-5-0e2294bdca47> in <module>", true, 5, 0, "<module>",
         "<ipython-input-5-0e2294bdca47>"},
        {"ClassicCall", "<ipython-input-12-0e2294bdca47> in <module>()", true, 12, 0, "<module>",
         "<ipython-input-12-0e2294bdca47>"},
        {"ClassicFunction", "<ipython-input-2-e391fdbc66c8> in prep(frame, column)", true, 2, 0,
         "prep", "<ipython-input-2-e391fdbc66c8>"},
        {"ColabNumbered", "/tmp/ipython-input-7-123456789.py in <cell line: 0>()", true, 7, 0,
         "<module>", "/tmp/ipython-input-7-123456789.py"},
        {"ColabHashOnly", "/tmp/ipython-input-123456789.py in f(x)", true, std::nullopt, 0, "f",
         "/tmp/ipython-input-123456789.py"},
        {"Kernel6", "/tmp/ipykernel_17/2786375209.py in <module>", true, std::nullopt, 0,
         "<module>", "/tmp/ipykernel_17/2786375209.py"},
        {"Kernel6Windows",
         R"(C:\Users\ann lee\AppData\Local\Temp/ipykernel_99/278.py in <cell line: 1>())", true,
         std::nullopt, 0, "<module>", R"(C:\Users\ann lee\AppData\Local\Temp/ipykernel_99/278.py)"},
        {"Input", "Input In [4], in <cell line: 1>()", true, 4, 0, "<module>", ""},
        {"InputMethod", "Input In [10], in A.go(self, n)", true, 10, 0, "A.go", ""},
        {"CellSpaced", "Cell In [10], line 3, in <listcomp>(.0)", true, 10, 3, "<listcomp>", ""},
        {"Cell", "Cell In[5], line 3", true, 5, 3, "", ""},
        {"CellFunction", "Cell In[5], line 3, in f(x, y=1)", true, 5, 3, "f", ""},
        {"CellWithoutCount", "Cell In[ ], line 3, in f()", true, std::nullopt, 3, "f", ""},
        {"CellSyntax", "  Cell In[7], line 2", true, 7, 2, "", ""},
        {"InputSyntax", "  Input In [7]", true, 7, 0, "", ""},
        {"Library",
         "File ~/env/lib/python3.11/site-packages/pandas/core/frame.py:4330, in "
         "DataFrame.__getitem__(self, key)",
         false, std::nullopt, 4330, "DataFrame.__getitem__",
         "~/env/lib/python3.11/site-packages/pandas/core/frame.py"},
        {"LibraryWindows", R"(File c:\env\lib\site-packages\a b\x.py:12, in f(x))", false,
         std::nullopt, 12, "f", R"(c:\env\lib\site-packages\a b\x.py)"},
        {"Frozen", "File <frozen importlib._bootstrap>:1206, in _gcd_import(name)", false,
         std::nullopt, 1206, "_gcd_import", "<frozen importlib._bootstrap>"},
        {"EvaluatedString", "File <string>:1", false, std::nullopt, 1, "", "<string>"},
        {"TimedBody", "File <timed exec>:4, in <module>", true, std::nullopt, 4, "<module>",
         "<timed exec>"},
        {"ClassicTimedBody", "<timed eval> in <module>", true, std::nullopt, 0, "<module>",
         "<timed eval>"},
        {"ClassicLibrary", "/opt/conda/lib/python3.7/site-packages/x/y.py in run(self, a, b)",
         false, std::nullopt, 0, "run", "/opt/conda/lib/python3.7/site-packages/x/y.py"},
        {"ClassicCython",
         "pandas/_libs/index.pyx in pandas._libs.index.IndexEngine.get_loc "
         "(pandas/_libs/index.c:5280)()",
         false, std::nullopt, 0, "pandas._libs.index.IndexEngine.get_loc",
         "pandas/_libs/index.pyx"},
        {"PathWithIn", "/home/a in b/x.py in f(x)", false, std::nullopt, 0, "f",
         "/home/a in b/x.py"},
        {"CPython", "  File \"<ipython-input-5-abc>\", line 3, in <module>", true, 5, 3, "<module>",
         "<ipython-input-5-abc>"},
        {"CPythonSyntax", "  File \"<ipython-input-7-ee015f83435e>\", line 2", true, 7, 2, "",
         "<ipython-input-7-ee015f83435e>"},
        {"VsCode", "/home/a/churn model.ipynb Cell 5 in f(x)", true, std::nullopt, 0, "f",
         "/home/a/churn model.ipynb Cell 5"},
    }),
    [](const auto& test) { return test.param.name; });

TEST(Header, IsNotSeenInProseAndSource) {
  for (const std::string line :
       {"      1 x = 1", "----> 3 df['x']", "KeyError: 'x'", "there is no key in the index",
        "ValueError: <class 'float'> in position", "File not found", "File ", "Cell In", "",
        "    for x in y.py in z:", "Cell In[5"}) {
    EXPECT_FALSE(parse_frame_header(line)) << line;
  }
}

TEST(Header, OfAbsurdLengthIsNotRead) {
  EXPECT_FALSE(parse_frame_header("File " + std::string(1 << 20, 'x') + ".py:3, in f()"));
  const auto header = parse_frame_header("Cell In[99999999999999999999], line 1");
  EXPECT_FALSE(header && header->count);
}

TEST(Arrow, GivesLineAndText) {
  const auto arrow = parse_arrow_line("---> 12     return frame.drop(");
  ASSERT_TRUE(arrow);
  EXPECT_EQ(arrow->line, 12);
  EXPECT_EQ(arrow->text, "return frame.drop(");
}

TEST(Arrow, IsReadThroughTheLinkOfAnEditor) {
  const auto arrow =
      parse_arrow_line("----> <a href='vscode-notebook-cell:/a.ipynb#X12?line=2'>3</a> df['x']");
  ASSERT_TRUE(arrow);
  EXPECT_EQ(arrow->line, 3);
  EXPECT_EQ(arrow->text, "df['x']");
}

TEST(Arrow, IsNotARuleNorAnAnnotation) {
  for (const std::string line : {"-----", "-> None", "> 3 x", "--- > 3", "", "->", "-> <a href="}) {
    EXPECT_FALSE(parse_arrow_line(line)) << line;
  }
}

TEST(ExceptionLine, MatchesTheTypeWithItsModuleOrWithout) {
  EXPECT_EQ(parse_exception_line("pandas.errors.MergeError: no", "MergeError"), "no");
  EXPECT_EQ(parse_exception_line("ValueError", "ValueError"), "");
  EXPECT_EQ(parse_exception_line("ValueError: ", "ValueError"), "");
  EXPECT_FALSE(parse_exception_line("NotAValueError: x", "ValueError"));
  EXPECT_FALSE(parse_exception_line("1 ValueError: x", "ValueError"));
  EXPECT_EQ(parse_exception_line("my.Error: a: b", ""), "a: b");
}

}  // namespace
}  // namespace nbreplay
