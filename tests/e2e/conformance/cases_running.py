"""How cells are compiled and run: node by node, counts, history, top-level await."""
from case import case

CASES = [
    case("blank-cells", "blank cells run nothing and count nothing",
         "", "  \n\n", "# only a comment", "7", ("text", "markdown"), "8"),
    case("parse-error-runs-nothing", "a cell that does not parse runs nothing",
         "print('never')\nx = = 1", "'x' in globals()"),
    case("compile-error-after-output", "cells are compiled node by node",
         "print('first')\nreturn 5", "print('again')\nyield 1", "print('third')\nbreak"),
    case("last-expression-shown", "only the last expression is shown",
         "1\n2\n3", "if True:\n    4", "for i in range(2):\n    i", "x = 5", "x", "None"),
    case("failed-cell-takes-a-count", "failed cells consume a count",
         "1", "1 / 0", "2", "x = = 2", "3"),
    case("semicolon", "a semicolon hides the result, found by tokenizing",
         "1;", "2 # c;", "3; # c", "4; ", "x = 5; x;", "'a;'", "'''\n;'''", "sorted(Out)", "_"),
    case("underscores", "_, __, ___ and _N",
         "10", "20", "30", "(_, __, ___)", "(_1, _2, _3)", "x = 1", "_"),
    case("own-underscore", "a _ of the user's is left alone",
         "_ = 'mine'", "5", "_", "del _", "6", "_"),
    case("input-history", "In, _i, _ii, _iii, _ih",
         "a = 1", "b = 2", "(_i, _ii, _iii, _i1)", "In[1:3]", "len(In), len(_ih)",
         "In[-1]", "1 / 0", "In[-2]"),
    case("output-history", "Out, _oh, _dh", "'a'", "'b';", "None", "(Out, _oh is Out)",
         "len(_dh)", "len(Out)"),
    case("output-cull", "Out forgets its oldest entries at 1000",
         "hook = get_ipython().displayhook\nhook.cache_size",
         "hook.cache_size = 4", "3", "4", "5", "6", "7", "sorted(Out)"),
    case("node-transformers", "AST transformers apply to later cells",
         "import ast\n"
         "class Twice(ast.NodeTransformer):\n"
         "    def visit_Constant(self, node):\n"
         "        if isinstance(node.value, int):\n"
         "            return ast.copy_location(ast.Constant(node.value * 2), node)\n"
         "        return node\n"
         "get_ipython().ast_transformers.append(Twice())",
         "21", "get_ipython().ast_transformers.clear()", "21"),
    case("text-transformers", "input transformers apply to later cells",
         "def swap(lines):\n    return [line.replace('CELSIUS', '21.5') for line in lines]\n"
         "get_ipython().input_transformers_cleanup.append(swap)",
         "CELSIUS + 1"),
    case("automagic", "single lines pass the prefilter: magics without %",
         "alpha, beta = 1, 2", "who", "pwd = 'a variable wins'\npwd", "pwd", "who\n1"),
    case("pasted-prompts", "prompts and indentation are stripped",
         ">>> 1 + 1", ">>> for i in range(2):\n...     print(i)", "    y = 3\n    print(y)",
         "In [5]: y + 1"),
    case("help-is-a-payload", "obj? is a payload, not an output",
         "len?", "import json\njson.dumps??", "?len", "1"),
    case("show-every-expression", "ast_node_interactivity",
         "from IPython.core.interactiveshell import InteractiveShell\n"
         "InteractiveShell.ast_node_interactivity = 'all'", "1\n2", "x = 3\nx\nx + 1",
         "InteractiveShell.ast_node_interactivity = 'last_expr_or_assign'", "y = 4", "5",
         "InteractiveShell.ast_node_interactivity = 'none'", "6"),
    case("future-imports-stay", "__future__ flags reach later cells",
         "from __future__ import annotations", "def f(a: Unknown): pass\nf.__annotations__"),
    case("cell-events", "pre and post events fire around cells",
         "calls = []\nevents = get_ipython().events\n"
         "for name in ('pre_execute', 'pre_run_cell', 'post_execute', 'post_run_cell'):\n"
         "    events.register(name, lambda *a, name=name: calls.append((name, len(a))))",
         "list(calls)", "1 / 0", "list(calls)[-6:]",
         "events.register('post_run_cell', lambda result: print(result.success, result.result))",
         "'seen'"),
    case("event-callback-raises", "an event callback that raises does not stop a cell",
         "def bad():\n    raise ValueError('from a callback')\n"
         "get_ipython().events.register('pre_execute', bad)", "'still here'"),
    case("top-level-await", "await, async for and async with in cells",
         "import asyncio\nawait asyncio.sleep(0)\nprint('after')", "await asyncio.sleep(0, 'value')",
         "async def numbers():\n    for i in range(3):\n        yield i\n"
         "async for n in numbers():\n    print(n)", "[n async for n in numbers()]",
         "import contextlib\n@contextlib.asynccontextmanager\nasync def opened():\n"
         "    print('in')\n    yield 'handle'\n    print('out')\n"
         "async with opened() as h:\n    print(h)",
         "await asyncio.gather(*(asyncio.sleep(0, i) for i in range(3)))",
         "def plain():\n    await asyncio.sleep(0)"),
    case("await-raises", "errors behind an await",
         "async def inner():\n    raise LookupError('inside')\nasync def outer():\n"
         "    await inner()", "await outer()", "import asyncio\n"
         "await asyncio.wait_for(asyncio.sleep(5), 0.01)"),
    case("running-loop", "cells share one running loop",
         "import asyncio\nasyncio.run(asyncio.sleep(0))",
         "async def loop():\n    return asyncio.get_running_loop()\nfirst = await loop()",
         "second = await loop()\nfirst is second, first.is_running()",
         "asyncio.get_event_loop() is first",
         "first.run_until_complete(asyncio.sleep(0))"),
    case("background-tasks", "tasks advance at awaits and between cells only",
         "import asyncio, time\nseen = []\nasync def tick():\n    for i in range(3):\n"
         "        seen.append(i)\n        await asyncio.sleep(0.01)\ntask = asyncio.create_task(tick())"
         "\nlen(seen)",
         "before = len(seen)\ntime.sleep(0.2)\nlen(seen) == before",
         "await asyncio.sleep(0.3)\nseen, task.done()"),
    case("task-error-later", "an awaited task's error is the awaiting cell's",
         "import asyncio\nasync def fail():\n    raise OSError('late')\n"
         "task = asyncio.ensure_future(fail())", "await task", "task.done()"),
    case("async-off", "%autoawait can be turned off",
         "%autoawait", "%autoawait False", "import asyncio\nawait asyncio.sleep(0)",
         "%autoawait True", "await asyncio.sleep(0, 3)"),
    case("stops-at-an-error", "nothing runs after an error",
         "print('one')", "{}['missing']", "print('three')", stop=True),
    case("raises-exception-tag", "a cell tagged raises-exception may fail",
         ("1 / 0", "raises-exception"), "2", ("3", "raises-exception"), "int('x')", "5", stop=True),
    case("skip-execution-tag", "a cell tagged skip-execution is left out",
         "1", ("print('never')", "skip-execution"), "2"),
    case("history-off", "run_cell from a cell",
         "ip = get_ipython()\nr = ip.run_cell('41 + 1', store_history=False)\nr.result", "In[-1]",
         "ip.run_cell('7 * 6').success", "ip.run_cell('1 / 0').error_in_exec"),
    case("long-notebook", "counts over many cells",
         *["value_%d = %d\nvalue_%d" % (i, i, i) for i in range(60)]),
]
