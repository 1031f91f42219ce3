#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything that is published of the minimal model, from its experiments: 8.5 minutes on two
# cores. Run by `make reports`:  make.sh BITFATE EXPERIMENTS OUTPUT
#
# Works in the present folder, where stores stay: what is interrupted goes on from there. The same
# stores give the same bytes.
set -eu
bitfate=$1 experiments=$2 output=$3
[ -e experiments ] || ln -s "$experiments" experiments
mkdir -p "$output"

run() {
    echo "bitfate $*"
    "$bitfate" "$@" --quiet >/dev/null
}

# Figure 3e: f(eps), 29 eps x 10 000 starts; then far below what a double resolves.
run sweep experiments/minimal-sweep.yaml -o minimal-sweep.store
run sweep experiments/minimal-fine.yaml -o minimal-fine.store
# Outcome against precision: plateau and horizon, which the paper does not show.
run ladder experiments/minimal-ladder.yaml -o minimal-ladder.store
run ladder experiments/minimal-horizon.yaml -o minimal-horizon.store
# Figures 2a to 2c.
run lyapunov experiments/minimal-lyapunov.yaml -o minimal-lyapunov.store
# Figures 3a to 3d, 5a to 5c, and a zoom to 1e-40.
run map experiments/minimal-map.yaml -o map.png --store minimal-map.store
run map experiments/minimal-rates.yaml -o rates.png --store minimal-rates.store
run map experiments/minimal-deep.yaml -o deep.png --store minimal-deep.store
# Figures 5d to 5f: the weights of one start that ends near P+, one near P-, one near neither.
fate() {
    run train experiments/minimal-sweep.yaml --arith f64 --set train.rate=1.5 --set seed="$2" \
        --weights "$output/weights-$1.csv"
}
fate plus 4
fate minus 1
fate neither 3
gnuplot -e "output='$output'" "$experiments/../reports/minimal-model/weights.gp"

# The page, the numbers behind it, the pictures.
stores="minimal-sweep minimal-fine minimal-ladder minimal-horizon minimal-lyapunov minimal-map \
minimal-rates minimal-deep"
set --
for s in $stores; do
    set -- "$@" "$s.store"
    "$bitfate" report "$s.store" --csv --reproducible -o "$output/$s.csv"
done
"$bitfate" report "$@" --reproducible -o "$output/index.html"
cp ./*.png "$output"
