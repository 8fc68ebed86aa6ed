"""What a cell's calls say: imports, files, column names, randomness."""
import ast

_USUAL = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "tf": "tensorflow",
          "sns": "seaborn", "keras": "tensorflow.keras"}

# Functions that open their first argument, by the last part of their name; "write" is told apart.
_READS = frozenset("""
    imread loadtxt genfromtxt fromfile loadmat load_model open_dataset listdir scandir memmap
    load_npz read load parse ZipFile is_zipfile TarFile chdir parse_config_from_file
    read_text read_bytes iterdir glob iglob rglob walk from_csv copyfile copy copytree move
    load_weights from_pretrained imread_collection getsize stat
""".split())
_WRITES = frozenset("""
    to_csv to_excel to_json to_parquet to_pickle to_hdf to_feather to_html to_latex to_markdown
    to_stata savefig save savez savez_compressed savetxt imsave imwrite write_image write_html
    write_csv write_text write_bytes makedirs mkdir touch save_model save_weights save_pretrained
    tofile sink_csv
""".split())
# These take the object first and the path second.
_SECOND = frozenset(["joblib.dump", "torch.save", "sklearn.externals.joblib.dump"])
_OPENERS = frozenset(["open", "io.open", "gzip.open", "bz2.open", "lzma.open", "codecs.open",
                      "h5py.File", "PIL.Image.open", "sqlite3.connect", "rasterio.open",
                      "xarray.open_dataset", "tarfile.open", "wave.open", "netCDF4.Dataset"])
_PATH_ARGUMENTS = ("filepath_or_buffer", "path_or_buf", "path", "file", "filename", "fname", "io",
                   "filepath", "fp", "name", "f", "path_or_buffer", "excel_writer")
# Loaders that take a file only from libraries whose `load` does.
_LOADERS = frozenset(["numpy", "joblib", "torch", "pandas", "librosa", "soundfile", "json", "np",
                      "pickle", "tensorflow", "keras", "cv2", "spacy", "dill", "h5py"])
_MODULE_READS = {"read", "load", "parse", "copy", "move", "stat", "glob", "walk", "save"}
_COLUMN_METHODS = frozenset("""
    groupby sort_values drop set_index get pop agg aggregate pivot pivot_table melt rename
    drop_duplicates dropna merge join nlargest nsmallest value_counts fillna astype insert explode
    select_dtypes reindex scatterplot lineplot barplot boxplot histplot countplot
""".split())
_COLUMN_KEYWORDS = frozenset("""
    columns by on left_on right_on subset x y hue index values id_vars value_vars names usecols
    parse_dates index_col col row size labels key
""".split())
_RANDOM_MODULES = ("random.", "numpy.random.", "secrets.", "tensorflow.random.", "torch.rand",
                   "torch.normal", "torch.multinomial", "torch.bernoulli", "torch.nn.init.",
                   "jax.random.")
_CLOCK = frozenset(["time.time", "time.time_ns", "time.perf_counter", "time.monotonic",
                    "time.process_time", "time.localtime", "time.gmtime", "time.ctime",
                    "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow",
                    "datetime.date.today", "pandas.Timestamp.now", "pandas.Timestamp.today",
                    "uuid.uuid1", "uuid.uuid4", "os.urandom", "os.getpid", "hash", "id",
                    "time.strftime"])
_SEEDING = frozenset(["seed", "manual_seed", "manual_seed_all", "set_seed", "set_random_seed",
                      "seed_everything"])
# Draw at random unless told random_state (scikit-learn, pandas).
_STATEFUL = frozenset("""
    train_test_split sample shuffle resample RandomForestClassifier RandomForestRegressor
    ExtraTreesClassifier ExtraTreesRegressor MLPClassifier MLPRegressor KMeans MiniBatchKMeans
    ShuffleSplit StratifiedShuffleSplit RandomizedSearchCV make_classification make_regression
    make_blobs make_moons make_circles TSNE SGDClassifier SGDRegressor BaggingClassifier
    IsolationForest GaussianMixture Dropout DataLoader
""".split())


