#include "crash/aliases.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nbreplay/crash/signature.h"

namespace nbreplay {
namespace {

struct RewordedMessage {
  std::string type;
  std::vector<std::string> wordings;  ///< As releases print them, oldest first.
};

Crash with_message(const std::string& type, const std::string& message) {
  Crash crash;
  crash.type = type;
  crash.cell = 1;
  crash.message = message;
  return crash;
}

const std::vector<RewordedMessage>& reworded_messages() {
  static const std::vector<RewordedMessage> all = {
      {"UnboundLocalError",
       {"local variable 'total' referenced before assignment",
        "cannot access local variable 'total' where it is not associated with a value"}},
      {"NameError",
       {"free variable 'q' referenced before assignment in enclosing scope",
        "cannot access free variable 'q' where it is not associated with a value in enclosing "
        "scope"}},
      {"AttributeError",
       {"can't set attribute", "can't set attribute 'x'",
        "property 'x' of 'Point' object has no setter"}},
      {"ZeroDivisionError", {"integer division or modulo by zero", "integer modulo by zero"}},
      {"ZeroDivisionError", {"float modulo", "float modulo by zero"}},
      {"ZeroDivisionError", {"float divmod()", "float floor division by zero"}},
      {"RecursionError",
       {"maximum recursion depth exceeded in comparison", "maximum recursion depth exceeded"}},
      {"ValueError", {"max() arg is an empty sequence", "max() iterable argument is empty"}},
      {"TypeError",
       {"'colour' is an invalid keyword argument for print()",
        "print() got an unexpected keyword argument 'colour'"}},
      {"AttributeError",
       {"Can't pickle local object 'f.<locals>.g'", "Can't get local object 'f.<locals>.g'"}},
      {"TypeError", {"must be str, not int", "can only concatenate str (not \"int\") to str"}},
      {"TypeError",
       {"'NoneType' object is not iterable", "cannot unpack non-iterable NoneType object"}},
      {"TypeError", {"object() takes no parameters", "Point() takes no arguments"}},
      {"TypeError", {"can't pickle _thread.lock objects", "cannot pickle '_thread.lock' object"}},
      {"TypeError",
       {"unhashable type: 'list'", "cannot use 'list' as a dict key (unhashable type: 'list')"}},
      {"TypeError",
       {"unhashable type: 'dict'", "cannot use 'dict' as a set element (unhashable type: 'dict')"}},
      {"TypeError",
       {"only size-1 arrays can be converted to Python scalars",
        "only length-1 arrays can be converted to Python scalars",
        "only 0-dimensional arrays can be converted to Python scalars"}},
      {"IndexError",
       {"boolean index did not match indexed array along dimension 0; dimension is 3 but "
        "corresponding boolean dimension is 2",
        "boolean index did not match indexed array along axis 0; size of axis is 3 but size of "
        "corresponding boolean axis is 2"}},
      {"TypeError",
       {"cannot perform reduce with flexible type",
        "ufunc 'add' did not contain a loop with signature matching types (dtype('<U1'), "
        "dtype('<U1')) -> None",
        "the resolved dtypes are not compatible with add.reduce. Resolved (dtype('<U1'), "
        "dtype('<U1'), dtype('<U2'))"}},
      {"ValueError", {"arrays must all be same length", "All arrays must be of the same length"}},
      {"ValueError",
       {"No axis named 2 for object type <class 'pandas.core.frame.DataFrame'>",
        "No axis named 2 for object type DataFrame"}},
      {"ValueError",
       {"No axis named 1 for object type <class 'pandas.core.series.Series'>",
        "No axis named 1 for object type Series"}},
      {"ValueError",
       {"cannot index with vector containing NA / NaN values",
        "cannot mask with array containing NA / NaN values",
        "Cannot mask with non-boolean array containing NA / NaN values"}},
      {"ValueError",
       {"cannot reindex from a duplicate axis", "cannot reindex on an axis with duplicate labels"}},
      {"FileNotFoundError",
       {"[Errno 2] File b'/data/sales.csv' does not exist: b'/data/sales.csv'",
        "[Errno 2] File /data/sales.csv does not exist: '/data/sales.csv'",
        "[Errno 2] No such file or directory: '/data/sales.csv'"}},
      {"KeyError",
       {"\"The following 'id_vars' are not present in the DataFrame: ['z']\"",
        "\"The following id_vars or value_vars are not present in the DataFrame: ['z']\""}},
      {"ValueError",
       {"Unknown string format: noon present at position 0",
        "Unknown datetime string format, unable to parse: noon, at position 0"}},
      {"ValueError",
       {"time data 2020-13-45 doesn't match format specified",
        "time data \"2020-13-45\" doesn't match format \"%Y-%m-%d\", at position 0. You might"}},
      {"TypeError",
       {"Could not convert xy to numeric", "agg function failed [how->mean,dtype->object]",
        "dtype 'str' does not support operation 'mean'"}},
      {"TypeError",
       {"Could not convert string 'xy' to numeric",
        "Cannot perform reduction 'mean' with string dtype"}},
      {"AttributeError",
       {"Can only use .str accessor with string values!",
        "Can only use .str accessor with string values, not integer"}},
      {"KeyError",
       {"\"None of [Int64Index([7, 8], dtype='int64')] are in the [index]\"",
        "\"None of [Index([7, 8], dtype='int64')] are in the [index]\"",
        "'None of [RangeIndex(start=7, stop=9, step=1)] are in the [index]'"}},
      {"KeyError",
       {"\"None of [Index(['z', 'w'], dtype='object')] are in the [columns]\"",
        "\"None of [Index(['z', 'w'], dtype='str')] are in the [columns]\""}},
      {"ValueError",
       {"bad input shape (6, 2)", "y should be a 1d array, got an array of shape (6, 2) instead."}},
      {"ValueError",
       {"Number of features of the model must match the input. Model n_features is 2 and input "
        "n_features is 3",
        "X has 3 features, but DecisionTreeClassifier is expecting 2 features as input."}},
      {"ValueError",
       {"Unable to convert array of bytes/strings into decimal numbers with dtype='numeric'",
        "dtype='numeric' is not compatible with arrays of bytes/strings.Convert your data to "
        "numeric values explicitly instead."}},
      {"ValueError",
       {"Input contains NaN, infinity or a value too large for dtype('float64').",
        "Input X contains NaN.\nLinearRegression does not accept missing values"}},
      {"ValueError",
       {"Input contains NaN, infinity or a value too large for dtype('float64').",
        "Input X contains infinity or a value too large for dtype('float64')."}},
      {"ValueError",
       {"Invalid parameter depth for estimator Ridge(). Check the list of available parameters",
        "Invalid parameter 'depth' for estimator Ridge(). Valid parameters are: ['alpha']."}},
      {"ValueError",
       {"Unknown label type: 'continuous'",
        "Unknown label type: continuous. Maybe you are trying to fit a classifier"}},
      {"ValueError",
       {"Expected 2D array, got 1D array instead:\narray=[1 2].\nReshape your data",
        "Expected a 2-dimensional container but got <class 'pandas.core.series.Series'> instead."}},
      {"AttributeError",
       {"predict_proba is not available when  probability=False",
        "This 'SVC' has no attribute 'predict_proba'"}},
      {"ValueError",
       {"Colormap sunny is not recognized. Possible values are: Accent, Accent_r",
        "'sunny' is not a valid value for name; supported values are 'Accent', 'Accent_r'",
        "'sunny' is not a valid value for cmap. Did you mean: 'summer'?"}},
      {"ValueError",
       {"Unknown scale type 'cube'",
        "'cube' is not a valid value for scale; supported values are 'linear', 'log'"}},
      {"AttributeError",
       {"'Line2D' object has no property 'width'",
        "Line2D.set() got an unexpected keyword argument 'width'"}},
      {"AttributeError",
       {"'AxesSubplot' object has no attribute 'set_foo'",
        "'Axes' object has no attribute 'set_foo'"}},
      {"ValueError",
       {"Unrecognized character f in format string",
        "'foo' is not a valid format string (unrecognized character 'f')"}},
      {"ValueError",
       {"The lengths of the data (2) and the error 3 do not match",
        "'yerr' (shape: (3,)) must be a scalar or a 1D or (2, n) array-like whose shape matches "
        "'y' (shape: (2,))"}},
      {"OSError",
       {"'sunny' not found in the style library and input is not a valid URL or path; see "
        "`style.available` for list of available styles",
        "'sunny' is not a valid package style, path of style file, URL of style file, or library "
        "style name (library styles are listed in `style.available`)"}},
      {"ValueError", {"Unknown projection 'cube'", "'cube' is not a valid value for projection."}},
      {"ValueError",
       {"Unknown loss function: squared. Please ensure this object is passed",
        "Unknown loss function: 'squared'. Please ensure you are using a scope",
        "Could not interpret loss identifier: squared"}},
      {"ValueError",
       {"Unknown optimizer: sdg. Please ensure this object is passed",
        "Could not interpret optimizer identifier: sdg"}},
      {"ValueError",
       {"Unknown activation function: 'rely'. Please ensure you are using a scope",
        "Could not interpret activation function identifier: rely"}},
      {"ValueError",
       {"decay is deprecated in the new Keras optimizer, please check the docstring",
        "Argument(s) not recognized: {'decay': 0.001}"}},
  };
  return all;
}

TEST(Aliases, EveryWordingOfAMessageIsTheSameComplaintAcrossVersions) {
  for (const RewordedMessage& message : reworded_messages()) {
    const std::string& newest = message.wordings.back();
    for (const std::string& older : message.wordings) {
      if (older == newest) continue;
      const Crash recorded = with_message(message.type, older);
      const Crash observed = with_message(message.type, newest);
      EXPECT_EQ(to_string(compare(recorded, observed, Level::kB).level), "B") << older << "\n"
                                                                              << newest;
      EXPECT_TRUE(compare(observed, recorded, Level::kB).same) << older;
      EXPECT_TRUE(
          reworded(message_template(message.type, older), message_template(message.type, newest)))
          << "taken for similar only: " << older;
    }
  }
}

TEST(Aliases, NoMessageIsTakenForAnotherRow) {
  const auto& all = reworded_messages();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j) {
      const std::string& older = all[i].wordings.front();
      const std::string& newest = all[j].wordings.back();
      if (older == all[j].wordings.front() || i == j) continue;
      // Two rows of the same complaint: that of a Series and that of groups.
      if (all[i].wordings.front().starts_with("Could not convert") &&
          all[j].wordings.front().starts_with("Could not convert"))
        continue;
      EXPECT_FALSE(
          reworded(message_template(all[i].type, older), message_template(all[j].type, newest)))
          << older << "\n"
          << newest;
    }
  }
}

