import os
import time

import pytest

from conftest import as_base, run_in


def age(environment, days):
    """As if the environment had not been used for so long."""
    path = os.path.join(environment["folder"], "nbreplay-environment.json")
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def age_wheels(helper, days):
    import glob
    import json
    for path in glob.glob(os.path.join(helper.cache, "packages", "wheels", "*", "*", "*", ".nbreplay.json")):
        with open(path) as file:
            facts = json.load(file)
        facts["made"] -= days * 86400
        with open(path, "w") as file:
            json.dump(facts, file)


def test_environments_are_listed_with_their_packages_and_sizes(helper, shop):
    assert helper.ok("environments") == {"environments": [], "wheels": {"count": 0, "bytes": 0}}
    environment = helper.environment("shop")
    answer = helper.ok("environments")
    (one,) = answer["environments"]
    assert (one["hash"], one["folder"]) == (environment["hash"], environment["folder"])
    assert one["packages"] == environment["packages"] and one["python"].startswith(helper.python_minor)
    assert answer["wheels"]["count"] == 2 and answer["wheels"]["bytes"] > 500
    assert 0 < one["bytes"] < 10000


def test_removed_environment_can_be_made_again_from_what_is_unpacked(helper, shop):
    lock = helper.lock("shop")
    environment = helper.ok("install", lock=lock)
    assert helper.ok("remove", hash=environment["hash"])["removed"] == [environment["hash"]]
    assert not os.path.exists(environment["folder"])
    assert helper.ok("install", lock=lock, offline=True)["unpacked"] == 0


@pytest.mark.parametrize("name", ["0" * 32, "../wheels", "", None, "..", "x"])
def test_only_environments_are_removed(helper, shop, name):
    environment = helper.environment("shop")
    assert helper.error("remove", hash=name)["kind"] == "usage"
    assert run_in(environment, "import shop; print(shop.version)") == "2.0"


def test_prune_removes_what_nobody_used_and_keeps_the_rest(helper, shop):
    old, new = helper.environment("shop<2", "coins<2"), helper.environment("coins")
    age(old, 40)
    age_wheels(helper, 40)
    answer = helper.ok("prune", older_than_days=30)
    assert answer["removed"] == [old["hash"]] and answer["bytes"] > 500
    assert helper.ok("environments")["wheels"]["count"] == 1
    assert run_in(new, "import coins; print(coins.version)") == "2.0"


def test_using_an_environment_keeps_it(helper, shop):
    lock = helper.lock("shop")
    age(helper.ok("install", lock=lock), 40)
    helper.ok("install", lock=lock)
    assert helper.ok("prune", older_than_days=30)["removed"] == []


def test_prune_removes_what_killed_runs_left(helper, shop):
    environment = helper.environment("coins")
    store = os.path.join(helper.cache, "packages")
    left = [os.path.join(store, "wheels", "cp311", "shop", "1.0-0123456789abcdef.part", "lib"),
            os.path.join(store, "environments", "0" * 32 + ".part", "lib")]
    for folder in left:
        os.makedirs(folder)
    assert helper.ok("prune", older_than_days=30)["removed"] == []
    assert not any(os.path.exists(os.path.dirname(folder)) for folder in left)
    assert run_in(environment, "import coins; print(coins.version)") == "2.0"


def test_prune_waits_for_those_who_use_the_store(helper, shop):
    import fcntl
    helper.environment("coins")
    with open(os.path.join(helper.cache, "packages", "locks", "use")) as user:
        fcntl.flock(user, fcntl.LOCK_SH)
        pruning = helper.start("prune", older_than_days=0)
        installed = helper.environment("shop<2", "coins<2")
        assert pruning.poll() is None and run_in(installed, "import shop; print(1)") == "1"
    output, errors = pruning.communicate(timeout=60)
    assert not errors and installed["hash"] in output


def test_edit_of_an_environment_whose_wheels_are_gone_says_so(helper, shop):
    import shutil
    environment = helper.environment("shop")
    shutil.rmtree(os.path.join(helper.cache, "packages", "wheels"))
    error = helper.edit_error(as_base(environment), [("shop", "1.0")])
    assert error["kind"] == "environment" and "nbreplay env create" in error["hint"]


@pytest.mark.parametrize("days", [-1, "all", None])
def test_prune_is_given_days(helper, days):
    assert helper.error("prune", older_than_days=days)["kind"] == "usage"
