#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything that is published of deep networks, from its experiments: 40 minutes on two cores.
# Run by `make reports-deep`:  make.sh BITFATE EXPERIMENTS OUTPUT, with MNIST's IDX files in the folder
# that BITFATE_DATA names.
#
# Works in the present folder, where stores stay: what is interrupted goes on from there. The same
# stores give the same bytes.
set -eu
bitfate=$1 experiments=$2 output=$3
if [ -z "${BITFATE_DATA:-}" ]; then
    echo "reports-deep: set BITFATE_DATA to the folder of train-images-idx3-ubyte[.gz] and the others" >&2
    exit 2
fi
[ -e experiments ] || ln -s "$experiments" experiments
mkdir -p "$output"

run() {
    echo "bitfate $*"
    "$bitfate" "$@" --quiet >/dev/null
}

# f(eps) on a CPU, on something like a GPU, and one flipped bit; many outcomes; the paper's VGG; churn
# of networks that learn.
for s in deep-m6 deep-m6-bit deep-m6-gpu deep-a deep-vgg churn-resnet churn-transformer; do
    run sweep experiments/$s.yaml -o $s.store
done
# Outcome against precision; the growth of tangents and nudges.
run ladder experiments/deep-m6-ladder.yaml -o deep-m6-ladder.store
run lyapunov experiments/deep-m6-lyapunov.yaml -o deep-m6-lyapunov.store
# Figures 4b to 4d, and a zoom to 1e-10.
run map experiments/deep-a-map.yaml -o a.png --store deep-a-map.store
run map experiments/deep-a-deep.yaml -o a-deep.png --store deep-a-deep.store
run map experiments/deep-m6-map.yaml -o m6.png --store deep-m6-map.store

set --
for s in deep-m6 deep-m6-gpu deep-m6-bit deep-m6-ladder deep-m6-lyapunov deep-m6-map deep-a \
    deep-a-map deep-a-deep deep-vgg churn-resnet churn-transformer; do
    set -- "$@" "$s.store"
    "$bitfate" report "$s.store" --csv --reproducible -o "$output/$s.csv"
done
"$bitfate" report "$@" --reproducible -o "$output/index.html"
cp ./*.png "$output"
