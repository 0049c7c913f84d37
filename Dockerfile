# The program in a container: docker build -t countersign . && docker run --rm -v "$PWD:/repo:ro" countersign lint
#
# The default image has git next to it, since a verdict on a merge of texts is git's own (`git merge-tree`). The target
# `scratch` holds the static program alone, for what needs no merge: lint, diff, rules, approvers.
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
RUN cargo build --release --locked --bin countersign

FROM scratch AS scratch
COPY --from=build /source/target/release/countersign /countersign
USER 65534:65534
WORKDIR /repo
ENTRYPOINT ["/countersign"]

FROM alpine:3
# The repository is mounted and belongs to somebody else.
RUN apk add --no-cache git && git config --system --add safe.directory '*'
COPY --from=build /source/target/release/countersign /usr/local/bin/countersign
USER nobody
WORKDIR /repo
ENTRYPOINT ["countersign"]
