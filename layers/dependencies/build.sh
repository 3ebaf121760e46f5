#!/bin/sh
# Builds a layer: `sh build.sh <platform of wheels> <folder> <requirements>`, called by SAM CLI through
# the Makefile of the processor that the stack is for.
#
# It ships bytecode. Lambda cannot write below /opt: without bytecode in the layer, every cold start
# compiles every module again. The bytecode is not compared with its source (unchecked-hash): the
# times of files do not survive the layer's archive, and nobody edits them there.
set -eu
machine=$1
target=$2/python
requirements=$3

for candidate in python3.13 python3 python; do
    if "$candidate" -c 'import pip, sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
: "${python:?no Python 3.13 with pip is on the PATH}"

# Wheels alone: whatever this machine is, nothing is compiled here. Lambda's Python 3.13 has
# glibc 2.34. The requirements are complete, but for what the runtime has (boto3): --no-deps.
"$python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
    --only-binary=:all: --implementation cp --python-version 3.13 \
    --platform "manylinux_2_34_$machine" --platform "manylinux_2_28_$machine" \
    --platform "manylinux_2_17_$machine" --platform "manylinux2014_$machine" \
    --no-deps --no-compile --target "$target" --requirement "$requirements"

# Commands, whose first line names this machine's Python.
rm -rf "$target/bin"
# Pages for a browser, and 1.7 MB: no function serves them.
rm -rf "$target/aws_lambda_powertools/event_handler/openapi/swagger_ui/"*.js \
    "$target/aws_lambda_powertools/event_handler/openapi/swagger_ui/"*.css

"$python" -m compileall -q --invalidation-mode unchecked-hash -s "$target" -p /opt/python "$target"
