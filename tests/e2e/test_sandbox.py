"""The sandbox from outside: what a notebook sees and leaves behind, levels, and rough ends."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
from conftest import below, gone, name_of, scratch_in


@pytest.fixture(scope="session", autouse=True)
def sandbox(nbreplay):
    facts = nbreplay("doctor", "--json").json()["doctor"]["sandbox"]
    if "mount namespace" in facts["missing"]:
        pytest.skip("no sandbox here: %s" % facts["remedies"][0]["why"])
    return facts


# As the kernel names them: launcher and broker, process 1 of a sandbox, workers and snapshots.
OURS = ("nbreplay-launch", "reaper", "nbreplay-worker")


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


def test_a_closed_network_is_a_layer_and_an_open_one_is_none(nbreplay):
    for arguments, closed in ((), True), (("--network",), False):
        facts = nbreplay("doctor", "--json", *arguments).json()["doctor"]["sandbox"]
        assert ("no network" in facts["layers"]) is closed
        assert "no network" not in facts["missing"]


def test_numbers_of_files_and_processes_can_be_limited(nbreplay, demo_environment, make_notebook):
    files = make_notebook("files", "for i in range(100): open('f%d' % i, 'w').close()")
    done = run(nbreplay, demo_environment, files, "--json", "--max-files", "50",
               "--max-processes", "40")
    assert done.code == 1
    limits = done.json()["notebooks"][0]["limits"]
    assert (limits["files"], limits["processes"]) == (50, 40)
    # Told by the watch, or by the notebook itself when it is faster.
    assert "50 files written of 50" in done.out or "No space left" in done.out
    assert run(nbreplay, demo_environment, files).code == 0


# ---- bubblewrap in the launcher's place -----------------------------------------------------------

@pytest.fixture
def everybodys():
    """A folder that any user can reach, unlike pytest's."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


@pytest.fixture
def with_bubblewrap(nbreplay, everybodys):
    """Runs a command in sandboxes that bubblewrap enters, with the system's Python: as root it runs
    as nobody, who may not reach others."""
    if not shutil.which("bwrap") or not os.access("/usr/bin/python3", os.X_OK):
        pytest.skip("no bubblewrap, or no /usr/bin/python3")
    options = ("--sandbox-backend", "bubblewrap", "--cache-dir", everybodys / "cache", "--json")
    facts = nbreplay("doctor", *options).json()["doctor"]["sandbox"]
    if "mount namespace" in facts["missing"]:
        pytest.skip("bubblewrap makes no sandbox here: %s" % facts["remedies"][0]["why"])

    def run(command, path, *more):
        done = nbreplay(command, path, *options, "--python", "/usr/bin/python3", "--no-progress",
                        *more)
        if "may not reach a folder" in done.out + done.err:
            pytest.skip("only root can reach what the notebook needs")
        return done

    return run


def test_bubblewrap_shows_the_same(with_bubblewrap, make_notebook, everybodys):
    path = make_notebook("looks", "import os\nopen('new', 'w').close()\n"
                         "print(os.getuid(), os.getcwd(), os.path.exists('/etc/shadow'), "
                         "sorted(os.listdir('/.nbreplay')), os.environ['HOME'])",
                         folder=everybodys)
    done = with_bubblewrap("run", path)
    assert done.code in (0, 1), done
    if done.code == 1:  # root's project, and the notebook is nobody
        assert "Permission denied: 'new'" in done.out
    else:
        assert text_of(executed(path)).split() == [
            "1000", str(everybodys), "False", "[]", "/home/notebook"]
    assert not (everybodys / "new").exists()


def test_bubblewrap_serves_snapshots(with_bubblewrap, crashing, everybodys):
    path = everybodys / "crashing.ipynb"
    path.write_text(crashing.read_text())
    done = with_bubblewrap("diagnose", path, "--no-cache", "--force")
    cause = done.json()["notebooks"][0]["crashes"][0]["cause"]
    assert (cause["sublabel"], cause["verdict"]) == ("execution order", "confirmed")
    assert done.json()["notebooks"][0]["trials"]["branched"] > 0


def test_a_bubblewrap_that_is_not_there_is_said_to_be(binary, variables, make_notebook, tmp_path):
    done = subprocess.run([binary, "run", str(make_notebook("one", "1")), "--sandbox-backend",
                           "bubblewrap"], env=dict(variables, PATH=str(tmp_path)),
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "no bwrap in PATH" in done.stderr


# ---- rough ends ----------------------------------------------------------------------------------

# How often each is tried; scripts/test_faults.sh asks for a hundred.
SEEDS = range(int(os.environ.get("NBREPLAY_FAULTS", "1")))


@pytest.fixture(scope="module")
def crashing(tmp_path_factory):
    """A crash that needs its third cell twice, and has trials for some time."""
    sources = ("import time", "time.sleep(0.05); x = 1", "x = x + 1", "y = {2: 'b'}[x]")
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source,
              "execution_count": count, "id": "c%d" % count}
             for source, count in zip(sources, (1, 2, 4, 5))]
    cells[-1]["outputs"] = [{"output_type": "error", "ename": "KeyError", "evalue": "3",
                             "traceback": ["KeyError: 3"]}]
    path = tmp_path_factory.mktemp("crashing") / "crashing.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4,
                                "nbformat_minor": 5}))
    return path


