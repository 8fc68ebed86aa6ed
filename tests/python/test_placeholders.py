"""A placeholder takes part in anything a notebook may do with what it stands for."""
import pytest

from nbreplay_worker.placeholders import Anything

USES = [
    "thing + 1", "1 + thing", "thing - thing", "2 ** thing", "thing @ thing", "[1] * thing",
    "thing < 3", "3 >= thing", "thing == thing", "-thing", "~thing", "abs(thing)", "round(thing, 2)",
    "thing[thing['a'] < 2].mean(axis=0)", "f'{thing:.2f} {thing!r:>30} {thing:,d}'", "'%d' % thing",
    "'x' in thing", "{thing: 1}", "list(thing)", "[1, 2][thing]", "float(thing) + int(thing)",
]


@pytest.mark.parametrize("use", USES)
def test_takes_part_in(use):
    eval(use, {"thing": Anything("thing")})


def test_a_result_says_where_it_comes_from():
    assert "thing.add()" in repr(Anything("thing") + 1)


def test_changing_in_place_gives_a_placeholder():
    thing = Anything("thing")
    thing += 1
    thing["column"] = 2
    thing.attribute = 3
    assert isinstance(thing, Anything) and thing.attribute == 3


def test_decorating_leaves_the_function_alone():
    decorator = Anything("library").compile

    @decorator
    def double(x):
        return 2 * x
    assert double(2) == 4