TEST(Aliases, NamesThatBothWordingsCarryMustBeEqual) {
  const auto same = [](const std::string& type, const std::string& one, const std::string& other) {
    return compare(with_message(type, one), with_message(type, other), Level::kB).same;
  };
  EXPECT_FALSE(same("UnboundLocalError", "local variable 'a' referenced before assignment",
                    "cannot access local variable 'b' where it is not associated with a value"));
  EXPECT_FALSE(same("ValueError", "Unknown loss function: a. Please ensure this object is passed",
                    "Could not interpret loss identifier: b"));
  EXPECT_FALSE(same("ValueError", "Unknown loss function: a. Please ensure this object is passed",
                    "Could not interpret optimizer identifier: a"));
  EXPECT_FALSE(same("AttributeError", "'Line2D' object has no property 'width'",
                    "Line2D.set() got an unexpected keyword argument 'height'"));
}

TEST(Aliases, TwoMessagesOfOneReleaseAreNotMadeOne) {
  EXPECT_FALSE(reworded("Input X contains NaN",
                        "Input X contains infinity or a value too large for dtype('float64')"));
  EXPECT_FALSE(reworded("maximum recursion depth exceeded in comparison",
                        "maximum recursion depth exceeded while calling a Python object"));
  EXPECT_FALSE(reworded("", ""));
  // Labels that are words are never those of a range.
  const auto labels = message_template(
      "KeyError", R"("None of [Index(['price', 'qty'], dtype='object')] are in the [columns]")");
  const auto range = message_template(
      "KeyError", "'None of [RangeIndex(start=0, stop=2, step=1)] are in the [columns]'");
  EXPECT_FALSE(reworded(labels, range));
}

}  // namespace
}  // namespace nbreplay
