// Probes of the snapshot self-test. Numbers, tables and plots.
#include "process/snapshot_probes.h"

namespace nbreplay::process {

std::vector<SnapshotProbe> numeric_probes() {
  return {
      {"numpy", {"numpy"}, R"py(
import numpy

def use():
    a = numpy.random.default_rng(0).random((700, 700))
    return float((a @ a).sum()), float(numpy.linalg.eigvalsh(a + a.T)[0])
)py"},
      {"scipy", {"scipy"}, R"py(
import numpy, scipy.fft, scipy.linalg

def use():
    a = numpy.random.default_rng(0).random((400, 400))
    return float(scipy.linalg.svdvals(a)[0]), float(abs(scipy.fft.fft2(a, workers=4)).sum())
)py"},
      {"numexpr", {"numexpr"}, R"py(
import numexpr, numpy
numexpr.set_num_threads(4)

def use():
    a = numpy.arange(1_000_000.0)
    return float(numexpr.evaluate("sqrt(a) + a ** 2").sum())
)py"},
      {"pandas", {"pandas"}, R"py(
import numpy, pandas

def use():
    rng = numpy.random.default_rng(0)
    frame = pandas.DataFrame({"k": rng.integers(0, 50, 200_000), "v": rng.random(200_000)})
    frame["s"] = frame["k"].astype(str)
    kept = frame.query("v > 0.25 and k != 7")
    return float(kept.groupby("s")["v"].mean().sum()), int(kept["s"].str.len().sum())
)py"},
      {"pandas with pyarrow", {"pandas", "pyarrow"}, R"py(
import io, numpy, pandas

def use():
    text = "a,b\n" + "\n".join("%d,x%d" % (i, i % 9) for i in range(50_000))
    frame = pandas.read_csv(io.BytesIO(text.encode()), engine="pyarrow")
    return int(frame["a"].sum()), sorted(frame["b"].unique())
)py"},
      {"matplotlib", {"matplotlib"}, R"py(
import hashlib, io
import matplotlib.pyplot

def use():
    figure, axes = matplotlib.pyplot.subplots()
    axes.plot(range(100), [i * i for i in range(100)], label="squares")
    axes.legend()
    file = io.BytesIO()
    figure.savefig(file, format="rgba")
    matplotlib.pyplot.close(figure)
    return hashlib.sha256(file.getvalue()).hexdigest()
)py"},
      {"statsmodels", {"statsmodels"}, R"py(
import numpy, statsmodels.api

def use():
    x = numpy.random.default_rng(0).random((2_000, 4))
    fit = statsmodels.api.OLS(x.sum(axis=1) + x[:, 0] ** 2, statsmodels.api.add_constant(x)).fit()
    return [round(float(p), 9) for p in fit.params]
)py"},
      {"opencv", {"opencv"}, R"py(
import cv2, numpy

def use():
    image = numpy.random.default_rng(0).integers(0, 255, (800, 800, 3), dtype=numpy.uint8)
    return int(cv2.GaussianBlur(image, (9, 9), 0).sum()), int(cv2.resize(image, (400, 400)).sum())
)py"},
      {"simpleitk", {"simpleitk"}, R"py(
import SimpleITK

def use():
    image = SimpleITK.GaussianSource(SimpleITK.sitkFloat32, [200, 200])
    smooth = SimpleITK.SmoothingRecursiveGaussian(image, 2.0)
    return round(float(SimpleITK.GetArrayFromImage(smooth).sum()), 1)
)py"},
      {"blosc2", {"blosc2"}, R"py(
import blosc2, numpy
blosc2.set_nthreads(4)

def use():
    a = numpy.arange(2_000_000)
    return int(blosc2.unpack_array2(blosc2.pack_array2(a)).sum())
)py"},
      {"igraph", {"igraph"}, R"py(
import igraph, random

def use():
    random.seed(1)
    graph = igraph.Graph.Barabasi(500, 3)
    return round(sum(graph.pagerank()), 6), graph.ecount()
)py"},
      {"h5py", {"h5py"}, R"py(
import h5py, numpy
file = h5py.File("in memory", "w", driver="core", backing_store=False)

def use():
    name = "d%d" % len(file)
    file.create_dataset(name, data=numpy.arange(100_000), compression="gzip")
    return int(file[name][:].sum())
)py"},
      {"faiss", {"faiss-cpu"}, R"py(
import faiss, numpy

def use():
    faiss.omp_set_num_threads(4)
    x = numpy.random.default_rng(0).random((5_000, 32), dtype=numpy.float32)
    index = faiss.IndexFlatL2(32)
    index.add(x)
    return int(index.search(x[:200], 4)[1].sum())
)py"},
      {"numba: OpenMP layer", {"numba"}, R"py(
import numba, numpy
numba.config.THREADING_LAYER = "omp"

@numba.njit(parallel=True)
def total(a):
    s = 0.0
    for i in numba.prange(a.size):
        s += a[i]
    return s

def use():
    return round(float(total(numpy.arange(100_000.0))), 3)
)py"},
      {"numba: own pool", {"numba"}, R"py(
import numba, numpy
numba.config.THREADING_LAYER = "workqueue"

@numba.njit(parallel=True)
def total(a):
    s = 0.0
    for i in numba.prange(a.size):
        s += a[i]
    return s

def use():
    return round(float(total(numpy.arange(100_000.0))), 3)
)py"},
  };
}

}  // namespace nbreplay::process
