"""Which threads and libraries forbid freezing a copy of a worker."""
import asyncio

import pytest

from nbreplay_worker import fork_safety

SITE = "/home/ada/.venv/lib/python3.11/site-packages/"

HARMLESS = [
    (SITE + "numpy.libs/libscipy_openblas64_-32a4b2a6.so", "nbreplay-worker"),
    ("/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so", "python"),
    (SITE + "pyarrow/libarrow.so.2600", "jemalloc_bg_thd"),
    (SITE + "numexpr/interpreter.cpython-311-x86_64-linux-gnu.so", "nbreplay-worker"),
    (SITE + "scipy/fft/_pocketfft/pypocketfft.cpython-311-x86_64-linux-gnu.so", "nbreplay-worker"),
    (SITE + "cv2/cv2.abi3.so", "nbreplay-worker"),
    (SITE + "numba/np/ufunc/workqueue.cpython-311-x86_64-linux-gnu.so", "nbreplay-worker"),
    (SITE + "_polars_runtime_32/_polars_runtime.abi3.so", "polars-ooc-clea"),
    (SITE + "torch/lib/libtorch_cpu.so", "nbreplay-worker"),
    ("", "jemalloc_bg_thd"),
]

HARMFUL = [
    (SITE + "_polars_runtime_32/_polars_runtime.abi3.so", "polars-0"),
    (SITE + "torch/lib/libtorch_cpu.so", "PTThreadPool"),
    (SITE + "torch/lib/libtorch_cpu.so", "pt_autograd_0"),
    (SITE + "torch/lib/libc10.so", "nbreplay-worker"),
    (SITE + "torch/lib/libgomp.so.1", "nbreplay-worker"),
    (SITE + "tensorflow/libtensorflow_framework.so.2", "tf_Compute"),
    (SITE + "numba/np/ufunc/omppool.cpython-311-x86_64-linux-gnu.so", "nbreplay-worker"),
    ("/opt/python/lib/libpython3.11.so.1.0", "nbreplay-worker"),
    # A name can be given by anybody: alone it says nothing.
    ("/opt/python/lib/libpython3.11.so.1.0", "jemalloc_bg_thd"),
    (SITE + "somebody/else.so", "polars-ooc-clea"),
    # So can a folder.
    ("/home/ada/openblas/site-packages/else/native.so", "worker"),
    ("", "worker"),
    ("", ""),
]


@pytest.mark.parametrize("owner, name", HARMLESS)
def test_may_live_at_a_fork(owner, name):
    assert fork_safety.allowed(owner, name)
    assert fork_safety.thread_hazards([(7, name, owner)], {}) == []


@pytest.mark.parametrize("owner, name", HARMFUL)
def test_must_not_live_at_a_fork(owner, name):
    assert not fork_safety.allowed(owner, name)


@pytest.mark.parametrize("path, name", [
    (SITE + "polars/polars.abi3.so", "polars"),
    (SITE + "_polars_runtime_32/_polars_runtime.abi3.so", "polars_runtime_32"),
    (SITE + "_duckdb.cpython-311-x86_64-linux-gnu.so", "duckdb"),
    (SITE + "xgboost.libs/libgomp-24e2ab19.so.1.0.0", "libgomp"),
    (SITE + "deltalake/_internal.abi3.so", "deltalake"),
    ("/usr/lib/x86_64-linux-gnu/libtbb.so.12", "libtbb"),
    ("/opt/python/lib/libpython3.11.so.1.0", "Python"),
    ("", "unknown library"),
])
def test_calls_a_library_as_people_do(path, name):
    assert fork_safety.library_name(path) == name


def test_threads_are_told_by_library_with_pythons_own_names():
    python = "/opt/python/lib/libpython3.11.so.1.0"
    polars = SITE + "polars/polars.abi3.so"
    threads = [(7, "nbreplay-worker", python), (8, "polars-0", polars), (9, "polars-1", polars)]
    assert fork_safety.thread_hazards(threads, {7: "pool_0"}) == [
        "Python: 1 thread (pool_0)", "polars: 2 threads (polars-0, polars-1)"]


def test_many_threads_make_one_short_line():
    threads = [(n, "t%d" % n, "/usr/lib/libx.so.1") for n in range(50)]
    assert fork_safety.thread_hazards(threads, {}) == ["libx: 50 threads (t0, t1, t10, …)"]


@pytest.mark.parametrize("path", [
    SITE + "numba/np/ufunc/omppool.cpython-311-x86_64-linux-gnu.so",
    "/usr/lib/x86_64-linux-gnu/libmpi.so.40", "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
    "/usr/lib/jvm/java-17/lib/server/libjvm.so"])
def test_a_library_can_forbid_a_fork_without_a_thread(path):
    assert len(fork_safety.library_hazards(["/usr/lib/libm.so.6", path])) == 1


@pytest.mark.parametrize("path", [
    SITE + "numba/np/ufunc/workqueue.cpython-311-x86_64-linux-gnu.so",
    SITE + "torch/lib/libcudart.so.12", "/usr/lib/x86_64-linux-gnu/libm.so.6"])
def test_other_libraries_are_judged_by_their_threads(path):
    assert fork_safety.library_hazards([path]) == []


def test_work_that_waits_in_the_loop_forbids_a_fork():
    async def look(prepare):
        kept = prepare(asyncio.get_running_loop())
        found = fork_safety._loop_hazards(asyncio.get_running_loop())
        kept.cancel()
        return found

    later = asyncio.run(look(lambda loop: loop.call_later(60, print)))
    task = asyncio.run(look(lambda loop: loop.create_task(asyncio.sleep(60))))
    over = asyncio.run(look(lambda loop: loop.call_later(60, print).cancel() or loop.create_future()))
    assert later == ["asyncio: 1 scheduled call"]
    assert task == ["asyncio: 1 unfinished task"]
    assert over == []
