"""The long case of minimize.py: 40 cells with scikit-learn, whose last one crashes."""

#: The crash needs these, from 1: the report renames a column that a function asks for later. One
#: of the four slow cells is among them.
NEEDED = [1, 2, 4, 5, 7, 8, 9, 10, 12, 17, 18, 29, 30, 36, 38, 39, 40]

_CELLS = [
    "import numpy as np\nimport pandas as pd",
    "from sklearn.ensemble import (ExtraTreesRegressor, GradientBoostingRegressor,\n"
    "                              RandomForestRegressor)",
    "from sklearn.linear_model import Lasso, Ridge",
    "from sklearn.model_selection import cross_val_score, train_test_split",
    "from sklearn.metrics import mean_absolute_error, r2_score",
    "from sklearn.preprocessing import StandardScaler",
    "rows = {rows}",
    "draw = np.random.default_rng(4)",
    "beds = pd.DataFrame({'bed': draw.integers(0, 12, rows), 'heat': draw.normal(21, 4, rows),\n"
    "                     'light': draw.gamma(3, 2, rows), 'water': draw.normal(5, 1, rows)})",
    "beds['kilos'] = (beds['light'] * 0.4 + np.sqrt(beds['heat'].abs()) - (beds['water'] - 5) ** 2\n"
    "                 + draw.normal(0, 0.5, rows))",
    "beds.describe().loc['mean']",
    "beds['warm'] = (beds['heat'] > 22).astype(int)",
    "beds['dry'] = beds['water'] < 4",
    "beds['light_squared'] = beds['light'] ** 2",
    "by_bed = beds.groupby('bed')['kilos'].mean()",
    "print('best bed:', by_bed.idxmax())",
    "features = ['heat', 'light', 'water', 'warm']",
    "x_train, x_test, y_train, y_test = train_test_split(beds[features], beds['kilos'],\n"
    "                                                    random_state=3)",
    "scaler = StandardScaler().fit(x_train)",
    "z_train, z_test = scaler.transform(x_train), scaler.transform(x_test)",
    "ridge = Ridge().fit(z_train, y_train)",
    "ridge_error = mean_absolute_error(y_test, ridge.predict(z_test))",
    "lasso = Lasso(0.1).fit(z_train, y_train)",
    "print(round(ridge_error, 3))",
    "forest = RandomForestRegressor({forest}, random_state=1).fit(x_train, y_train)",
    "forest_error = mean_absolute_error(y_test, forest.predict(x_test))",
    "importance = pd.Series(forest.feature_importances_, index=features)",
    "importance.sort_values()",
    "boosted = GradientBoostingRegressor(n_estimators={boosted}, random_state=1)\n"
    "boosted.fit(x_train, y_train)",
    "boosted_error = mean_absolute_error(y_test, boosted.predict(x_test))",
    "trees = ExtraTreesRegressor({trees}, random_state=1).fit(x_train, y_train)",
    "trees_fit = r2_score(y_test, trees.predict(x_test))",
    "folds = cross_val_score(Ridge(), z_train, y_train, cv=5)",
    "slow_folds = cross_val_score(GradientBoostingRegressor(n_estimators={folds}), x_train,\n"
    "                             y_train, cv=3)",
    "print(folds.mean().round(3), slow_folds.mean().round(3))",
    "report = pd.DataFrame({'model': ['boosted'], 'error': [boosted_error]})",
    "report = report.set_index('model')",
    "report = report.rename(columns={'error': 'error_kg'})",
    "def worst(table):\n    return table['error'].idxmax()",
    "worst(report)",
]


def cells(scale):
    """`scale` 1: about 12 s, most of it in the four slow cells, alike."""
    counts = {"{rows}": 20000, "{forest}": 55, "{boosted}": 170, "{trees}": 110, "{folds}": 90}
    sources = []
    for source in _CELLS:
        for name, count in counts.items():
            source = source.replace(name, str(max(2, round(count * scale))))
        sources.append(source)
    return sources
