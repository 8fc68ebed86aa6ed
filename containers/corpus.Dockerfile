# A node that works through many notebooks of strangers: the image of run.Dockerfile, with what makes
# their environments and what their packages load.
#
#   podman build -t localhost/nbreplay-corpus:0.1.0 -f containers/corpus.Dockerfile .
ARG BASE=localhost/nbreplay:0.1.0
# hadolint ignore=DL3006
FROM ${BASE}
USER 0
COPY scripts/requirements-tools.txt /opt/tools/requirements.txt
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates fontconfig fonts-dejavu-core g++ git libgl1 libglib2.0-0 libgomp1 \
        python3-dev \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/tools/venv \
    && /opt/tools/venv/bin/pip install --no-cache-dir -r /opt/tools/requirements.txt \
    && ln -s /opt/tools/venv/bin/uv /usr/local/bin/uv \
    && install -d -o 1000 -g 1000 /corpus /results
USER 1000
WORKDIR /corpus
# Where a layer of isolation is missing the node stops instead of running without.
ENTRYPOINT ["nbreplay"]
CMD ["verify", "labels.csv", "--sandbox", "strict", "--output-dir", "/results"]
