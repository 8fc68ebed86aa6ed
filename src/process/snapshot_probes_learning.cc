// Probes of the snapshot self-test. Machine learning.
#include "process/snapshot_probes.h"

namespace nbreplay::process {

std::vector<SnapshotProbe> learning_probes() {
  return {
      {"scikit-learn: gradient boosting", {"scikit-learn"}, R"py(
import numpy
from sklearn.ensemble import HistGradientBoostingClassifier

def use():
    x = numpy.random.default_rng(0).random((2_000, 8))
    y = x[:, 0] + x[:, 1] > 1
    return float(HistGradientBoostingClassifier(max_iter=20).fit(x, y).predict_proba(x).sum())
)py"},
      {"scikit-learn: clusters and neighbours", {"scikit-learn"}, R"py(
import numpy
from sklearn.cluster import KMeans
from sklearn.neighbors import KNeighborsClassifier

def use():
    x = numpy.random.default_rng(0).random((4_000, 8))
    labels = KMeans(8, n_init=1, random_state=0).fit_predict(x)
    score = KNeighborsClassifier(n_jobs=2).fit(x, labels).score(x, labels)
    return int(labels.sum()), round(float(score), 6)
)py"},
      {"scikit-learn: forest in threads", {"scikit-learn"}, R"py(
import numpy
from sklearn.ensemble import RandomForestClassifier

def use():
    x = numpy.random.default_rng(0).random((1_000, 8))
    forest = RandomForestClassifier(20, n_jobs=2, random_state=0).fit(x, x[:, 0] > 0.5)
    return float(forest.predict_proba(x).sum())
)py"},
      {"scikit-learn: cross-validation in processes", {"scikit-learn"}, R"py(
import numpy
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score

def use():
    x = numpy.random.default_rng(0).random((500, 8))
    return round(float(cross_val_score(Ridge(), x, x.sum(axis=1), n_jobs=2).sum()), 9)
)py"},
      {"joblib: processes", {"joblib"}, R"py(
import math
from joblib import Parallel, delayed

def use():
    return sum(Parallel(n_jobs=2)(delayed(math.sqrt)(i) for i in range(40)))
)py"},
      {"torch: training", {"torch"}, R"py(
import torch
torch.set_num_threads(4)

def use():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 16, 3), torch.nn.ReLU(), torch.nn.Flatten(),
                              torch.nn.Linear(16 * 30 * 30, 10))
    loss = net(torch.rand(16, 3, 32, 32)).square().mean()
    loss.backward()
    a = torch.rand(600, 600)
    return round(float(loss), 5), round(float((a @ a).sum()) / 1e4, 3)
)py"},
      {"torch: DataLoader processes", {"torch"}, R"py(
import torch
from torch.utils.data import DataLoader, TensorDataset

def use():
    data = TensorDataset(torch.arange(64.0))
    return sum(float(batch[0].sum()) for batch in DataLoader(data, batch_size=8, num_workers=2))
)py"},
      {"torch: inter-op pool", {"torch"}, R"py(
import torch

@torch.jit.script
def both(x):
    future = torch.jit.fork(torch.neg, x)
    return x.sum() + torch.jit.wait(future).sum()

def use():
    return float(both(torch.ones(1000)))
)py"},
      {"xgboost", {"xgboost"}, R"py(
import numpy, xgboost

def use():
    x = numpy.random.default_rng(0).random((3_000, 8))
    model = xgboost.XGBRegressor(n_estimators=20, n_jobs=4).fit(x, x.sum(axis=1))
    return round(float(model.predict(x).sum()), 2)
)py"},
      {"lightgbm", {"lightgbm"}, R"py(
import lightgbm, numpy

def use():
    x = numpy.random.default_rng(0).random((3_000, 8))
    model = lightgbm.LGBMRegressor(n_estimators=20, n_jobs=4, verbose=-1, deterministic=True)
    return round(float(model.fit(x, x.sum(axis=1)).predict(x).sum()), 6)
)py"},
      {"catboost", {"catboost"}, R"py(
import catboost, numpy

def use():
    x = numpy.random.default_rng(0).random((2_000, 8))
    model = catboost.CatBoostRegressor(iterations=20, thread_count=4, verbose=False,
                                       allow_writing_files=False, random_seed=0)
    return round(float(model.fit(x, x.sum(axis=1)).predict(x).sum()), 6)
)py"},
      {"tensorflow", {"tensorflow"}, R"py(
import tensorflow

def use():
    a = tensorflow.random.stateless_uniform((500, 500), seed=(1, 2))
    return round(float(tensorflow.reduce_sum(a @ a)) / 1e4, 2)
)py"},
      {"tensorflow: imported only", {"tensorflow"}, R"py(
import tensorflow

def use():
    return tensorflow.__version__
)py"},
      {"tensorflow: first used in the child", {"tensorflow"}, R"py(
import tensorflow
calls = []

def use():
    calls.append(1)
    if len(calls) == 1:
        return tensorflow.__version__
    return float(tensorflow.reduce_sum(tensorflow.ones((100, 100)) @ tensorflow.ones((100, 100))))
)py"},
      {"keras", {"keras"}, R"py(
import keras, numpy

def use():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    x = numpy.random.default_rng(0).random((64, 4))
    return round(float(model.fit(x, x.sum(axis=1), epochs=1, verbose=0).history["loss"][0]), 4)
)py"},
      {"jax", {"jax"}, R"py(
import jax, jax.numpy

def use():
    a = jax.random.uniform(jax.random.key(0), (400, 400))
    return round(float((a @ a).sum()) / 1e4, 3)
)py"},
      {"onnxruntime", {"onnxruntime", "onnx"}, R"py(
import numpy, onnx, onnxruntime
from onnx import TensorProto, helper
node = helper.make_node("MatMul", ["a", "b"], ["c"])
values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [300, 300]) for n in "abc"]
model = helper.make_model(helper.make_graph([node], "g", values[:2], values[2:]), ir_version=9,
                          opset_imports=[helper.make_opsetid("", 17)])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 4
session = onnxruntime.InferenceSession(model.SerializeToString(), options)

def use():
    a = numpy.random.default_rng(0).random((300, 300), dtype=numpy.float32)
    return round(float(session.run(None, {"a": a, "b": a})[0].sum()) / 1e3, 2)
)py"},
      {"tokenizers", {"tokenizers"}, R"py(
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

def use():
    tokenizer = Tokenizer(models.BPE(unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    words = ["the quick brown fox number %d" % i for i in range(500)]
    tokenizer.train_from_iterator(words, trainers.BpeTrainer(vocab_size=200, special_tokens=["?"],
                                                             show_progress=False))
    return sum(len(e.ids) for e in tokenizer.encode_batch(words))
)py"},
  };
}

}  // namespace nbreplay::process
