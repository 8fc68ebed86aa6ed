"""The sandbox from outside: what a notebook sees and leaves behind, levels, and rough ends."""
import json
import os
import pathlib
import random
import signal
import subprocess
import time

import pytest


@pytest.fixture(scope="session", autouse=True)
def sandbox(nbreplay):
    facts = nbreplay("doctor", "--json").json()["doctor"]["sandbox"]
    if "mount namespace" in facts["missing"]:
        pytest.skip("no sandbox here: %s" % facts["remedies"][0]["why"])
    return facts


def below(pid):
    """All processes below one, by the numbers of this namespace."""
    found, todo = [], [pid]
    while todo:
        try:
            children = [int(child) for task in pathlib.Path("/proc/%d/task" % todo.pop()).iterdir()
                        for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found += children
        todo += children
    return found


def ours():
    """Processes of any nbreplay launcher or worker."""
    names = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                names[int(entry.name)] = (entry / "comm").read_text().strip()
            except OSError:
                continue
    return [pid for pid, name in names.items() if name in ("nbreplay-launch", "nbreplay-worker",
                                                           "reaper")]


def text_of(document):
    return "".join("".join(output.get("text", "")) for cell in document["cells"]
                   for output in cell.get("outputs", ()))


def executed(path):
    return json.loads(path.with_suffix(".executed.ipynb").read_text())


def run(nbreplay, demo_environment, *arguments):
    return nbreplay("run", "--environment", demo_environment, "--no-progress", *arguments)


def test_a_notebook_changes_nothing_and_finds_its_project_where_it_is(
        nbreplay, demo_environment, make_notebook, tmp_path):
    (tmp_path / "data.csv").write_text("a\n1\n")
    path = make_notebook("writes", "open('data.csv', 'a').write('2\\n'); open('new', 'w').close()",
                         "import os; print(os.getcwd(), open(r'%s').read().split(), os.getuid())"
                         % (tmp_path / "data.csv"))
    done = run(nbreplay, demo_environment, path)
    assert done.code == 0, done
    assert text_of(executed(path)).split() == [str(tmp_path), "['a',", "'1',", "'2']", "1000"]
    assert (tmp_path / "data.csv").read_text() == "a\n1\n"
    assert not (tmp_path / "new").exists()


def test_what_lies_outside_is_not_seen_unless_it_is_named(
        nbreplay, demo_environment, make_notebook, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere")
    (secret / "key").write_text("s3cret")
    path = make_notebook("reads", "print(open(r'%s').read())" % (secret / "key"))
    assert run(nbreplay, demo_environment, path).code == 1
    assert "s3cret" not in path.with_suffix(".executed.ipynb").read_text()
    assert run(nbreplay, demo_environment, path, "--input", secret).code == 0
    assert "s3cret" in text_of(executed(path))


def test_a_named_folder_cannot_be_written_to(
        nbreplay, demo_environment, make_notebook, tmp_path_factory):
    named = tmp_path_factory.mktemp("named")
    path = make_notebook("writes", "open(r'%s', 'w')" % (named / "new"))
    assert run(nbreplay, demo_environment, path, "--input", named).code == 1
    assert not list(named.iterdir())


def test_the_network_is_closed_and_says_so(nbreplay, demo_environment, make_notebook):
    path = make_notebook("asks", "import socket\nsocket.create_connection(('192.0.2.1', 80), 5)")
    done = run(nbreplay, demo_environment, path, "--json")
    assert done.code == 1
    result = done.json()["notebooks"][0]
    assert result["sandbox"]["network"] is False
    assert "Network is unreachable" in done.out
    assert any("--network opens it" in note for note in result["notes"])


def test_an_open_network_is_on_record(nbreplay, demo_environment, make_notebook):
    path = make_notebook("one", "1")
    done = run(nbreplay, demo_environment, path, "--json", "--network")
    assert done.json()["notebooks"][0]["sandbox"]["network"] is True


def test_written_files_are_kept_where_asked_and_links_are_not(
        nbreplay, demo_environment, make_notebook, tmp_path, tmp_path_factory):
    kept = tmp_path_factory.mktemp("kept") / "here"
    path = make_notebook("writes", "import os\nos.mkdir('out'); open('out/a.txt', 'w').write('x')\n"
                         "os.symlink('/etc/passwd', 'link'); os.mkfifo('pipe')\n"
                         "os.remove('old')")
    (tmp_path / "old").write_text("")
    done = run(nbreplay, demo_environment, path, "--keep-files", kept, "--json")
    assert done.code == 0, done
    assert (kept / "out" / "a.txt").read_text() == "x"
    assert sorted(entry.name for entry in kept.iterdir()) == ["out"]
    notes = " ".join(done.json()["notebooks"][0]["notes"])
    for word in ("1 file kept", "link (a link)", "pipe (a FIFO)", "old (removed"):
        assert word in notes
    assert (tmp_path / "old").exists()


def test_without_a_sandbox_no_files_can_be_kept(nbreplay, demo_environment, make_notebook, tmp_path):
    done = run(nbreplay, demo_environment, make_notebook("one", "1"), "--sandbox", "off",
               "--keep-files", tmp_path / "kept")
    assert done.code == 2 and "needs a sandbox" in done.err


def test_a_missing_file_anywhere_can_be_tried(nbreplay, demo_environment, make_notebook):
    path = make_notebook("misses", "open('/data/nowhere/table.csv').read()")
    done = nbreplay("diagnose", path, "--environment", demo_environment, "--json", "--no-progress")
    cause = done.json()["notebooks"][0]["crashes"][0]["cause"]
    assert (cause["sublabel"], cause["verdict"]) == ("file/path not found or exist", "confirmed")


def test_a_file_of_the_machine_has_to_be_named(
        nbreplay, demo_environment, make_notebook, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "table.csv").write_text("a\n1\n")
    path = make_notebook("misses", "open(r'%s').read()" % (elsewhere / "table.csv"))
    done = nbreplay("diagnose", path, "--environment", demo_environment, "--json", "--no-progress")
    cause = done.json()["notebooks"][0]["crashes"][0]["cause"]
    assert "--input '%s'" % elsewhere in cause["explanation"]


def test_strict_refuses_where_a_layer_is_missing(nbreplay, demo_environment, make_notebook, sandbox):
    done = run(nbreplay, demo_environment, make_notebook("one", "1"), "--sandbox", "strict")
    if not sandbox["missing"]:
        assert done.code == 0, done
    else:
        assert done.code == 2 and sandbox["missing"][0] in done.err


def test_off_is_on_record(nbreplay, demo_environment, make_notebook):
    done = run(nbreplay, demo_environment, make_notebook("one", "1"), "--sandbox", "off", "--json")
    result = done.json()["notebooks"][0]["sandbox"]
    assert result["level"] == "off" and result["network"] is True
    assert "mount namespace" not in result["layers"]


# ---- rough ends ----------------------------------------------------------------------------------

ORDER_CRASH = ("x = 1", "x = x + 1", "y = {2: 'b'}[x]")


@pytest.fixture
def crashing(make_notebook):
    """A crash that needs its second cell twice, and has trials for some time."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source,
              "execution_count": count} for source, count in
             zip(("import time", "time.sleep(0.05); x = 1", *ORDER_CRASH[1:]), (1, 2, 4, 5))]
    cells[-1]["outputs"] = [{"output_type": "error", "ename": "KeyError", "evalue": "3",
                             "traceback": ["KeyError: 3"]}]
    return make_notebook("crashing", *cells)


def diagnose(binary, variables, demo_environment, path, *more):
    return subprocess.Popen(
        [binary, "diagnose", str(path), "--environment", str(demo_environment), "--json",
         "--no-progress", "--force", *more], env=variables, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)


def verdict(out):
    """What is said to be certain; nothing where nothing is."""
    crashes = json.loads(out)["notebooks"][0]["crashes"]
    cause = crashes[0]["cause"] if crashes else None
    if not cause or cause["verdict"] not in ("confirmed", "refuted"):
        return None
    return (crashes[0]["reproduction"]["verdict"], crashes[0]["minimal"]["order"],
            cause["sublabel"], cause["verdict"])


def gone(pids, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = [pid for pid in pids if pathlib.Path("/proc/%d" % pid).exists() and pid in ours()]
        if not left:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("seed", range(3))
def test_processes_killed_at_random_make_no_other_verdict(
        binary, variables, demo_environment, crashing, seed):
    quiet = diagnose(binary, variables, demo_environment, crashing, "--no-cache")
    expected = verdict(quiet.communicate(timeout=120)[0])
    chance = random.Random(seed)
    process = diagnose(binary, variables, demo_environment, crashing, "--no-cache")
    seen = set()
    for _ in range(4):
        time.sleep(chance.uniform(0.05, 0.4))
        now = below(process.pid)
        seen.update(now)
        if now and process.poll() is None:
            try:
                os.kill(chance.choice(now), signal.SIGKILL)
            except ProcessLookupError:
                pass
    out, err = process.communicate(timeout=180)
    # What was killed is run again, once: less may be found then, but nothing else.
    assert expected and verdict(out) in (expected, None), err
    assert gone(seen)


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_controller_leaves_nothing_and_its_work_goes_on(
        binary, variables, demo_environment, crashing, seed):
    quiet = diagnose(binary, variables, demo_environment, crashing, "--no-cache")
    expected = verdict(quiet.communicate(timeout=120)[0])
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    process = diagnose(binary, variables, demo_environment, crashing)
    time.sleep(random.Random(seed).uniform(0.1, 0.8))
    started = below(process.pid)
    process.kill()
    process.communicate(timeout=60)
    assert gone(started)
    assert pathlib.Path("/proc/self/mounts").read_text() == mounts
    again = diagnose(binary, variables, demo_environment, crashing)
    assert verdict(again.communicate(timeout=120)[0]) == expected


def test_an_interrupted_sandbox_is_gone(binary, variables, demo_environment, make_notebook):
    path = make_notebook("long", "import time\ntime.sleep(600)")
    process = subprocess.Popen([binary, "run", str(path), "--environment", str(demo_environment),
                                "--no-progress"], env=variables, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(below(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    started = below(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert len(started) >= 3 and gone(started)
