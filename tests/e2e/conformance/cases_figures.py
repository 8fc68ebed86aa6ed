"""Inline figures of matplotlib."""
from case import case

_PLOT = "import matplotlib.pyplot as plt\n"

CASES = [
    case("figure-after-prints", "figures are flushed when the cell is over",
         _PLOT + "plt.plot([1, 2])\nprint('before the figure')", "plt.get_fignums()",
         "l, = plt.plot([2, 1])\nprint('p')\n'result'"),
    case("figure-after-error", "figures come after the error of their cell",
         _PLOT + "l = plt.plot([1, 2])\nprint('printed')\nraise ValueError('then')",
         "plt.get_fignums()", "'next'"),
    case("figure-shown", "plt.show() shows at once",
         _PLOT + "l = plt.plot([1, 2])\nplt.show()\nprint('after show')",
         "f, a = plt.subplots()\nf2, a2 = plt.subplots()\nplt.show()", "plt.show()"),
    case("figure-as-result", "a figure as the last expression, and by display()",
         _PLOT + "fig, ax = plt.subplots(figsize=(2, 1))\nt = ax.set_title('t')\nfig", "fig", "display(fig)",
         "plt.close('all')\nfig2 = plt.figure(figsize=(1, 1))\nplt.close(fig2)", "fig2"),
    case("figure-formats", "formats and settings of the inline backend",
         _PLOT + "import matplotlib\nmatplotlib.rcParams['svg.hashsalt'] = 'fixed'\n"
         "matplotlib.get_backend()", "%config InlineBackend.figure_formats = ['retina']",
         "l = plt.plot([1, 2])", "%config InlineBackend.figure_formats = ['png', 'jpeg']",
         "l = plt.plot([1, 3])", "%config InlineBackend.close_figures = False",
         "%config InlineBackend.figure_formats = ['png']", "l = plt.plot([1, 4])", "plt.get_fignums()"),
    case("matplotlib-magic", "%matplotlib",
         "%matplotlib inline", _PLOT + "l = plt.plot([3, 1])", "%matplotlib", "%matplotlib agg",
         "l = plt.plot([1, 1])\nplt.get_fignums()", "%matplotlib inline", "plt.get_fignums()"),
    case("figure-values", "what plotting calls return",
         _PLOT + "plt.plot([1, 2])", "plt.title('x');", "plt.hist([1, 1, 2])", "plt.scatter([1], [2])",
         "plt.figure(figsize=(1, 1))"),
    case("pandas-plot", "plots of pandas, images, interactive mode off",
         _PLOT + "import pandas as pd\npd.Series([1, 3, 2]).plot()", "plt.ioff()",
         "l = plt.plot([1, 2])", "plt.ion()", "i = plt.imshow([[1, 2], [3, 4]])", "plt.isinteractive()"),
    case("figure-saved", "savefig in memory, warnings of glyphs",
         _PLOT + "import io\nb = io.BytesIO()\nl = plt.plot([1])\nplt.savefig(b, format='png')\n"
         "b.getvalue()[:4]", "t = plt.title('\\u4e2d')"),
]
