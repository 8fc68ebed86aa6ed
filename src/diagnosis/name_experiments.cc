// A NameError that no order explains: a missing import, a typing mistake, or a name that nothing
// in the notebook binds.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "nbreplay/crash/missing.h"

#include "diagnosis/case.h"
#include "diagnosis/mistyped.h"

namespace nbreplay {
namespace {

struct KnownImport {
  std::string_view name;
  std::string_view statement;
};

/// Customary short names, and members that notebooks import by name more than any others.
constexpr std::array kKnownImports = {
    KnownImport{"np", "import numpy as np"},
    KnownImport{"pd", "import pandas as pd"},
    KnownImport{"plt", "import matplotlib.pyplot as plt"},
    KnownImport{"mpl", "import matplotlib as mpl"},
    KnownImport{"sns", "import seaborn as sns"},
    KnownImport{"sp", "import scipy as sp"},
    KnownImport{"sm", "import statsmodels.api as sm"},
    KnownImport{"smf", "import statsmodels.formula.api as smf"},
    KnownImport{"tf", "import tensorflow as tf"},
    KnownImport{"keras", "from tensorflow import keras"},
    KnownImport{"nn", "from torch import nn"},
    KnownImport{"F", "import torch.nn.functional as F"},
    KnownImport{"optim", "from torch import optim"},
    KnownImport{"nx", "import networkx as nx"},
    KnownImport{"px", "import plotly.express as px"},
    KnownImport{"go", "import plotly.graph_objects as go"},
    KnownImport{"cv2", "import cv2"},
    KnownImport{"xgb", "import xgboost as xgb"},
    KnownImport{"lgb", "import lightgbm as lgb"},
    KnownImport{"stats", "from scipy import stats"},
    KnownImport{"dt", "import datetime as dt"},
    KnownImport{"tqdm", "from tqdm import tqdm"},
    KnownImport{"display", "from IPython.display import display"},
    KnownImport{"datetime", "from datetime import datetime"},
    KnownImport{"timedelta", "from datetime import timedelta"},
    KnownImport{"defaultdict", "from collections import defaultdict"},
    KnownImport{"Counter", "from collections import Counter"},
    KnownImport{"Path", "from pathlib import Path"},
    KnownImport{"partial", "from functools import partial"},
    KnownImport{"reduce", "from functools import reduce"},
    KnownImport{"deepcopy", "from copy import deepcopy"},
    KnownImport{"sqrt", "from math import sqrt"},
};

/// Where scikit-learn, and libraries that notebooks use beside it, keep what they export; asked
/// in this order for a member of the missing name.
constexpr std::array<std::string_view, 34> kMemberModules = {"sklearn.model_selection",
                                                             "sklearn.metrics",
                                                             "sklearn.preprocessing",
                                                             "sklearn.linear_model",
                                                             "sklearn.ensemble",
                                                             "sklearn.tree",
                                                             "sklearn.svm",
                                                             "sklearn.neighbors",
                                                             "sklearn.cluster",
                                                             "sklearn.decomposition",
                                                             "sklearn.pipeline",
                                                             "sklearn.impute",
                                                             "sklearn.compose",
                                                             "sklearn.naive_bayes",
                                                             "sklearn.feature_selection",
                                                             "sklearn.datasets",
                                                             "sklearn.neural_network",
                                                             "sklearn.feature_extraction.text",
                                                             "numpy",
                                                             "pandas",
                                                             "matplotlib.pyplot",
                                                             "scipy.stats",
                                                             "collections",
                                                             "itertools",
                                                             "functools",
                                                             "random",
                                                             "datetime",
                                                             "time",
                                                             "glob",
                                                             "copy",
                                                             "pathlib",
                                                             "statistics",
                                                             "PIL",
                                                             "math"};

/// Builtins that notebooks call, long enough to be told when mistyped.
constexpr std::array<std::string_view, 20> kOftenMistyped = {
    "display",    "enumerate", "filter", "float", "getattr", "hasattr", "input",
    "isinstance", "list",      "dict",   "open",  "print",   "range",   "reversed",
    "round",      "sorted",    "super",  "tuple", "type",    "zip"};

bool identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') ||
           ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  });
}

/// `source` with the whole word `from` replaced by `to`.
std::string renamed(const std::string& source, const std::string& from, const std::string& to) {
  const auto word = [](char c) { return identifier(std::string_view(&c, 1)); };
  std::string result;
  std::size_t i = 0;
  while (i < source.size()) {
    const bool here = source.compare(i, from.size(), from) == 0;
    const bool starts = i == 0 || (!word(source[i - 1]) && source[i - 1] != '.');
    const std::size_t end = i + from.size();
    if (here && starts && (end >= source.size() || !word(source[end]))) {
      result += to;
      i = end;
    } else {
      result.push_back(source[i++]);
    }
  }
  return result;
}

