# One binary with everything inside, on a small Debian.

FROM rust:1.95-bookworm AS build
# The image's own toolchain, whatever rust-toolchain.toml would fetch.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /src
COPY . .
RUN make build && install target/release/grantport /grantport

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /srv --no-create-home grantport \
 && install --directory --owner=grantport --mode=0700 /srv/data
COPY --from=build /grantport /usr/local/bin/grantport
USER grantport
# The defaults for database and key are below ./data.
WORKDIR /srv
VOLUME /srv/data
ENV GRANTPORT_BIND=0.0.0.0:3000
EXPOSE 3000
ENTRYPOINT ["grantport"]
