"""Random notebooks for comparing reduction algorithms, from a seed.

A notebook is N cells and the cell that crashes, which comes last and is never removed.

* Every cell but the first uses one to three earlier definitions, recent ones preferred; a few hubs
  (imports, data) at the top are used by many. Some cells bind nothing: plots, prints, changes in
  place.
* A use may change the object in place, as far as an analysis can tell (`x.method()`, `x[k] = v`).
  A random share of these possible mutations is real: who uses that definition later needs them.
* Costs are seconds of virtual time.

The crash needs, transitively, every definition used and every real mutation in between. A cell
whose definitions are not all there raises NameError, a foreign error that ends the run.

The parameters were fixed before any algorithm was measured with them. They were chosen to need
shares of the cells that real notebooks need: about six of ten in short ones, fewer in long ones.
"""

import math
import random

SIZES = (11, 40, 150)  # cells before the crash
GRAPHS = 200  # per size
SEED = 20251125

USES = (1, 2, 3)  # definitions that a cell uses, drawn evenly
HUBS = 3  # cells at the top: imports, settings, data
IMPORTS = 2  # of the hubs: nobody changes these in place
HUB_SHARE = 0.2  # of uses that go to a hub
RECENCY = 0.3  # other uses: geometric over the cells that bind something, latest first
BINDS_NOTHING = 0.2  # of cells that are no hub
POSSIBLE_MUTATION = 0.25  # of uses of what is no import
REAL_MUTATION = 0.3  # of possible mutations
COST_MEDIAN, COST_SIGMA, COST_CAP = 0.15, 2.0, 60.0


class Notebook:
    """`uses[i]` maps a definition (its cell) to "" (read), "?" or "!" (possible, real mutation)."""

    def __init__(self, costs, uses):
        self.costs = costs
        self.uses = uses
        self.size = len(uses) - 1  # cells before the crash
        self.needed = self._needed()

    def _needed(self):
        needed, pending = set(), [self.size]
        while pending:
            cell = pending.pop()
            wanted = set(self.uses[cell])
            for definition in self.uses[cell]:
                wanted.update(
                    other
                    for other in range(definition + 1, cell)
                    if self.uses[other].get(definition) == "!"
                )
            pending.extend(wanted - needed)
            needed |= wanted
        return frozenset(needed)

    def crashes(self, kept):
        """Whether the crash is reached, and happens, when only the cells `kept` run before it."""
        kept = set(kept)
        return self.needed <= kept and all(kept.issuperset(self.uses[cell]) for cell in kept)

    def lines(self):
        """As reduce_bench reads it: one line per cell, the crash last."""
        for cost, uses in zip(self.costs, self.uses):
            yield " ".join([f"{cost:.6f}", *(f"{d}{kind}" for d, kind in sorted(uses.items()))])


def _definition(rng, bound):
    if rng.random() < HUB_SHARE or len(bound) <= HUBS:
        return rng.choice(bound[:HUBS])
    recent = bound[HUBS:]
    distance = int(math.log(1.0 - rng.random()) / math.log(1.0 - RECENCY))
    return recent[max(len(recent) - 1 - distance, 0)]


def generate(size, index, seed=SEED):
    """The notebook `index` of `size` cells; the same for the same arguments."""
    rng = random.Random(f"{seed}/{size}/{index}")
    uses, bound = [], []
    for cell in range(size + 1):
        used = {}
        if cell > 0:
            for _ in range(rng.choice(USES)):
                definition = _definition(rng, bound)
                changed = definition >= IMPORTS and rng.random() < POSSIBLE_MUTATION
                kind = ("!" if rng.random() < REAL_MUTATION else "?") if changed else ""
                used[definition] = max(used.get(definition, ""), kind, key=" ?!".find)
        uses.append(used)
        if cell < HUBS or rng.random() >= BINDS_NOTHING:
            bound.append(cell)
    costs = [
        min(rng.lognormvariate(math.log(COST_MEDIAN), COST_SIGMA), COST_CAP)
        for _ in range(size + 1)
    ]
    return Notebook(costs, uses)
