"""Sources that together hold every kind of statement, in the layouts that notebooks have."""
import sys

SOURCES = [
    "",
    "\n\n",
    "# only a comment\n",
    "x = 1",
    "x = 1; y = 2; z = 3\n",
    "x = 1 ;  y = 2;\n",
    "if x: a = 1; b = 2\nelse: c = 3\n",
    "import os, sys\nfrom a import (b,\n    c as d,)\n",
    "if a:\n    x = 1\nelif b:\n    y = 2\n    z = 3\nelif c:\n    pass\nelse:\n    w = 1\n    v = 2\n",
    "if a:\n    x = 1\nelse:\n    if b:\n        y = 1\n",
    "for i, j in enumerate(range(10)):\n    if i == 3:\n        continue\n    print(i)\nelse:\n"
    "    print('done')\n",
    "while True:\n    x += 1\n    if x > 10:\n        break\n",
    "with open('a') as f, open('b') as g:\n    f.read()\n    g.read()\n",
    "try:\n    x = int('3')\nexcept (ValueError, TypeError) as e:\n    x = 0\nexcept KeyError:\n"
    "    pass\nelse:\n    y = 1\nfinally:\n    z = 1\n",
    "try:\n    a\nfinally:\n    b\n",
    "@decorate\n@other(1,\n       2)\ndef f(a, b=2, *c, d: int = 3, **e) -> int:\n"
    "    '''Docs\n    of f.'''\n    global g\n    g = a\n    return a + b\n",
    "class A(B, metaclass=M):\n    x = 1\n\n    @property\n    def y(self):\n        return self.x\n",
    "async def f():\n    async for x in y:\n        await x\n    async with a as b:\n        pass\n",
    "lambda x: x\n",
    "x = [1, 2, 3,\n     4, 5,\n     ]\ny = {'a': 1, 'b': [1, 2], **z}\nw = (1,)\nv = 1, 2\n",
    "f(1)(2)[3].g(a, *b, c=1, **d).h()\n",
    "x = (f\n     .g(1)\n     .h(2))\n",
    "df = pd.read_csv('file.csv', sep=';', index_col=0).dropna().reset_index(drop=True)\n",
    "s = '''a\nb'''; t = 'é'; u = f(t)\n",
    "if a:\n    s = '''\n  text\n    more\n'''\n    t = 1\n",
    "if a:\n\n    # comment\n    x = 1  # trailing\n    # another\n\n    y = 2\n# end\nz = 3",
    "x = 1\\\n  + 2\ny = 3\n",
    "assert x, 'message of some length'\nraise ValueError('text of some length') from e\n",
    "del a, b[0], c.d\nx: int\ny: int = 1\nx += 1\n",
    "%matplotlib inline\nimport os\n!ls {x}\ny = !pwd\nif a:\n    %time f(1, 2)\n    z = 1\n",
    "%%time\nx = f(1, 2)\nfor i in range(3):\n    print(i)\n",
    "%%bash\nls\n",
    ">>> for i in range(3):\n...     print(i)\n>>> x = f(1, 2)\n",
    "    x = 1\n    if x:\n        y = f(x, 2)\n",
    "x = 1\r\nif x:\r\n    y = [1, 2]\r\n    z = 2\r\n",
    "if a:\n\tx = 1\n\tif b:\n\t\ty = 2\n",
    "x = 'é' + '\ud800'; y = f('ü', 'long enough text')\n",
    "def f():\n    for i in x:\n        if i:\n            return i\n        yield i\n",
    "x = f'{a!r:>{w}} and {b[0]}' + g(f'{c}')\n",
    "print((yield_ := 3), [i for i in range(4) if i], {**a}, a if b else c)\n",
    "if (a and\n        b):\n    pass\n",
    "for x in y: print(x)\n",
    "class A: pass\n",
    "x = a[1:2, ::3]\nx[0]['k'].y = -1\nx = not (a is None)\nx = a @ b\n",
    "from __future__ import annotations\nx = 1\n",
]
if sys.version_info >= (3, 10):
    SOURCES += [
        "match x:\n    case [1, a]:\n        y = 1\n        z = 2\n    case {'k': v}:\n        y = v\n"
        "    case _:\n        pass\n",
        "with (open('a') as f,\n      open('b') as g):\n    f.read(1, 2)\n",
    ]
if sys.version_info >= (3, 12):
    SOURCES += ["x = f'{d['a']} {f'{y}'}'\n!ls {x}\n", "type X[T] = list[T]\ndef f[T](x: T): g(x)\n",
                "try:\n    a\nexcept* E:\n    b\n"]
