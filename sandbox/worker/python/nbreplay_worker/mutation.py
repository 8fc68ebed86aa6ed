"""Which names a call may change in place.

Nothing runs, so a method's name has to tell: any method of a name may change it, except those
below, which no library in common use lets change their object. What an import bound is changed
only by methods that are known to set the library's own state.
"""
import ast

PURE_METHODS = frozenset("""
    head tail describe info copy groupby agg aggregate mean median std var sum min max count nunique
    unique value_counts isnull isna notnull notna corr cov quantile idxmin idxmax argmax argmin
    argsort astype to_numpy to_list tolist to_dict to_frame to_string query merge join concat
    nlargest nsmallest sample select_dtypes duplicated between isin cumsum cumprod diff shift
    pct_change rolling expanding resample rank round abs clip dot transpose reshape ravel flatten
    squeeze any all memory_usage iterrows itertuples items keys values get index assign pipe
    pivot pivot_table melt stack unstack crosstab explode nonzero equals compare
    to_csv to_excel to_json to_parquet to_pickle to_html to_latex to_feather to_hdf to_markdown
    plot hist boxplot
    split rsplit strip lstrip rstrip lower upper title capitalize startswith endswith format find
    rfind replace encode decode isdigit isalpha isnumeric zfill splitlines partition ljust rjust
    union intersection difference issubset issuperset
    score predict predict_proba predict_log_proba decision_function transform inverse_transform
    get_params get_feature_names get_feature_names_out summary state_dict parameters
    named_parameters cpu cuda numpy detach item size dim numel
    strftime isoformat total_seconds exists is_file is_dir
""".split())

# Methods of a module (numpy.random.seed, plt.style.use, sys.path.append) that change its state.
STATE_CHANGERS = frozenset("""
    seed manual_seed manual_seed_all set_seed use append insert extend remove update clear
    filterwarnings simplefilter chdir basicConfig rc reset_option reset_defaults rcdefaults
    register register_matplotlib_converters init_notebook_mode deregister shuffle_seed putenv
    setlevel disable enable
""".split())

# Functions that change an argument: name: its position.
CHANGING_FUNCTIONS = {
    "shuffle": 0, "heappush": 0, "heappop": 0, "heapify": 0, "heapreplace": 0, "heappushpop": 0,
    "insort": 0, "insort_left": 0, "insort_right": 0, "setattr": 0, "delattr": 0, "next": 0,
    "copyto": 0, "fill_diagonal": 0, "put": 0, "place": 0, "putmask": 0, "clip_grad_norm_": 0,
}


def root(node):
    """(name, line) of the name at the head of x.a[b].c, or (None, 0)."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return (node.id, node.lineno) if isinstance(node, ast.Name) else (None, 0)


def _in_place(call):
    return any(keyword.arg in ("inplace", "in_place", "copy")
               and getattr(keyword.value, "value", None) is (keyword.arg != "copy")
               for keyword in call.keywords)


def changed_by(call, is_module):
    """Expressions whose head the call may change."""
    func = call.func
    name = getattr(func, "attr", None) or getattr(func, "id", None)
    changed = []
    head = root(func)[0]
    if isinstance(func, ast.Attribute):
        if head is None:
            pass  # a method of a call's result: who owns that is not known
        elif is_module(head):
            if name in STATE_CHANGERS or name.startswith("set"):
                changed.append(func)
        elif name not in PURE_METHODS or _in_place(call):
            changed.append(func)
    position = CHANGING_FUNCTIONS.get(name)
    if position is None and name and name.endswith("_") and not name.endswith("__"):
        position = 0  # torch: a trailing underscore says "in place"
    if isinstance(func, ast.Attribute) and name != "shuffle" and not is_module(head):
        position = None
    if position is not None and len(call.args) > position:
        changed.append(call.args[position])
    changed += [keyword.value for keyword in call.keywords if keyword.arg == "out"]
    return changed