class NameExperiments {
 public:
  NameExperiments(Case& investigated, std::string name)
      : case_(investigated), name_(std::move(name)) {}

  void run() {
    case_.investigation.observer().stage("names");
    find_binding_cells();
    if (binding_.empty()) try_imports();
    if (!case_.cause) try_renaming();
    if (!case_.cause) try_all_cells();
  }

 private:
  void find_binding_cells() {
    for (const std::size_t cell : case_.investigation.notebook().code_cells())
      if (case_.investigation.facts()[cell].may_define(name_)) binding_.push_back(cell);
  }

  void conclude(std::string sublabel, Verdict verdict, std::string explanation) {
    const std::string_view factor = sublabel == "did not import" ? "import" : "name";
    Cause cause;
    cause.label = "implementation error";
    cause.sublabel = std::move(sublabel);
    cause.verdict = verdict;
    cause.cells = {case_.target.cell};
    cause.explanation = std::move(explanation);
    case_.conclude(std::move(cause), factor);
  }

  /// What keeps "nothing in the notebook binds it" from being certain: an execution that the
  /// notebook no longer shows may have been a cell, since deleted, that did; and a cell whose
  /// text does not tell what it binds may have failed before it did.
  std::string doubt() const {
    if (const std::string why = case_.unaccounted(); !why.empty())
      return fmt::format(" A deleted cell cannot be excluded: {}.", why);
    for (const auto& failure : case_.reproduction.earlier_failures) {
      const std::size_t cell = case_.base.order[failure.position];
      if (case_.investigation.facts()[cell].opaque)
        return fmt::format(" {}, which failed before, may have bound it.",
                           capitalised(case_.investigation.name(cell)));
    }
    return {};
  }

  /// The same for "nothing could have bound it".
  std::string doubt_of_absence() const {
    if (std::string why = doubt(); !why.empty()) return why;
    if (!untried_import_.empty())
      return fmt::format(" But `{}` may be missing, and cannot be tried: the module is not there.",
                         untried_import_);
    if (imports_everything()) return " But it may be meant for a name that came with `import *`.";
    if (named_like_a_class())
      return " But a library that is not installed may have a class of this name.";
    return {};
  }

  /// Then what was bound is not in the text.
  bool imports_everything() const {
    const auto& cells = case_.investigation.notebook().cells();
    return std::any_of(case_.base.order.begin(), case_.base.order.end(), [&](std::size_t cell) {
      return cells[cell].source.find("import *") != std::string::npos;
    });
  }

  /// "BertModel", not "MAX_ROWS": what libraries export and notebooks forget to import.
  bool named_like_a_class() const {
    return name_.front() >= 'A' && name_.front() <= 'Z' &&
           std::any_of(name_.begin(), name_.end(), [](char c) { return c >= 'a' && c <= 'z'; }) &&
           (called() || used_as_module());
  }

  Verdict verdict() const { return doubt().empty() ? Verdict::kConfirmed : Verdict::kAmbiguous; }

