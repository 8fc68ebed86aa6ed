"""Changes of real libraries that break notebooks: one small notebook of ours for each.

`good` and `bad` are neighbours among the releases with a file for that Python. `rest` holds what
else the environment needs, and `start` is the release that the search begins at; everything that nobody names is resolved as it was on `as_of`.
"""
import collections

Row = collections.namedtuple(
    "Row", "name python package good bad cells raises rest as_of fast start")


def row(name, python, package, good, bad, cells, raises, rest=(), as_of=None, fast=False,
        start=None):
    return Row(name, python, package, good, bad, cells, raises, tuple(rest), as_of, fast,
               start or bad)


FRAME = "table = pd.DataFrame({'cups': [3, 1], 'price': [2.5, 4.0]})"
NUMBERS = "rows, labels = [[1.0], [2.0], [3.0], [4.0]], [0, 1, 0, 1]"

ROWS = [
    row("numpy_linspace", "3.8", "numpy", "1.17.5", "1.18.0",
        ["import numpy as np", "steps = 5.0", "np.linspace(0, 1, steps)"], "TypeError",
        as_of="2020-01-15"),
    row("numpy_float", "3.11", "numpy", "1.23.5", "1.24.0",
        ["import numpy as np", "counts = np.zeros(3, dtype=np.float)"], "AttributeError",
        as_of="2023-05-01", fast=True),
    row("numpy_bool", "3.11", "numpy", "1.23.5", "1.24.0",
        ["import numpy as np", "mask = np.ones(2, dtype=np.bool)"], "AttributeError",
        as_of="2023-05-01"),
    row("numpy_ragged", "3.11", "numpy", "1.23.5", "1.24.0",
        ["import numpy as np", "ragged = [[1], [1, 2]]", "np.array(ragged)"], "ValueError",
        as_of="2023-05-01"),
    row("numpy_float_", "3.11", "numpy", "1.26.4", "2.0.0",
        ["import numpy as np", "price = np.float_(2.5)"], "AttributeError", as_of="2024-07-01"),
    row("numpy_trapz", "3.13", "numpy", "2.3.5", "2.4.0",
        ["import numpy as np", "area = np.trapz([1, 2, 3])"], "AttributeError"),
    row("pandas_as_matrix", "3.8", "pandas", "0.25.3", "1.0.0",
        ["import pandas as pd", FRAME, "table.as_matrix()"], "AttributeError",
        as_of="2020-02-15"),
    row("pandas_ix", "3.8", "pandas", "0.25.3", "1.0.0",
        ["import pandas as pd", FRAME, "table.ix[0]"], "AttributeError", as_of="2020-02-15"),
    row("pandas_append", "3.11", "pandas", "1.5.3", "2.0.0",
        ["import pandas as pd", FRAME, "more = table.append(table)"], "AttributeError",
        as_of="2023-05-01"),
    row("pandas_iteritems", "3.11", "pandas", "1.5.3", "2.0.0",
        ["import pandas as pd", FRAME, "for name, column in table.iteritems():\n    print(name)"],
        "AttributeError", as_of="2023-05-01"),
    row("pandas_drop", "3.11", "pandas", "1.5.3", "2.0.0",
        ["import pandas as pd", FRAME, "table.drop('price', 1)"], "TypeError", as_of="2023-05-01"),
    row("pandas_bad_lines", "3.11", "pandas", "1.5.3", "2.0.0",
        ["import io\nimport pandas as pd",
         "pd.read_csv(io.StringIO('a,b\\n1,2\\n'), error_bad_lines=False)"], "TypeError",
        as_of="2023-05-01"),
    row("pandas_np", "3.11", "pandas", "1.5.3", "2.0.0",
        ["import pandas as pd", "pd.np.arange(3)"], "AttributeError", as_of="2023-05-01"),
    row("pandas_month", "3.11", "pandas", "2.3.3", "3.0.0",
        ["import pandas as pd", "pd.date_range('2024-01-01', periods=3, freq='M')"], "ValueError"),
    row("pandas_fillna", "3.11", "pandas", "2.3.3", "3.0.0",
        ["import pandas as pd", FRAME, "table.fillna(method='ffill')"], "TypeError"),
    row("pandas_chained", "3.11", "pandas", "2.3.3", "3.0.0",
        ["import pandas as pd", FRAME, "table['cups'][0] = 9",
         "assert table['cups'].iloc[0] == 9, table"], "AssertionError"),
    row("sklearn_joblib", "3.8", "scikit-learn", "0.22.2.post1", "0.23.0",
        ["from sklearn.externals import joblib"], "ImportError", as_of="2020-06-01"),
    row("sklearn_boston", "3.11", "scikit-learn", "1.1.3", "1.2.0",
        ["from sklearn.datasets import load_boston"], "ImportError", as_of="2023-05-01"),
    row("sklearn_confusion", "3.11", "scikit-learn", "1.1.3", "1.2.0",
        ["from sklearn.metrics import plot_confusion_matrix"], "ImportError",
        as_of="2023-05-01", rest=["matplotlib"]),
    row("sklearn_base_estimator", "3.11", "scikit-learn", "1.3.2", "1.4.0",
        ["from sklearn.ensemble import AdaBoostClassifier\n"
         "from sklearn.tree import DecisionTreeClassifier", NUMBERS,
         "AdaBoostClassifier(base_estimator=DecisionTreeClassifier()).fit(rows, labels)"],
        "TypeError", as_of="2024-03-01"),
    row("matplotlib_normed", "3.8", "matplotlib", "3.1.3", "3.2.0",
        ["import matplotlib.pyplot as plt", "plt.hist([1, 2, 2, 3], normed=1)"], "AttributeError",
        as_of="2020-04-01"),
    row("matplotlib_style", "3.11", "matplotlib", "3.7.5", "3.8.0",
        ["import matplotlib.pyplot as plt", "plt.style.use('seaborn')"], "OSError",
        as_of="2024-03-01"),
    row("seaborn_factorplot", "3.10", "seaborn", "0.11.2", "0.12.0",
        ["import pandas as pd\nimport seaborn as sns", FRAME,
         "sns.factorplot(x='cups', y='price', data=table)"], "AttributeError", as_of="2022-10-01", rest=["matplotlib<3.6"]),
    row("seaborn_positional", "3.10", "seaborn", "0.11.2", "0.12.0",
        ["import pandas as pd\nimport seaborn as sns", FRAME,
         "sns.scatterplot(table['cups'], table['price'])"], "TypeError", as_of="2022-10-01", rest=["matplotlib<3.6"]),
    row("scipy_interp2d", "3.11", "scipy", "1.13.1", "1.14.0",
        ["from scipy.interpolate import interp2d",
         "interp2d([0, 1, 2, 3], [0, 1, 2, 3], [[n + m for n in range(4)] for m in range(4)])"],
        "NotImplementedError", as_of="2024-08-01"),
    row("networkx_gpickle", "3.9", "networkx", "2.8.8", "3.0",
        ["import networkx as nx", "graph = nx.path_graph(3)",
         "nx.write_gpickle(graph, 'graph.bin')", "nx.read_gpickle('graph.bin')"],
        "AttributeError", as_of="2023-03-01"),
    row("gensim_size", "3.8", "gensim", "3.8.3", "4.0.0",
        ["from gensim.models import Word2Vec",
         "Word2Vec([['tea', 'cup'], ['cup', 'milk']], size=9, min_count=1)"], "TypeError",
        as_of="2021-05-01"),
    row("gensim_vocab", "3.8", "gensim", "3.8.3", "4.0.0",
        ["from gensim.models import Word2Vec",
         "model = Word2Vec([['tea', 'cup'], ['cup', 'milk']], min_count=1)",
         "print(len(model.wv.vocab))"], "AttributeError", as_of="2021-05-01"),
    row("statsmodels_arima", "3.9", "statsmodels", "0.12.2", "0.13.0",
        ["from statsmodels.tsa.arima_model import ARIMA",
         "ARIMA([float(n % 5) for n in range(40)], order=(1, 0, 0))"], "NotImplementedError",
        as_of="2021-11-01"),
    row("xgboost_early_stopping", "3.11", "xgboost", "2.0.3", "2.1.0",
        ["import numpy as np\nimport xgboost", "features = np.arange(8.0).reshape(4, 2)\n"
         "labels = np.array([0, 1, 0, 1])",
         "xgboost.XGBClassifier(n_estimators=2).fit(features, labels, "
         "eval_set=[(features, labels)], early_stopping_rounds=5)"], "TypeError",
        rest=["scikit-learn"], as_of="2024-08-01"),
    row("imblearn_fit_sample", "3.8", "imbalanced-learn", "0.7.0", "0.8.0",
        ["from imblearn.over_sampling import SMOTE",
         "rows = [[float(n)] for n in range(20)]\nlabels = [0] * 12 + [1] * 8",
         "SMOTE(k_neighbors=2).fit_sample(rows, labels)"], "AttributeError",
        as_of="2021-03-15"),
    row("openai_chat", "3.11", "openai", "0.28.1", "1.0.0",
        ["import openai\nopenai.api_key = 'none'",
         "try:\n    openai.ChatCompletion.create(model='x', messages=[])\n"
         "except Exception as problem:\n"
         "    if not type(problem).__module__.startswith('openai.error'):\n"
         "        raise  # anything but having no network"],
        "APIRemovedInV1", as_of="2024-03-01", start="1.12.0"),
    row("werkzeug_quote", "3.11", "werkzeug", "2.3.8", "3.0.0",
        ["from werkzeug.urls import url_quote"], "ImportError", as_of="2023-12-01"),
    row("yaml_load", "3.8", "pyyaml", "5.4.1", "6.0",
        ["import yaml", "yaml.load('cups: 3')"], "TypeError", as_of="2022-01-01", fast=True),
    row("pydantic_settings", "3.11", "pydantic", "1.10.13", "2.0",
        ["from pydantic import BaseSettings"], "PydanticImportError", as_of="2023-11-01"),
]