@pytest.fixture(scope="module")
def diagnose(binary, variables, demo_environment, crashing):
    def start(*more, temporary=None):
        own = dict(variables, TMPDIR=str(temporary)) if temporary else variables
        return subprocess.Popen(
            [binary, "diagnose", str(crashing), "--environment", str(demo_environment), "--json",
             "--no-progress", "--force", *more], env=own, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
    return start


def verdict(out):
    """What is said to be certain; nothing where nothing is."""
    crashes = json.loads(out)["notebooks"][0]["crashes"]
    cause = crashes[0]["cause"] if crashes else None
    if not cause or cause["verdict"] not in ("confirmed", "refuted"):
        return None
    return (crashes[0]["reproduction"]["verdict"], crashes[0]["minimal"]["order"],
            cause["sublabel"], cause["verdict"])


@pytest.fixture(scope="module")
def expected(diagnose):
    found = verdict(diagnose("--no-cache").communicate(timeout=120)[0])
    assert found
    return found


def kill_one(chance, pids):
    if not pids:
        return
    try:
        os.kill(chance.choice(pids), signal.SIGKILL)
    except ProcessLookupError:
        pass


@pytest.fixture(scope="module")
def disturbed():
    """What the diagnoses found in which processes were killed; None where that was nothing."""
    return []


@pytest.mark.parametrize("victim", OURS)
@pytest.mark.parametrize("seed", SEEDS)
def test_killed_processes_make_no_other_verdict(
        binary, variables, diagnose, expected, disturbed, tmp_path, victim, seed):
    chance = random.Random("%s %d" % (victim, seed))
    process = diagnose("--no-cache", temporary=tmp_path)
    seen = set()
    for _ in range(3):
        time.sleep(chance.uniform(0.02, 0.4))
        now = below(process.pid)
        seen.update(now)
        kill_one(chance, [pid for pid in now if name_of(pid) == victim])
    out, err = process.communicate(timeout=180)
    # What was killed is run again, once: less may be found then, but nothing else.
    disturbed.append(verdict(out) if out else None)
    assert disturbed[-1] in (expected, None), err
    assert out or (process.returncode == 2 and "error: " in err)
    assert gone(seen)
    # What a killed process left is removed by the next start.
    subprocess.run([binary, "doctor"], env=dict(variables, TMPDIR=str(tmp_path)), check=True,
                   stdout=subprocess.DEVNULL, timeout=60)
    assert scratch_in(tmp_path) == []


def test_most_diagnoses_with_killed_processes_find_the_cause(disturbed, capsys):
    without = disturbed.count(None)
    with capsys.disabled():
        print("\nkilled processes: %d of %d diagnoses without a verdict"
              % (without, len(disturbed)))
    if len(disturbed) < 10:
        pytest.skip("too few for a share")
    assert without <= len(disturbed) / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_controller_leaves_nothing_and_its_work_goes_on(
        diagnose, expected, tmp_path, seed):
    process = diagnose(temporary=tmp_path)
    time.sleep(random.Random(seed).uniform(0.05, 0.8))
    started = below(process.pid)
    process.kill()
    process.communicate(timeout=60)
    assert gone(started)
    assert str(tmp_path) not in pathlib.Path("/proc/self/mounts").read_text()
    again = diagnose(temporary=tmp_path)
    assert verdict(again.communicate(timeout=120)[0]) == expected
    assert scratch_in(tmp_path) == []


def once_there_is(name, process, seconds=60):
    """The processes below a command, once one of them is called so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        now = below(process.pid)
        if name in map(name_of, now):
            return now
        time.sleep(0.02)
    process.kill()
    pytest.fail("no %s was started: %s" % (name, process.communicate()))


def test_a_stopped_broker_does_not_stop_the_time_out(
        binary, variables, demo_environment, make_notebook):
    path = make_notebook("long", "import subprocess\nsubprocess.run(['sleep', '600'])")
    process = subprocess.Popen(
        [binary, "run", str(path), "--environment", str(demo_environment), "--no-progress",
         "--json", "--cell-timeout", "2s"], env=variables, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    started = once_there_is("sleep", process)
    launchers = [pid for pid in started if name_of(pid) == "nbreplay-launch"]
    for launcher in launchers:
        os.kill(launcher, signal.SIGSTOP)
    out, err = process.communicate(timeout=120)
    assert launchers and process.returncode == 1, err
    assert json.loads(out)["notebooks"][0]["termination"]["kind"] == "timed-out", out
    assert gone(started)


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


@pytest.fixture
def full_disk(tmp_path):
    folder = tmp_path / "full"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "none", str(folder)],
                      capture_output=True).returncode != 0:
        pytest.skip("a small file system cannot be mounted")
    try:
        (folder / "filler").write_bytes(b"x" * 8192)
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_named_and_nothing_half_written_is_left(
        nbreplay, demo_environment, make_notebook, full_disk):
    done = run(nbreplay, demo_environment, make_notebook("one", "print('x' * 5000)"),
               "--output-dir", full_disk)
    assert done.code == 2
    assert "one.executed.ipynb" in done.err and "No space left" in done.err
    assert [entry.name for entry in full_disk.iterdir()] == ["filler"]


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_runs(
        nbreplay, demo_environment, make_notebook, tmp_path):
    (tmp_path / "file").write_text("")
    path = make_notebook("one", "open('ran', 'w')")
    done = run(nbreplay, demo_environment, path, "--output-dir", tmp_path / "file" / "results")
    assert done.code == 2, done
    assert str(tmp_path / "file") in done.err and "Not a directory" in done.err


@pytest.mark.parametrize("missing", ["nbreplay-worker", "nbreplay-launcher"])
def test_an_installation_without_one_of_its_programs_says_so(
        binary, variables, demo_environment, make_notebook, tmp_path, missing):
    installed = pathlib.Path(binary).resolve().parents[1]
    copy = tmp_path / "installed"
    (copy / "bin").mkdir(parents=True)
    shutil.copy(binary, copy / "bin" / "nbreplay")
    shutil.copytree(installed / "libexec" / "nbreplay", copy / "libexec" / "nbreplay")
    os.symlink(installed / "share", copy / "share")
    (copy / "libexec" / "nbreplay" / missing).unlink()
    done = subprocess.run(
        [copy / "bin" / "nbreplay", "run", make_notebook("one", "1"), "--environment",
         demo_environment, "--no-progress"], env=variables, capture_output=True, text=True,
        timeout=60)
    assert done.returncode == 2, done
    assert str(copy / "libexec" / "nbreplay" / missing) in done.stderr
    assert "is missing" in done.stderr or "No such file" in done.stderr


# ---- what a machine may lack ---------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["net", "uts", "ipc", "mnt"])
def test_a_kind_of_namespace_that_is_used_up_is_named(binary, variables, everybodys, kind):
    """In a user namespace of the test's own, whose limits are its own, too."""
    os.chmod(everybodys, 0o777)
    script = ("echo 0 > /proc/sys/user/max_%s_namespaces && exec '%s' doctor --json --cache-dir "
              "'%s'" % (kind, binary, everybodys))
    apart = ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c"]
    if os.geteuid() == 0:  # who would be root in there, too
        apart = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", *apart]
    tried = subprocess.run([*apart, "test -x '%s'" % binary], cwd="/", capture_output=True)
    if tried.returncode != 0:
        pytest.skip("no user namespace can be made, or an ordinary user cannot reach the program")
    done = subprocess.run([*apart, script], env=variables, cwd="/", capture_output=True, text=True,
                          timeout=60)
    facts = json.loads(done.stdout)["doctor"]["sandbox"]
    assert "mount namespace" in facts["missing"]
    remedy = facts["remedies"][0]
    assert remedy["why"].startswith("making namespaces failed: %s" % kind), remedy
    assert "user.max_KIND_namespaces" in remedy["remedy"]
    assert "no network" in facts["missing"] and "filter of system calls" in facts["layers"]


def test_a_layer_that_is_missing_is_said_once(
        binary, variables, demo_environment, make_notebook, sandbox):
    """In a mount namespace of the test's own, in which control groups cannot be seen."""
    if "memory limit by control group" not in sandbox["layers"]:
        pytest.skip("no control groups that could be hidden")
    apart = ["unshare", "--mount", "sh", "-c"]
    hide = "umount -l /sys/fs/cgroup/* 2>/dev/null; umount -l /sys/fs/cgroup"
    if subprocess.run([*apart, hide], capture_output=True).returncode != 0:
        pytest.skip("only root can hide control groups")
    paths = [str(make_notebook(name, "1")) for name in ("one", "two")]
    command = [binary, "run", *paths, "--environment", str(demo_environment), "--no-progress"]

    def said(*more):
        script = hide + '; exec "$@"'
        done = subprocess.run([*apart, script, "sh", *command, *more], env=variables, text=True,
                              capture_output=True, timeout=120)
        assert done.returncode == 0, done
        return [line for line in done.stderr.splitlines() if "sandbox" in line]

    lacks = "warning: the sandbox lacks 'memory limit by control group'; what to change is said " \
            "by: nbreplay doctor"
    assert said() == [lacks]
    assert said("--quiet") == []
    in_force, warned = said("--verbose")
    assert in_force.startswith("sandbox auto: user namespace, ") and warned == lacks