  /// The cell whose code wanted the name: that of the innermost frame.
  std::size_t wanting_cell() const {
    const auto& frames = case_.base.observed.frames;
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame)
      if (frame->in_notebook && frame->cell &&
          *frame->cell < case_.investigation.notebook().cells().size())
        return *frame->cell;
    return case_.target.cell;
  }

  /// Whether the code that wants the name goes on with `sign` after it, everywhere (a module is
  /// followed by a dot) or somewhere (a function is called).
  bool followed_by(char sign, bool everywhere) const {
    const std::string& source = case_.investigation.notebook().cells()[wanting_cell()].source;
    bool any = false;
    for (std::size_t at = source.find(name_); at != std::string::npos;
         at = source.find(name_, at + 1)) {
      std::size_t end = at + name_.size();
      const bool word =
          (at == 0 || (!identifier(source.substr(at - 1, 1)) && source[at - 1] != '.')) &&
          (end >= source.size() || !identifier(source.substr(end, 1)));
      if (!word) continue;
      while (end < source.size() && source[end] == ' ') ++end;
      const bool here = end < source.size() && source[end] == sign;
      if (here && !everywhere) return true;
      if (!here && everywhere) return false;
      any = any || here;
    }
    return any;
  }

  bool called() const { return followed_by('(', false); }
  bool used_as_module() const { return followed_by('.', true); }

  /// Imports that would give the name what the code does with it. A name that is only looked at
  /// passes with any object under it: no import of such a one proves anything.
  std::vector<std::string> import_statements() const {
    std::vector<std::string> statements;
    const bool capital =
        name_.front() >= 'A' && name_.front() <= 'Z' &&
        std::any_of(name_.begin(), name_.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    const bool as_module = used_as_module();
    const bool as_member = called() || capital;
    for (const KnownImport& known : kKnownImports)
      if (known.name == name_ && (as_module || as_member)) statements.emplace_back(known.statement);
    if (as_module) statements.push_back(fmt::format("import {}", name_));
    if (!as_member) return statements;
    // One run asks many modules: the first that has the member binds it.
    std::string members = "import importlib as _i\nfor _m in [";
    for (const std::string_view module : kMemberModules) members += fmt::format("'{}', ", module);
    members += fmt::format(
        "]:\n    try:\n        {0} = getattr(_i.import_module(_m), '{0}')\n        break\n"
        "    except (ImportError, AttributeError):\n        pass\n",
        name_);
    statements.push_back(std::move(members));
    return statements;
  }

  Change with_import(const std::string& statement) const {
    Trial trial = trial_like(case_.investigation, case_.base, case_.base.order);
    Execution import;
    import.source = statement;
    trial.executions.insert(trial.executions.end() - 1, import);
    const bool searched = statement.find('\n') != std::string::npos;
    return {"import",
            searched ? fmt::format("'{}' imported from the library that exports it", name_)
                     : fmt::format("`{}` added", statement),
            std::move(trial),
            {case_.target.cell}};
  }

  void try_imports() {
    if (!identifier(name_)) return;
    const std::vector<std::string> statements = import_statements();
    std::vector<Change> changes;
    for (const std::string& statement : statements) changes.push_back(with_import(statement));
    const std::vector<Effect> effects = try_changes(case_, std::move(changes));
    if (const auto flip = first_flip(effects)) {
      const bool searched = statements[*flip].find('\n') != std::string::npos;
      // "plot", "load": a notebook's own function could be called so, too.
      const bool common = searched && std::all_of(name_.begin(), name_.end(),
                                                  [](char c) { return c >= 'a' && c <= 'z'; });
      conclude(
          "did not import", common ? Verdict::kAmbiguous : verdict(),
          fmt::format("{} uses '{}', which no cell imports{}.{}", capitalised(case_.target_name()),
                      name_, searched ? "" : fmt::format(" (`{}`)", statements[*flip]),
                      common ? " But a function of the notebook's own may be meant." : doubt()));
      return;
    }
    if (case_.investigation.stopped() || statements.empty() || case_.unresolved.contains("import"))
      return;
    // An import that itself fails says nothing of what it would have done.
    for (std::size_t i = 0; i < statements.size() && untried_import_.empty(); ++i)
      if (!effects[i].same && is_customary(statements[i])) untried_import_ = statements[i];
    if (!untried_import_.empty()) {
      case_.decide("implementation error", "did not import", Verdict::kBlocked,
                   fmt::format("`{}` fails here: the module is not installed", untried_import_));
    } else if (!named_like_a_class()) {
      case_.decide("implementation error", "did not import", Verdict::kRefuted,
                   fmt::format("no import of '{}' helps", name_));
    }
  }

  static bool is_customary(const std::string& statement) {
    return std::any_of(kKnownImports.begin(), kKnownImports.end(),
                       [&](const KnownImport& known) { return known.statement == statement; });
  }

  /// Names that were bound when the crash happened and look like the missing one, nearest first.
  std::vector<std::string> similar_names() const {
    std::set<std::string> bound;
    for (std::size_t i = 0; i + 1 < case_.base.order.size(); ++i) {
      const CellFacts& facts = case_.investigation.facts()[case_.base.order[i]];
      for (const NameAt& definition : facts.definitions) bound.insert(definition.name);
      for (const NameAt& definition : facts.possible_definitions) bound.insert(definition.name);
    }
    bound.insert(kOftenMistyped.begin(), kOftenMistyped.end());
    for (const NameAt& own : case_.investigation.facts()[case_.target.cell].definitions)
      if (case_.base.observed.line && own.line < *case_.base.observed.line) bound.insert(own.name);
    std::vector<std::string> similar;
    for (const std::string& name : bound)
      if (looks_mistyped(name_, name) != Likeness::kNone) similar.push_back(name);
    std::stable_sort(similar.begin(), similar.end(),
                     [&](const std::string& a, const std::string& b) {
                       const auto rank = [&](const std::string& name) {
                         return std::pair(looks_mistyped(name_, name) != Likeness::kSlip,
                                          edit_distance(name_, name));
                       };
                       return rank(a) < rank(b);
                     });
    constexpr std::size_t kMost = 3;
    if (similar.size() > kMost) similar.resize(kMost);
    return similar;
  }

  void try_renaming() {
    const std::vector<std::string> similar = similar_names();
    std::vector<Change> changes;
    for (const std::string& name : similar) {
      Trial trial = trial_like(case_.investigation, case_.base, case_.base.order);
      const std::size_t cell = wanting_cell();
      for (Execution& execution : trial.executions)
        if (execution.cell == cell) execution.source = renamed(execution.source, name_, name);
      changes.push_back(
          {"name",
           fmt::format("'{}' renamed to '{}' in {}", name_, name, case_.investigation.name(cell)),
           std::move(trial),
           {cell}});
    }
    const std::vector<Effect> effects = try_changes(case_, std::move(changes));
    if (const auto flip = first_flip(effects)) {
      conclude_typo(similar[*flip]);
      return;
    }
    if (!case_.investigation.stopped() && !case_.unresolved.contains("name") &&
        !imports_everything())
      case_.decide("implementation error", "typo", Verdict::kRefuted,
                   similar.empty() ? fmt::format("no bound name is close to '{}'", name_)
                                   : "renaming to the nearest bound name does not help");
  }

  void conclude_typo(const std::string& meant) {
    std::string doubts;
    if (looks_mistyped(name_, meant) != Likeness::kSlip)
      doubts = " But it may be another name as well.";
    if (!binding_.empty())
      doubts = fmt::format(" But {} binds '{}'.", case_.investigation.names(binding_), name_);
    for (const std::size_t cell : case_.investigation.notebook().code_cells()) {
      if (cell == wanting_cell() || !case_.investigation.facts()[cell].uses_name(name_)) continue;
      doubts = fmt::format(" But {} uses '{}', too.", case_.investigation.name(cell), name_);
    }
    conclude("typo", doubts.empty() ? Verdict::kConfirmed : Verdict::kAmbiguous,
             fmt::format("'{}' in {} is '{}' mistyped: renaming it is enough.{}", name_,
                         case_.investigation.name(wanting_cell()), meant, doubts));
  }

  /// Everything that the notebook holds, run before the crashed cell: if the name is still
  /// missing then, no cell binds it.
  void try_all_cells() {
    if (case_.investigation.stopped()) return;
    const auto& code = case_.investigation.notebook().code_cells();
    ExecutionOrder order = case_.investigation.top_to_bottom(code.back());
    order.erase(std::remove(order.begin(), order.end(), case_.target.cell), order.end());
    order.push_back(case_.target.cell);
    Trial trial = trial_like(case_.investigation, case_.base, order);
    for (std::size_t i = 0; i + 1 < trial.executions.size(); ++i)
      trial.executions[i].may_fail = true;
    std::vector<Change> changes;
    changes.push_back({"name",
                       fmt::format("every other cell run before {}", case_.target_name()),
                       std::move(trial),
                       {}});
    const Effect effect = try_changes(case_, std::move(changes)).front();
    if (!effect.resolved) return;  // stopped, or it says nothing
    const std::string sublabel = called() ? "undefined function" : "undefined variable";
    if (!effect.same) {
      case_.decide("implementation error", sublabel, Verdict::kRefuted,
                   "running the other cells first changes the crash");
      return;
    }
    if (!binding_.empty()) {
      case_.decide("implementation error", sublabel, Verdict::kAmbiguous,
                   fmt::format("{} binds '{}', yet running it first does not help",
                               case_.investigation.names(binding_), name_));
      return;
    }
    const std::string why = doubt_of_absence();
    conclude(sublabel, why.empty() ? Verdict::kConfirmed : Verdict::kAmbiguous,
             fmt::format("No cell of the notebook binds '{}'.{}", name_, why));
  }

  Case& case_;
  std::string name_;
  std::vector<std::size_t> binding_;  ///< Cells that may bind the name, by their text.
  std::string untried_import_;        ///< A customary import whose module is not installed.
};

}  // namespace

void try_names(Case& investigated) {
  if (investigated.cause || investigated.investigation.stopped()) return;
  const std::string name = undefined_name(investigated.base.observed);
  if (name.empty()) return;
  NameExperiments(investigated, name).run();
}

}  // namespace nbreplay
