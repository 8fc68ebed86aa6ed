import pytest

from wheel_files import source, wheel


def pins(lock):
    return {one["name"]: one["version"] for one in lock["packages"]}


def test_lock_is_complete_and_has_digests(helper, shop):
    lock = helper.lock("shop")
    assert pins(lock) == {"shop": "2.0", "coins": "2.0"}
    assert lock["python"] == helper.python_minor and len(lock["hash"]) == 64
    digests = {one["name"]: one["hashes"] for one in lock["packages"]}
    assert digests["coins"] == ["sha256:" + shop.files["coins-2.0-py3-none-any.whl"].sha256]


def test_same_requirements_give_the_same_lock(helper, shop):
    assert helper.lock("shop", "coins") == helper.lock("coins", "shop")
    assert helper.lock("shop")["hash"] != helper.lock("shop<2")["hash"]


def test_nothing_newer_than_asked_is_chosen(helper, shop):
    assert pins(helper.lock("shop", as_of="2020-06-09")) == {"shop": "1.0", "coins": "1.0"}
    # That day is included.
    assert pins(helper.lock("shop", as_of="2020-06-10")) == {"shop": "1.1", "coins": "1.0"}


def test_index_without_dates_is_told_and_the_table_serves(helper, index):
    index.dated = False
    for version in ("1.22.4", "1.23.5", "2.0.2"):
        index.add(*wheel("numpy", version))
    index.add(*wheel("shop", "1.0", requires=["numpy"]))
    index.add(*wheel("shop", "2.0", requires=["numpy"]))
    answer = helper.ok("resolve", requirements=["shop"], as_of="2023-09-01")
    assert pins(answer["lock"]) == {"shop": "2.0", "numpy": "1.23.5"}
    assert any("no upload dates" in note for note in answer["notes"])


def test_table_leaves_alone_what_somebody_pinned(helper, index):
    index.dated = False
    for version in ("1.22.4", "1.23.5"):
        index.add(*wheel("numpy", version))
    assert pins(helper.lock("numpy==1.22.4", as_of="2023-09-01")) == {"numpy": "1.22.4"}


def test_constraints_and_overrides(helper, shop):
    assert pins(helper.lock("shop", constraints=["shop<2"]))["shop"] == "1.1"
    assert pins(helper.lock("shop<2", overrides=["coins==2.0"])) == {"shop": "1.1", "coins": "2.0"}


def test_yanked_and_prereleases_are_not_chosen(helper, shop):
    shop.files["shop-2.0-py3-none-any.whl"].yanked = "wrong"
    assert pins(helper.lock("shop"))["shop"] == "1.1"
    assert pins(helper.lock("shop==3.0rc1"))["shop"] == "3.0rc1"


def test_once_resolved_it_works_offline(helper, shop):
    lock = helper.lock("shop")
    assert helper.lock("shop", offline=True) == lock


def test_source_is_chosen_only_when_building_is_allowed(helper, index):
    index.add(*wheel("shop", "1.0"))
    index.add(*source("shop", "2.0"))
    assert pins(helper.lock("shop")) == {"shop": "1.0"}
    assert pins(helper.lock("shop", build=True)) == {"shop": "2.0"}


def test_wrong_python_is_named_with_those_that_have_wheels(helper, index):
    for minor in ("36", "37"):
        index.add(*wheel("shop", "1.0", tag="cp%s-cp%s-manylinux1_x86_64" % (minor, minor)))
    error = helper.error("resolve", requirements=["shop==1.0"])
    assert error["kind"] == "unbuildable"
    assert error["message"] == "shop==1.0 has wheels for Python 3.6, 3.7, none for %s" % \
        helper.python_minor
    assert "--python 3.7" in error["hint"]


def test_only_source_is_named(helper, index):
    index.add(*source("shop", "1.0"))
    error = helper.error("resolve", requirements=["shop"])
    assert error["kind"] == "unbuildable" and "only as source" in error["message"]
    assert "--build" in error["hint"]


def test_unsatisfiable_constraint_is_named(helper, shop):
    error = helper.error("resolve", requirements=["shop>=7"])
    assert error["kind"] == "usage"
    assert error["message"] == "shop has no release that satisfies >=7; the newest is 3.0rc1"


def test_too_early_a_date_is_named(helper, shop):
    error = helper.error("resolve", requirements=["shop"], as_of="2019-01-01")
    assert error["kind"] == "usage" and "as old as 2019-01-01" in error["message"]


def test_requirements_that_exclude_each_other_are_named(helper, shop):
    error = helper.error("resolve", requirements=["shop==1.0", "coins==2.0"])
    assert error["kind"] == "usage" and "exclude each other" in error["message"]
    assert "shop==1.0" in error["message"] and "coins" in error["message"]


def test_unknown_package_is_named(helper, shop):
    error = helper.error("resolve", requirements=["shop", "sklearn-x"])
    assert error["kind"] == "usage" and "sklearn-x" in error["message"]


@pytest.mark.parametrize("fault", ["refuses", "errors", "hangs"])
def test_index_that_does_not_answer_is_named(helper, shop, fault):
    shop.fault = fault
    assert helper.error("resolve", requirements=["shop"])["kind"] == "unreachable"


@pytest.mark.parametrize("text", ["--index-url http://x", "-r /etc/passwd", "shop\n-r x", "a b", "",
                                  "../shop", "shop=1"])
def test_nothing_but_requirements_reaches_the_resolver(helper, shop, text):
    assert helper.error("resolve", requirements=[text])["kind"] == "usage"
    assert helper.error("resolve", requirements=["shop"], constraints=[text])["kind"] == "usage"


@pytest.mark.parametrize("text", ["yesterday", "2020-13-01", "2020-1-1", "2020-01-01T00:00:00Z"])
def test_dates_are_dates(helper, shop, text):
    assert helper.error("resolve", requirements=["shop"], as_of=text)["kind"] == "usage"


def test_package_below_that_exists_only_as_source_is_named(helper, index):
    index.add(*wheel("shop", "1.0", requires=["coins>=1"]))
    index.add(*source("coins", "1.0"))
    error = helper.error("resolve", requirements=["shop"])
    assert error["kind"] == "unbuildable" and error["package"] == "coins"
    assert error["message"] == "coins==1.0, which shop needs, has no wheel for Python %s" % \
        helper.python_minor
