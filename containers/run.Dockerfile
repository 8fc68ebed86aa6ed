# nbreplay, to be run on a project that is mounted at /work (containers/README.md). Build it from the
# root of a checkout:
#
#   podman build -t localhost/nbreplay:0.1.0 -f containers/run.Dockerfile .
#
# Where a registry can be reached, pin the base by its digest as well, in both stages:
# debian:12.12-slim@sha256:…
FROM debian:12.12-slim AS build
WORKDIR /src
COPY . .
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# As scripts/quickstart.sh, without the demo.
RUN source scripts/lib.sh \
    && ensure_debian scripts/debian-packages.txt \
    && ensure_tools scripts/requirements-tools.txt \
    && build release nbreplay nbreplay-launcher nbreplay_workers \
    && prepare_ipython release && bash scripts/prepare_helper.sh \
    && cmake --install build/release --prefix /opt/nbreplay --strip

FROM debian:12.12-slim
# What the programs load, and a Python for environments of Debian's own minor (3.11).
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libfmt9 libpython3.11 libsqlite3-0 libssl3 python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/nbreplay /opt/nbreplay
RUN useradd --create-home --uid 1000 nbreplay
ENV PATH=/opt/nbreplay/bin:$PATH
USER 1000
WORKDIR /work
# As process 1, without a shell or an init: alone in its control group it can limit others.
ENTRYPOINT ["nbreplay"]
CMD ["doctor"]
