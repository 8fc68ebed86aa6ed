# What building and testing needs of Debian; the checkout is mounted at /src, where the scripts keep
# everything else.
#
#   podman build -t localhost/nbreplay-development:0.1.0 -f containers/development.Dockerfile .
#
# Where a registry can be reached, pin the base by its digest as well: debian:12.12-slim@sha256:…
FROM debian:12.12-slim AS lists
COPY scripts/debian-packages.txt scripts/debian-packages-test.txt /lists/
RUN grep -hv '^#' /lists/*.txt > /packages

FROM debian:12.12-slim
COPY --from=lists /packages /usr/local/share/nbreplay-packages
RUN apt-get update \
    && xargs -a /usr/local/share/nbreplay-packages \
        apt-get install -y --no-install-recommends bubblewrap gdb less procps \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 --shell /bin/bash developer
USER 1000
WORKDIR /src
CMD ["scripts/test.sh"]
