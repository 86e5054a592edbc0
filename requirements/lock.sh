#!/usr/bin/env bash
# Renews the lock files from pyproject.toml: every version pinned, every file hashed, no registry named.
set -eu
bin=$1
cd "$(dirname "$0")/.."
export UV_CUSTOM_COMPILE_COMMAND="make lock"
compile() {
    "$bin/uv" pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url "$@"
}
compile pyproject.toml --extra broker --output-file requirements/run.lock
compile --group build --constraint requirements/run.lock --output-file requirements/build.lock
compile --group node --constraint requirements/run.lock --output-file requirements/node.lock
compile --group dev --constraint requirements/run.lock --constraint requirements/build.lock --constraint requirements/node.lock \
    --output-file requirements/dev.lock
