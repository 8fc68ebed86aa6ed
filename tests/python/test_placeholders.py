"""A placeholder takes part in anything a notebook may do with what it stands for."""
import copy
import pickle
import sys
import types
from unittest import mock

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


def test_its_type_of_data_is_none_of_its_own():
    class dtype:
        """As numpy's: made of anything that has a dtype, which is asked in turn."""
        def __init__(self, of):
            while of is not float and not isinstance(of, dtype):
                depth.append(of)
                assert len(depth) < 10
                of = of.dtype

    depth = []
    with mock.patch.dict(sys.modules, numpy=types.SimpleNamespace(dtype=dtype)):
        dtype(Anything("thing"))
        assert isinstance(Anything("thing").dtype, dtype)
        sys.modules["numpy"] = Anything("numpy")  # a placeholder itself
        assert isinstance(Anything("thing").dtype, Anything)
    with mock.patch.dict(sys.modules, numpy=None):
        assert isinstance(Anything("thing").dtype, Anything)


def test_half_made_copies_ask_nothing_without_end():
    with pytest.raises(AttributeError):
        Anything.__new__(Anything).attribute
    assert repr(copy.deepcopy(Anything("thing"))) == repr(Anything("thing"))
    assert repr(pickle.loads(pickle.dumps(Anything("thing")))) == repr(Anything("thing"))


def test_decorating_leaves_the_function_alone():
    decorator = Anything("library").compile

    @decorator
    def double(x):
        return 2 * x
    assert double(2) == 4


def test_classes_can_be_derived_from_it():
    class Model(Anything("torch.nn.Module"), Anything("mixins.Saved")):
        def __init__(self, width):
            super().__init__(width, bias=True)
            self.width = width

        def scaled(self):
            return self.forward(2) * self.width

    model = Model(3)
    assert model.width == 3 and isinstance(model.scaled(), Anything)
    assert isinstance(model("input"), Anything)


@pytest.mark.parametrize("bases", [(dict, "thing"), ("thing", list), (ValueError, "thing")])
def test_real_bases_beside_it_stay(bases):
    thing = Anything("thing")
    real = next(base for base in bases if base != "thing")
    made = types.new_class("Made", tuple(thing if base == "thing" else base for base in bases))
    assert isinstance(made(), real)


def test_nothing_is_an_instance_of_it():
    thing = Anything("thing")
    assert not isinstance(3, thing) and not issubclass(int, (str, thing))
