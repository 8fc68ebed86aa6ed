import os

import pytest

from wheel_files import source, wheel


def versions(answer, **wanted):
    return [one["version"] for one in answer["releases"]
            if all(one[key] == value for key, value in wanted.items())]


def test_are_in_the_order_of_pep_440(helper, index):
    for version in ("1.10", "1.9", "1.10rc1", "1.9.post1", "1!0.1", "1.10.dev3"):
        index.add(*wheel("shop", version))
    answer = helper.ok("releases", package="shop")
    assert versions(answer) == ["1.9", "1.9.post1", "1.10.dev3", "1.10rc1", "1.10", "1!0.1"]
    assert versions(answer, prerelease=True) == ["1.10.dev3", "1.10rc1"]


def test_tell_the_day_of_the_earliest_file(helper, index):
    index.add(*wheel("shop", "1.0", tag="cp311-cp311-win_amd64"), uploaded="2020-02-02")
    index.add(*source("shop", "1.0"), uploaded="2020-02-01")
    answer = helper.ok("releases", package="Shop")
    assert answer["releases"][0]["uploaded"] == "2020-02-01" and answer["dated"]


def test_have_a_wheel_only_where_this_python_can_use_it(helper, index):
    minor = "cp" + helper.python_minor.replace(".", "")
    index.add(*wheel("shop", "1.0", tag="cp27-cp27mu-manylinux1_x86_64"))
    index.add(*wheel("shop", "1.1", tag="%s-%s-win32" % (minor, minor)))
    index.add(*wheel("shop", "1.2", tag="%s-%s-linux_%s" % (minor, minor, os.uname().machine)))
    index.add(*wheel("shop", "1.3"), requires_python=">=3.99")
    index.add(*wheel("shop", "1.4", tag="py2.py3-none-any"))
    index.add(*source("shop", "1.5"))
    answer = helper.ok("releases", package="shop")
    assert versions(answer, wheel=True) == ["1.2", "1.4"]
    assert versions(answer, source=True) == ["1.5"]


def test_are_yanked_when_all_files_are(helper, index):
    index.add(*wheel("shop", "1.0"), yanked="it ate the data")
    index.add(*wheel("shop", "1.1", tag="cp311-cp311-win32"), yanked=True)
    index.add(*wheel("shop", "1.1"))
    assert versions(helper.ok("releases", package="shop"), yanked=True) == ["1.0"]


def test_need_no_network_once_cached(helper, shop):
    helper.ok("releases", package="shop")
    assert shop.served["/simple/shop/"] == 1
    helper.ok("releases", package="shop")
    assert helper.ok("releases", package="shop", offline=True)["releases"]
    assert shop.served["/simple/shop/"] == 1


def test_are_asked_for_again_when_the_list_is_old(helper, shop):
    helper.ok("releases", package="shop")
    age_pages(helper, 4000)
    shop.add(*wheel("shop", "9.0"))
    assert "9.0" in versions(helper.ok("releases", package="shop"))
    assert shop.served["/simple/shop/"] == 2


@pytest.mark.parametrize("fault", ["refuses", "errors", "hangs"])
def test_come_from_the_old_list_when_the_index_does_not_answer(helper, shop, fault):
    helper.ok("releases", package="shop")
    age_pages(helper, 4000)
    shop.fault = fault
    answer = helper.ok("releases", package="shop")
    assert "1.1" in versions(answer)
    assert "did not answer" in answer["notes"][0]


@pytest.mark.parametrize("fault", ["refuses", "errors", "hangs"])
def test_are_unreachable_without_index_and_cache(helper, shop, fault):
    shop.fault = fault
    error = helper.error("releases", package="shop")
    assert error["kind"] == "unreachable" and error["package"] == "shop"
    assert "shop" in error["message"] and "UV_DEFAULT_INDEX" in error["hint"]


def test_are_unreachable_offline_when_not_cached(helper, shop):
    error = helper.error("releases", package="shop", offline=True)
    assert error["kind"] == "unreachable" and "network is not to be used" in error["message"]
    assert not shop.served


def test_of_an_unknown_package_are_a_mistake_of_the_asker(helper, index):
    error = helper.error("releases", package="sklearn")
    assert error["kind"] == "usage" and "sklearn" in error["message"]


def test_are_read_from_pages_of_links_too(helper, shop):
    shop.html = True
    answer = helper.ok("releases", package="shop")
    assert versions(answer) == ["1.0", "1.1", "2.0", "3.0rc1"]
    assert not answer["dated"]


def test_ignore_what_a_hostile_page_lists(helper, shop):
    digest = "0" * 64
    shop.extra_entries["shop"] = [
        {"filename": "../../shop-6.0-py3-none-any.whl", "url": "x", "hashes": {"sha256": digest}},
        {"filename": "other-7.0-py3-none-any.whl", "url": "x", "hashes": {"sha256": digest}},
        {"filename": "shop-8.0; rm -rf-py3-none-any.whl", "url": "x", "hashes": {"sha256": digest}},
        {"filename": 17, "url": "x", "hashes": None}, {"filename": "shop.whl", "hashes": {}},
    ]
    assert versions(helper.ok("releases", package="shop")) == ["1.0", "1.1", "2.0", "3.0rc1"]


@pytest.mark.parametrize("name", ["../shop", "", "shop/..", "shop\n", "-r", 7, None, "x" * 300])
def test_are_only_given_of_names(helper, shop, name):
    assert helper.error("releases", package=name)["kind"] == "usage"


def age_pages(helper, seconds):
    """As if the cached lists had been fetched earlier."""
    import json
    folder = os.path.join(helper.cache, "packages", "index")
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        with open(path) as file:
            page = json.load(file)
        if "fetched" in page:
            page["fetched"] -= seconds
            with open(path, "w") as file:
                json.dump(page, file)
