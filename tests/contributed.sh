#!/bin/sh
# SPDX-License-Identifier: MIT
# contributed.sh - what CONTRIBUTING.md's recipes added works; run by contributing.sh in its build.
set -eu
fail() {
    echo "contributed: $*" >&2
    exit 1
}
minimal=../experiments/minimal.yaml
trained() { # the last hash of a short run
    ./bitfate train "$minimal" --set train.steps=50 --quiet --json "$@" >trained.json
    tests/json_get trained.json hash
}

./bitfate list arithmetics | grep -q '^bf16/shuffle:SEED ' || fail 'the arithmetic is not listed'
[ "$(trained --arith bf16/shuffle:1)" != "$(trained --arith bf16/shuffle:2)" ] ||
    fail 'the orders do not differ'
[ "$(trained --arith pxr24)" = "$(trained --arith mpfr:pxr24)" ] || fail 'the format and its twin differ'
[ "$(trained --arith pxr24)" != "$(trained --arith f32)" ] || fail 'the format is binary32'

cat >recipes.yaml <<'Y'
model: {layers: [{dense: 3}, hard_tanh, {dense: 1}]}
data: {set: paper8}
init: kaiming_uniform
outcome: {rule: sign}
train: {steps: 20, rate: 1/64, optimiser: sign_sgd}
author: somebody
Y
./bitfate train recipes.yaml --quiet --trace recipes.trace
grep -q 'author: *"*somebody' recipes.trace || fail 'the field is not in the resolved text'
grep -q hard_tanh recipes.trace && grep -q sign_sgd recipes.trace || fail 'the kinds are not there'
./bitfate list fields | grep -q author || fail 'the field is not listed'
./bitfate list models | grep -q 'hard_tanh' || fail 'the layer is not listed'

[ "$(./bitfate about --times 2 | wc -l)" -eq 2 ] || fail 'the command or its option'
[ "$(./bitfate start "$minimal")" = 4 ] || fail 'the study'
tests/base/test_version >/dev/null 2>&1 || fail 'the test'
BITFATE_TEST_QUICK=1 tests/arith/test_laws >laws.log 2>&1 || {
    cat laws.log
    fail 'the laws'
}
for test in houseplan listed; do
    SRCDIR=.. sh ../tests/$test.test || fail "$test"
done