#: Two environments, and which of the packages that differ decides. TensorFlow comes with a Keras of its
#: own release, and 2.10 does not work with that of 2.11: its releases alone cannot be compared.
Sides = collections.namedtuple("Sides", "name python good bad cells raises package releases as_of")

SIDES = [
    Sides("tensorflow_decay", "3.10", ["tensorflow-cpu==2.10.1"], ["tensorflow-cpu==2.11.0"],
          ["import tensorflow as tf", "tf.keras.optimizers.Adam(decay=1e-6)"], "ValueError",
          "keras", ("2.10.0", "2.11.0"), "2022-12-01"),
]

#: Both releases of both packages, the crashing ones first.
#: A resolver refuses those that are `forced`.
Pair = collections.namedtuple("Pair", "name python bad good cells raises rest as_of forced")

PAIRS = [
    Pair("jinja2_markupsafe", "3.9", {"jinja2": "2.11.3", "markupsafe": "2.1.1"},
         {"jinja2": "3.0.3", "markupsafe": "2.0.1"}, ["import jinja2"], "ImportError", (), None, False),
    Pair("numpy_pandas", "3.11", {"numpy": "2.0.2", "pandas": "2.1.4"},
         {"numpy": "1.26.4", "pandas": "2.2.3"}, ["import pandas"], "ValueError",
         (), None, True),
    Pair("numpy_matplotlib", "3.11", {"numpy": "2.0.2", "matplotlib": "3.7.5"},
         {"numpy": "1.26.4", "matplotlib": "3.9.2"}, ["import matplotlib.pyplot"], "ImportError",
         (), None, True),
    Pair("numpy_shapely", "3.11", {"numpy": "2.0.2", "shapely": "2.0.0"},
         {"numpy": "1.26.4", "shapely": "2.0.6"}, ["import shapely"], "ImportError", (), None,
         False),
    Pair("numpy_numba", "3.9", {"numpy": "1.24.0", "numba": "0.56.4"},
         {"numpy": "1.23.5", "numba": "0.57.0"}, ["import numba"], "SystemError", (), None, True),
    Pair("fastapi_pydantic", "3.11", {"fastapi": "0.95.2", "pydantic": "2.5.0"},
         {"fastapi": "0.104.1", "pydantic": "1.10.13"}, ["import fastapi"], "ImportError", (),
         None, True),
    Pair("seaborn_pandas", "3.11", {"seaborn": "0.12.1", "pandas": "2.0.3"},
         {"seaborn": "0.12.2", "pandas": "1.5.3"},
         ["import pandas as pd\nimport seaborn as sns", FRAME, "sns.kdeplot(table['price'])"],
         "OptionError", ("numpy==1.24.4", "matplotlib==3.7.3"), "2023-12-01", False),
    Pair("sqlalchemy_pandas", "3.11", {"sqlalchemy": "2.0.36", "pandas": "1.5.3"},
         {"sqlalchemy": "1.4.54", "pandas": "2.0.3"},
         ["import pandas as pd\nimport sqlalchemy", FRAME,
          "shop = sqlalchemy.create_engine('sqlite://')\ntable.to_sql('cups', shop)",
          "pd.read_sql('select * from cups', shop)"], "AttributeError",
         ("numpy==1.24.4",), None, False),
]

#: Interpreters alone, in an environment without any packages: setuptools brings a distutils of its
#: own. Good, bad, source, what it raises.
PYTHONS = [
    ("fractions_gcd", "3.8", "3.9", ["from fractions import gcd", "gcd(4, 6)"], "ImportError"),
    ("collections_mapping", "3.9", "3.10", ["from collections import Mapping"], "ImportError"),
    ("collections_iterable", "3.9", "3.10", ["import collections", "collections.Iterable"],
     "AttributeError"),
    ("random_sample", "3.10", "3.11", ["import random", "random.sample({1, 2}, 1)"], "TypeError"),
    ("inspect_getargspec", "3.10", "3.11", ["import inspect", "inspect.getargspec(lambda cups: cups)"],
     "AttributeError"),
    ("distutils", "3.11", "3.12", ["import distutils"], "ModuleNotFoundError"),
    ("imp", "3.11", "3.12", ["import imp"], "ModuleNotFoundError"),
    ("randint", "3.11", "3.12", ["import random", "random.randint(1, 5.0)"], "TypeError"),
    ("cgi", "3.12", "3.13", ["import cgi"], "ModuleNotFoundError"),
]
