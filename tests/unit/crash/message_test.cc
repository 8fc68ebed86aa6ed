#include "crash/message.h"

#include <gtest/gtest.h>

#include "nbreplay/crash/signature.h"

namespace nbreplay {
namespace {

struct Pair {
  std::string type;
  std::string one;
  std::string other;
};

TEST(MessageTemplate, IsTheSameForWhatVariesBetweenRuns) {
  const std::vector<Pair> pairs = {
      {"ValueError", "shapes (3,4) and (5,6) not aligned: 4 (dim 1) != 5 (dim 0)",
       "shapes (30,14) and (2,6) not aligned: 14 (dim 1) != 2 (dim 0)"},
      {"RuntimeError", "mat1 and mat2 shapes cannot be multiplied (64x128 and 256x10)",
       "mat1 and mat2 shapes cannot be multiplied (32x120 and 25x1)"},
      {"TypeError", "<__main__.A object at 0x7f12ab34cd56> is odd",
       "<__main__.A object at 0x7fffab34cd00> is odd"},
      {"ValueError", "loss was -1.5e-07", "loss was 22"},
      {"ValueError", "Unknown label: np.int64(3)", "Unknown label: 3"},
      {"ValueError", "could not convert string to float: 'Male'",
       "could not convert string to float: 'Female'"},
      {"ImportError",
       "cannot import name 'Imputer' from 'sklearn.preprocessing' (/a/b/sklearn/__init__.py)",
       "cannot import name 'Imputer' from 'sklearn.preprocessing' (/c/sklearn/__init__.py)"},
      {"ImportError", "cannot import name 'x' from 'y' (unknown location)",
       "cannot import name 'x' from 'y'"},
      {"ImportError", "\n`load_boston` has been removed from scikit-learn since version 1.2.\nMore",
       "`load_boston` has been removed from scikit-learn since version 1.2."},
      {"TypeError", "A.fit() got an unexpected keyword argument 'size'",
       "fit() got an unexpected keyword argument 'size'"},
      {"TypeError", "f.<locals>.g() missing 1 required positional argument: 'x'",
       "g() missing 1 required positional argument: 'x'"},
      {"NameError", "name 'dff' is not defined. Did you mean: 'df'?", "name 'dff' is not defined"},
      {"KeyError", "\"{'b', 'a'} not in index\"", "\"{'a', 'b'} not in index\""},
      {"FileNotFoundError", "[Errno 2] No such file or directory: '/home/ann/p/data.csv'",
       "[Errno 2] No such file or directory: '/srv/x/data.csv'"},
      {"FileNotFoundError", "[Errno 2] No such file or directory: '/tmp/ab12/x9.csv'",
       "[Errno 2] No such file or directory: '/tmp/cd34/y7.csv'"},
      {"SyntaxError", "invalid syntax (<ipython-input-7-ee>, line 2)",
       "invalid syntax (388.py, line 2)"},
      {"OSError", "object 9f86d081884c7d659a2feaa0c55ad015 lost",
       "object 60303ae22b998861bce3b28f33eec1be lost"},
  };
  for (const Pair& pair : pairs) {
    EXPECT_EQ(message_template(pair.type, pair.one), message_template(pair.type, pair.other));
  }
}

TEST(MessageTemplate, DiffersForWhatNamesTheCrash) {
  const std::vector<Pair> pairs = {
      {"NameError", "name 'df' is not defined", "name 'df2' is not defined"},
      {"KeyError", "'tenure'", "'age'"},
      {"KeyError", "3", "4"},
      {"AttributeError", "'DataFrame' object has no attribute 'ix'",
       "'DataFrame' object has no attribute 'append'"},
      {"ModuleNotFoundError", "No module named 'a1'", "No module named 'a2'"},
      {"FileNotFoundError", "[Errno 2] No such file or directory: '/home/ann/train_1.csv'",
       "[Errno 2] No such file or directory: '/home/ann/train_2.csv'"},
      {"ValueError", "Expected (3, 4)", "Expected (3, 4, 5)"},
      {"IndexError", "index 5 is out of bounds for axis 0 with size 3",
       "index 5 is out of bounds for axis 1 with size 3"},
      {"TypeError", "unexpected keyword argument 'normed'", "unexpected keyword argument 'alpha'"},
      {"ValueError", "{1: 'a', 2: 'b'}", "{2: 'b', 1: 'c'}"},
  };
  for (const Pair& pair : pairs) {
    EXPECT_NE(message_template(pair.type, pair.one), message_template(pair.type, pair.other));
  }
}

TEST(MessageTemplate, LeavesDigitsWithinNamesAlone) {
  EXPECT_EQ(message_template("TypeError", "float64 and x86 and 2D and box3 of conv2d_1"),
            "float64 and x86 and 2D and box3 of conv2d_1");
}

TEST(MessageTemplate, SurvivesOddText) {
  for (const std::string text : {"", "\n\n", "(", "()", ".()", "{", "{,}", "np.", "np.int64(", "0x",
                                 "'", "~/", "C:\\", "<locals>.()", "1e", "1e-", "(, line 3)"}) {
    EXPECT_LE(message_template("ValueError", text).size(), text.size() + 20) << text;
    EXPECT_LE(normalised_message(text).size(), text.size() + 20) << text;
  }
}

TEST(NormalisedMessage, KeepsNumbersAndMasksAddressesAndTemporaryPaths) {
  EXPECT_EQ(normalised_message("\nsize 3 at 0x7f00aa11bb22 of /tmp/a/b.csv not /home/a/c.csv"),
            "size 3 at <address> of <path> not /home/a/c.csv");
}

TEST(TemplatesAgree, WhereOneGoesOnWithHelp) {
  EXPECT_TRUE(templates_agree("cannot import name 'Imputer'",
                              "cannot import name 'Imputer' from 'sklearn.preprocessing'"));
  EXPECT_TRUE(templates_agree("No such keys(s): 'mode'", "No such keys(s): 'mode'. See the docs"));
  EXPECT_FALSE(templates_agree("'a'", "'a', 'b'"));
  EXPECT_FALSE(templates_agree("name 'model' is not", "name 'model' is not defined"));
}

TEST(Similarity, IsOneForEqualAndZeroForDisjointTexts) {
  EXPECT_DOUBLE_EQ(similarity("abc", "abc"), 1);
  EXPECT_DOUBLE_EQ(similarity("", ""), 1);
  EXPECT_DOUBLE_EQ(similarity("abc", "xyz"), 0);
  EXPECT_DOUBLE_EQ(similarity("abcd", "abxx"), 0.5);
}

TEST(QuotedNames, SkipApostrophes) {
  const auto names = quoted_names("can't import name 'a' from \"b.c\" or `d`");
  EXPECT_EQ(names, (std::vector<std::string_view>{"a", "b.c", "d"}));
}

TEST(SyntaxErrorLine, IsTheLastPlaceOfTheMessage) {
  EXPECT_EQ(syntax_error_line("invalid syntax (388.py, line 12)"), 12);
  EXPECT_FALSE(syntax_error_line("invalid syntax"));
  EXPECT_FALSE(syntax_error_line("odd (a, line 3) end"));
  EXPECT_FALSE(syntax_error_line("odd (a, line x)"));
}

}  // namespace
}  // namespace nbreplay
