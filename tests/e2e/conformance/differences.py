"""Every difference from nbclient with ipykernel that is known, with its reason.

docs/conformance.md lists the same; the test compares the two lists, and that each still differs.
"""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Difference:
    case: str
    #: The differing parts: cells by number, or "widgets".
    parts: tuple
    reason: str
    #: True where the kernel's side depends on timing, so that a run may agree.
    sometimes: bool = False


DIFFERENCES = [
]
