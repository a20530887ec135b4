# The server in an image: the same scripts as on a bare Debian 12 machine.
# A GPU is passed in by the runtime (NVIDIA: --gpus all with the `graphics` capability; AMD, Intel: --device /dev/dri).
FROM swift:6.3-bookworm AS build
WORKDIR /remaster
COPY Scripts Scripts
RUN Scripts/setup packages
COPY Package.swift ./
COPY Sources Sources
COPY Shaders Shaders
COPY Migrations Migrations
COPY Contract Contract
COPY Models Models
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib --product remaster

FROM debian:bookworm-slim
WORKDIR /remaster
COPY Scripts/setup Scripts/setup
RUN Scripts/setup packages && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/remaster remaster
COPY --from=build /remaster/.build/release/remaster /usr/local/bin/remaster
USER remaster
VOLUME /var/lib/remaster
EXPOSE 8080
ENV REMASTER_DATA_DIRECTORY=/var/lib/remaster/data
# `serve --role worker` listens nowhere: such a container is healthy while it runs, for it ends when its work cannot go on.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD grep -qzxE -e '(--role=)?worker' /proc/1/cmdline || curl -fsS http://127.0.0.1:8080/healthz
ENTRYPOINT ["remaster"]
CMD ["serve", "--port", "8080"]
