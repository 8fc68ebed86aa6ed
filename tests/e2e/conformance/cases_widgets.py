"""Widgets, comms and progress bars: their outputs and the state that is saved."""
from case import case

CASES = [
    case("slider", "a widget's view and saved state",
         "import ipywidgets as w\ns = w.IntSlider(value=3, description='n')\ns", "s.value = 5\ns.value",
         "display(s)"),
    case("containers", "boxes of widgets",
         "import ipywidgets as w\nw.VBox([w.Label('a'), w.HBox([w.Button(description='b'), w.Checkbox()])])",
         "w.Tab(children=[w.Text('t')], titles=['one'])"),
    case("observers", "observe, link and interact",
         "import ipywidgets as w\na, b = w.IntText(1), w.IntText(2)\nlink = w.link((a, 'value'), (b, 'value'))\n"
         "a.observe(lambda change: print('changed to', change['new']), 'value')", "a.value = 7", "b.value",
         "@w.interact(x=(0, 5))\ndef f(x=2):\n    print('x is', x)\n    return x * 2"),
    case("output-widget", "what an Output widget captures",
         "import ipywidgets as w\nout = w.Output()\nout", "with out:\n    print('inside')\n    display('shown')\n"
         "print('outside')", "len(out.outputs), out.outputs[0]['text']",
         "with out:\n    1 / 0", "out.clear_output()", "out.append_stdout('appended')", "out.outputs"),
    case("output-widget-clear", "clear_output inside an Output widget",
         "import ipywidgets as w\nfrom IPython.display import clear_output\nout = w.Output()\ndisplay(out)\n"
         "with out:\n    print('old')\n    clear_output(wait=True)\n    print('new')",
         "out.outputs", "@out.capture()\ndef f():\n    print('captured')\nf()", "len(out.outputs)"),
    case("binary-state", "buffers in a widget's state",
         "import ipywidgets as w\ni = w.Image(value=b'\\x89PNG data', format='png')\ni",
         "v = w.Video(value=b'123', format='mp4')"),
    case("own-comm", "comms opened by the notebook",
         "from comm import create_comm\nc = create_comm(target_name='own', data={'a': 1})", "c.send({'b': 2})",
         "c.close()", "from ipykernel.comm import Comm\nd = Comm(target_name='other')\nd.target_name"),
    case("closed-widget", "widgets that are closed",
         "import ipywidgets as w\nb = w.Button(description='x')\nb.close()", "w.Button(description='y')",
         "w.Widget.close_all()"),
    case("progress-notebook", "tqdm.notebook shows a widget",
         "from tqdm.notebook import tqdm\nfor i in tqdm(range(3), desc='steps'):\n    pass", "print('done')"),
    case("progress-auto", "tqdm.auto chooses the notebook form",
         "import warnings\nwarnings.simplefilter('ignore')\nfrom tqdm.auto import tqdm\ntqdm.__module__",
         "total = 0\nfor i in tqdm([1, 2, 3]):\n    total += i\ntotal"),
    case("progress-text", "tqdm as text",
         "from tqdm import tqdm\nfor i in tqdm(range(2), ncols=40, bar_format='{n_fmt}/{total_fmt}'):\n    pass"),
]
