"""What runs inside a worker's interpreter.

`main` starts it. Everything that a notebook could notice stands in for what Jupyter's kernel
does there; docs/conformance.md lists what differs. Only CPython 3.8 syntax.
"""
