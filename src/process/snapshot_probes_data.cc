// Probes of the snapshot self-test. Data bases, queues and formats.
#include "process/snapshot_probes.h"

namespace nbreplay::process {

std::vector<SnapshotProbe> data_probes() {
  return {
      {"polars", {"polars"}, R"py(
import polars

def use():
    frame = polars.DataFrame({"k": [i % 50 for i in range(100_000)], "v": range(100_000)})
    return frame.group_by("k").agg(polars.col("v").sum()).sort("k")["v"].to_list()[:3]
)py"},
      {"polars: imported only", {"polars"}, R"py(
import polars

def use():
    return polars.__version__
)py"},
      {"polars: first used in the child", {"polars"}, R"py(
import polars
calls = []

def use():
    calls.append(1)
    if len(calls) == 1:
        return polars.__version__
    return polars.DataFrame({"v": range(1000)}).select(polars.col("v").sum()).item()
)py"},
      {"pyarrow", {"pyarrow"}, R"py(
import io, pyarrow, pyarrow.compute, pyarrow.parquet

def use():
    table = pyarrow.table({"k": [i % 50 for i in range(100_000)], "v": range(100_000)})
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file)
    back = pyarrow.parquet.read_table(io.BytesIO(file.getvalue()))
    sums = back.group_by("k").aggregate([("v", "sum")])
    return pyarrow.compute.sum(sums["v_sum"]).as_py()
)py"},
      {"duckdb: open connection", {"duckdb"}, R"py(
import duckdb
connection = duckdb.connect(config={"threads": 4})

def use():
    return connection.sql("select sum(i), count(*) from range(3000000) t(i)").fetchall()
)py"},
      {"duckdb: closed again", {"duckdb"}, R"py(
import duckdb

def use():
    with duckdb.connect(config={"threads": 4}) as connection:
        return connection.sql("select sum(i), count(*) from range(3000000) t(i)").fetchall()
)py"},
      {"datafusion", {"datafusion"}, R"py(
import datafusion
session = datafusion.SessionContext()

def use():
    batches = session.sql("select sum(value) as s from range(0, 1000000)").collect()
    return batches[0].column(0)[0].as_py()
)py"},
      {"deltalake", {"deltalake", "pyarrow"}, R"py(
import deltalake, pyarrow, tempfile
folder = tempfile.mkdtemp()

def use():
    deltalake.write_deltalake(folder, pyarrow.table({"a": range(100)}), mode="overwrite")
    return len(deltalake.DeltaTable(folder).file_uris())
)py"},
      {"rocksdict", {"rocksdict"}, R"py(
import rocksdict, tempfile
database = rocksdict.Rdict(tempfile.mkdtemp() + "/db")

def use():
    database["a"] = 1
    return database["a"]
)py"},
      {"tantivy", {"tantivy"}, R"py(
import tantivy
schema = tantivy.SchemaBuilder().add_text_field("body", stored=True).build()

def use():
    index = tantivy.Index(schema)
    writer = index.writer()
    writer.add_document(tantivy.Document(body="a quick brown fox"))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index.searcher().search(index.parse_query("fox", ["body"]), 10).count
)py"},
      {"pyzmq", {"pyzmq"}, R"py(
import zmq
context = zmq.Context()
left, right = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
left.bind("inproc://here")
right.connect("inproc://here")

def use():
    left.send(b"word")
    return right.recv()
)py"},
      {"grpcio", {"grpcio"}, R"py(
import grpc
from concurrent.futures import ThreadPoolExecutor

def use():
    server = grpc.server(ThreadPoolExecutor(2))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel("127.0.0.1:%d" % port) as channel:
        try:
            channel.unary_unary("/none/None")(b"", timeout=5)
        except grpc.RpcError as error:
            code = error.code().name
    server.stop(None).wait()
    return code
)py"},
      {"grpcio: open server", {"grpcio"}, R"py(
import grpc
from concurrent.futures import ThreadPoolExecutor
server = grpc.server(ThreadPoolExecutor(2))
port = server.add_insecure_port("127.0.0.1:0")
server.start()

def use():
    with grpc.insecure_channel("127.0.0.1:%d" % port) as channel:
        try:
            channel.unary_unary("/none/None")(b"", timeout=5)
        except grpc.RpcError as error:
            return error.code().name
)py"},
      {"av", {"av", "numpy"}, R"py(
import av, io, numpy

def use():
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=24)
        stream.width = stream.height = 128
        stream.thread_count = 4
        for i in range(24):
            picture = numpy.full((128, 128, 3), i * 10, dtype=numpy.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    with av.open(io.BytesIO(file.getvalue())) as back:
        back.streams.video[0].thread_type = "AUTO"
        return sum(int(f.to_ndarray(format="gray").sum()) for f in back.decode(video=0))
)py"},
      {"aiohttp", {"aiohttp"}, R"py(
import aiohttp, aiohttp.web

async def exchange():
    async def answer(request):
        return aiohttp.web.Response(text="word")
    runner = aiohttp.web.AppRunner(aiohttp.web.Application())
    runner.app.router.add_get("/", answer)
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = "http://127.0.0.1:%d/" % runner.addresses[0][1]
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        text = await response.text()
    await runner.cleanup()
    return text

def use():
    import asyncio, threading
    found = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(exchange())))
    thread.start()
    thread.join()
    return found
)py"},
  };
}

}  // namespace nbreplay::process