def aliases_of(tree):
    """{bound name: what it stands for} of the imports anywhere in a tree."""
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                aliases[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                aliases[alias.asname or alias.name] = "%s.%s" % (node.module or "", alias.name)
    return aliases


def constants_of(tree):
    """{name: text} of names that the module level binds to a string literal and to nothing else."""
    found, dropped = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            if node.id in found:
                dropped.add(node.id)
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 \
                and isinstance(node.targets[0], ast.Name) and is_text(node.value):
            found[node.targets[0].id] = node.value.value
    return {name: text for name, text in found.items() if name not in dropped}


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


class Calls(ast.NodeVisitor):
    """Facts of one cell; `aliases` and `constants` are the notebook's, the cell's own put on top."""

    def __init__(self, aliases, constants):
        self.aliases, self.constants = aliases, constants
        self.imports, self.files, self.keys = [], [], {}
        self.seeds = False
        self._draws = self._varies = False

    @property
    def random(self):
        """Depends on randomness without a seed of the cell's own, on time or on hash order."""
        return self._varies or (self._draws and not self.seeds)

    # ---- names ------------------------------------------------------------------------------

    def dotted(self, node):
        """"pandas.read_csv" for pd.read_csv; "?.read_csv" for a method of a call's result."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            known = self.aliases.get(node.id) or _USUAL.get(node.id, node.id)
            parts.append(known)
        else:
            inner = self.dotted(node.func) if isinstance(node, ast.Call) else ""
            parts.append(inner if inner.endswith("Path") else "?")
        return ".".join(reversed(parts))

    def text(self, node, depth=0):
        """The string that an expression certainly is, or None."""
        if node is None or depth > 20:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self.constants.get(node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
            left, right = self.text(node.left, depth + 1), self.text(node.right, depth + 1)
            if left is None or right is None:
                return None
            if isinstance(node.op, ast.Add):
                return left + right
            return left.rstrip("/") + "/" + right
        if isinstance(node, ast.JoinedStr):
            parts = [self.text(value.value if isinstance(value, ast.FormattedValue) else value,
                               depth + 1) for value in node.values]
            return None if None in parts else "".join(parts)
        if isinstance(node, ast.Call) and node.args:
            name = self.dotted(node.func)
            if name in ("os.path.join", "pathlib.Path", "Path", "str"):
                parts = [self.text(argument, depth + 1) for argument in node.args]
                return None if None in parts else "/".join(parts)
        return None

    # ---- imports ----------------------------------------------------------------------------

    def visit_Import(self, node):
        for alias in node.names:
            bound = alias.asname or alias.name.split(".")[0]
            self.imports.append((alias.name, "", bound, node.lineno))

    def visit_ImportFrom(self, node):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            bound = "" if alias.name == "*" else alias.asname or alias.name
            self.imports.append((module, alias.name, bound, node.lineno))

    # ---- keys -------------------------------------------------------------------------------

    def visit_Subscript(self, node):
        self._key(node.slice)
        self.generic_visit(node)

    def _key(self, node):
        if type(node).__name__ in ("Index", "ExtSlice"):  # before 3.9
            for child in ast.iter_child_nodes(node):
                self._key(child)
        elif is_text(node):
            self.keys.setdefault(node.value, None)
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            for element in node.elts:
                if is_text(element) or isinstance(element, ast.List):
                    self._key(element)
        elif isinstance(node, ast.Dict):
            for key in node.keys:
                if key is not None and is_text(key):
                    self._key(key)

    # ---- calls ------------------------------------------------------------------------------

    def visit_Call(self, node):
        name = self.dotted(node.func)
        last = name.rsplit(".", 1)[-1]
        if last in _COLUMN_METHODS and isinstance(node.func, ast.Attribute):
            for argument in node.args[:1]:
                self._key(argument)
        for keyword in node.keywords:
            if keyword.arg in _COLUMN_KEYWORDS:
                self._key(keyword.value)
        self._file(node, name, last)
        self._chance(node, name, last)
        self.generic_visit(node)

    def _file(self, node, name, last):
        how = self._opens(node, name, last)
        if how is None:
            return
        path, write = how
        if path:
            self.files.append((path, name.replace("?.", ""), write, node.lineno))

    def _opens(self, node, name, last):
        """(path, whether it is written) of a call that opens a file, or None."""
        if name in _OPENERS:
            return self._path(node, 0), _writes(self._mode(node, 1))
        if isinstance(node.func, ast.Attribute) and last == "open":
            path = self.text(node.func.value)  # Path("x").open()
            return (path, _writes(self._mode(node, 0))) if path else None
        if name in _SECOND:
            return self._path(node, 1), True
        own = self.text(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if last in _WRITES:
            if own and last in ("write_text", "write_bytes", "mkdir", "touch"):
                return own, True
            return self._path(node, 0), True
        if last.startswith("read_") and not own:
            return self._path(node, 0), False
        if last in _READS:
            if own and last in ("read_text", "read_bytes", "iterdir", "glob", "rglob", "stat"):
                return own, False
            if last in _MODULE_READS and not self._takes_files(name):
                return None
            return self._path(node, 0), False
        return None

    def _takes_files(self, name):
        top = name.split(".")[0]
        return top in _LOADERS or top in ("os", "glob", "shutil", "soundfile", "configparser") \
            or name.endswith("ElementTree.parse")

    def _path(self, node, position):
        if len(node.args) > position:
            return self.text(node.args[position])
        for keyword in node.keywords:
            if keyword.arg in _PATH_ARGUMENTS:
                return self.text(keyword.value)
        return None

    def _mode(self, node, position):
        if len(node.args) > position:
            return self.text(node.args[position])
        for keyword in node.keywords:
            if keyword.arg == "mode":
                return self.text(keyword.value)
        return None

    def _chance(self, node, name, last):
        told = {keyword.arg for keyword in node.keywords}
        if last in _SEEDING:
            self.seeds = True
        elif name in _CLOCK:
            self._varies = True
        elif last in ("default_rng", "RandomState", "Random", "Generator"):
            self._draws = self._draws or not (node.args or told)
        elif last in _STATEFUL:
            self._draws = self._draws or not told & {"random_state", "generator", "seed"}
        elif name.startswith(_RANDOM_MODULES):
            self._draws = True
        elif name in ("list", "tuple", "enumerate", "iter", "next") and node.args \
                and _is_set(node.args[0]):
            self._varies = True

    def visit_For(self, node):
        self._varies = self._varies or _is_set(node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node):
        self._varies = self._varies or _is_set(node.iter)
        self.generic_visit(node)


def _writes(mode):
    return bool(mode) and any(letter in mode for letter in "wax+")


def _is_set(node):
    return isinstance(node, (ast.Set, ast.SetComp)) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        and node.func.id in ("set", "frozenset"))
