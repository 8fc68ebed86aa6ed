// Probes of the snapshot self-test. What the operating system and the standard library give a
// process; in every environment.
#include "process/snapshot_probes.h"

namespace nbreplay::process {

std::vector<SnapshotProbe> system_probes() {
  return {
      {"sqlite3", {}, R"py(
import sqlite3
connection = sqlite3.connect(":memory:")

def use():
    connection.execute("create table if not exists t (a)")
    connection.execute("delete from t")
    connection.executemany("insert into t values (?)", [(i,) for i in range(1000)])
    return connection.execute("select sum(a) from t").fetchall()
)py"},
      {"tqdm", {"tqdm"}, R"py(
import io
from tqdm import tqdm

def use():
    return sum(tqdm(range(1000), file=io.StringIO()))
)py"},
      {"thread pool: live", {}, R"py(
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(2)

def use():
    return sum(pool.map(abs, range(-100, 0)))
)py"},
      {"thread pool: closed again", {}, R"py(
from concurrent.futures import ThreadPoolExecutor

def use():
    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(abs, range(-100, 0)))
)py"},
      {"asyncio: executor", {}, R"py(
import asyncio
loop = asyncio.get_running_loop()
loop.run_in_executor(None, abs, -1)

def use():
    return loop._default_executor.submit(abs, -5).result()
)py"},
      {"asyncio: unfinished task", {}, R"py(
import asyncio
tasks = []

async def slow():
    await asyncio.sleep(3600)

def use():
    tasks.append(asyncio.get_running_loop().create_task(slow()))
    return len(tasks)
)py"},
      {"multiprocessing: live pool", {}, R"py(
import multiprocessing
pool = multiprocessing.Pool(2)

def use():
    return sum(pool.map(abs, range(-100, 0)))
)py"},
      {"multiprocessing: closed again", {}, R"py(
import multiprocessing

def use():
    with multiprocessing.Pool(2) as pool:
        total = sum(pool.map(abs, range(-100, 0)))
    pool.join()
    return total
)py"},
      {"memory-mapped file, writable", {"numpy"}, R"py(
import numpy, tempfile
array = numpy.memmap(tempfile.mkdtemp() + "/map", dtype=float, mode="w+", shape=(100,))

def use():
    array[:] += 1
    return float(array.sum())
)py"},
      {"shared memory", {}, R"py(
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(create=True, size=100)

def use():
    memory.buf[0] += 1
    return memory.buf[0]
)py"},
      {"pipe", {}, R"py(
import os
read, write = os.pipe()

def use():
    os.write(write, b"word")
    return os.read(read, 4)
)py"},
      {"lock of multiprocessing", {}, R"py(
import multiprocessing
lock = multiprocessing.Lock()

def use():
    with lock:
        return lock.acquire(block=False)
)py"},
      {"child process", {}, R"py(
import subprocess
child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

def use():
    child.stdin.write(b"word\n")
    child.stdin.flush()
    return child.stdout.readline()
)py"},
      {"child process: over", {}, R"py(
import subprocess

def use():
    return subprocess.run(["echo", "word"], stdout=subprocess.PIPE).stdout
)py"},
      {"socket", {}, R"py(
import socket
left, right = socket.socketpair()

def use():
    left.sendall(b"word")
    return right.recv(4)
)py"},
      {"alarm", {}, R"py(
import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)

def use():
    signal.setitimer(signal.ITIMER_REAL, 3600)
    return signal.getitimer(signal.ITIMER_REAL)[0] > 0
)py"},
      {"open file", {}, R"py(
import os
file = open(os.__file__, encoding="utf-8")

def use():
    return file.readline()
)py"},
      {"seeded random numbers", {}, R"py(
import random
random.seed(42)

def use():
    return random.random()
)py"},
  };
}

}  // namespace nbreplay::process
