# SPDX-License-Identifier: MIT
# command_lib.sh - what the command tests (cmd_*.test) share. A test is a list of named checks:
#
#   check 'train: two runs give the same hash'
#   run 0 bitfate train tiny.yaml --json
#   json outcome P+
#   ...
#   finish
#
# A check that fails says why and the test goes on. Environment:
#   BITFATE   the program                  default ./bitfate
#   JSON_GET  reads JSON: json_get.c       default tests/json_get, beside the program
#   SRCDIR    the top of the sources       default . ; never written to
# Each test works in a directory of its own, which is removed at the end.

set -u
LC_ALL=C
export LC_ALL

absolute() {
    case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "$PWD/$1" ;;
    esac
}
BITFATE=$(absolute "${BITFATE:-./bitfate}")
JSON_GET=$(absolute "${JSON_GET:-$(dirname "$BITFATE")/tests/json_get}")
SRCDIR=$(absolute "${SRCDIR:-.}")
for program in "$BITFATE" "$JSON_GET"; do
    [ -x "$program" ] || {
        echo "$program: not a program; set BITFATE and JSON_GET"
        exit 99
    }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/bitfate-test.XXXXXX") || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
mkdir "$work/.own" # what the checks themselves keep
before=$work/.own/before after=$work/.own/after
out=$work/.own/out err=$work/.own/err
cd "$work" || exit 99

bitfate() { "$BITFATE" "$@"; }

# ---- checks ---------------------------------------------------------------------------------

current='' current_failed=0 checks=0 failures=0

end_check() {
    [ -z "$current" ] && return
    checks=$((checks + 1))
    if [ $current_failed = 0 ]; then
        echo "ok    $current"
    else
        echo "FAIL  $current"
        failures=$((failures + 1))
    fi
}

# check NAME: what follows, until the next check, belongs to it.
check() {
    end_check
    current=$1 current_failed=0 last_command=''
}

# skip WHY: instead of the current check.
skip() {
    echo "skip  $current: $1"
    current=''
}

# fail WHAT: the current check does not hold.
fail() {
    current_failed=1
    echo "  $current: $1"
    [ -z "$last_command" ] && return
    echo "    after: $last_command"
    last_command='' # said once
    head -n 8 "$out" | cut -c 1-200 | sed 's/^/    stdout: /'
    head -n 8 "$err" | cut -c 1-200 | sed 's/^/    stderr: /'
}

finish() {
    end_check
    echo "$checks checks, $failures failed"
    [ $failures = 0 ]
    exit
}

# ---- running --------------------------------------------------------------------------------

# run STATUS COMMAND...: its standard output and error are then in $out and $err.
run() {
    expected=$1
    shift
    last_command=$*
    status=0
    "$@" >"$out" 2>"$err" </dev/null || status=$?
    [ $status = "$expected" ] || fail "exit status $status, expected $expected"
}

# refused COMMAND...: bad input. Status 2, nothing on standard output, one line that says why.
refused() {
    run 2 "$@"
    [ -s "$out" ] && fail 'standard output is not empty'
    one_line_error
}

# breaks COMMAND...: the machine fails. Status 3, and one line that says why.
breaks() {
    run 3 "$@"
    one_line_error
}

one_line_error() {
    [ "$(wc -l <"$err")" -eq 1 ] && [ "$(head -c 9 "$err")" = 'bitfate: ' ] &&
        [ "$(wc -c <"$err")" -gt 10 ] || fail 'standard error is not one line "bitfate: ..."'
}

quiet_error() { [ ! -s "$err" ] || fail 'standard error is not empty'; }

# Command wrappers for `run`.
to_full() { "$@" >/dev/full; }   # standard output is a full disk
to_closed() { "$@" >&-; }        # standard output is closed
limited() {                      # no file grows beyond $1 blocks of 512 bytes
    (
        trap '' XFSZ
        ulimit -f "$1"
        shift
        "$@"
    )
}

# ---- looking --------------------------------------------------------------------------------

# has TEXT, says TEXT: standard output, standard error has the text. matches: a regular expression.
has() { grep -qF -e "$1" "$out" || fail "standard output lacks: $1"; }
says() { grep -qF -e "$1" "$err" || fail "standard error lacks: $1"; }
matches() { grep -qE -e "$1" "$out" || fail "standard output does not match: $1"; }

# equal WHAT A B
equal() { [ "$2" = "$3" ] || fail "$1: '$2' is not '$3'"; }

# same_files A B: the same bytes.
same_files() { cmp -s "$1" "$2" || fail "$1 and $2 differ: $(diff "$1" "$2" | sed -n 2p | cut -c 1-200)"; }

# field NAME: the value after `NAME  ` on standard output, lines that continue it included.
field() {
    awk -v name="$1" '$1 == name { found = 1; $1 = ""; print substr($0, 2); next }
        found && /^ / { print $1; next } { found = 0 }' "$out"
}

# json_value PATH [FILE]; json PATH VALUE; json_type PATH TYPE: of standard output.
json_value() { "$JSON_GET" "${2:-$out}" "$1" 2>&1 || echo absent; }
json() { equal "$1" "$(json_value "$1")" "$2"; }
json_type() { equal "type of $1" "$("$JSON_GET" -t "$out" "$1" 2>&1 || echo absent)" "$2"; }
json_count() { "$JSON_GET" -n "$out" "$1" 2>&1; }

# json_types PATH:TYPE...: a number may be written as an integer or a real one.
json_types() {
    for pair in "$@"; do
        found=$("$JSON_GET" -t "$out" "${pair%:*}" 2>/dev/null || echo absent)
        case ${pair##*:}/$found in
        number/integer | number/real | bool/true | bool/false) ;;
        *) equal "type of ${pair%:*}" "$found" "${pair##*:}" ;;
        esac
    done
}

# query STORE SQL; rows STORE: every trial and repeat, in an order of their own.
query() { sqlite3 -batch "$1" "$2"; }
rows() {
    query "$1" "SELECT name, e.text, t.start, outcome, later, step, moved, hex(hash), hex(predictions)
                FROM trial t JOIN arithmetic a ON a.id = arithmetic JOIN eps e ON e.id = eps
                ORDER BY 1, e.id, 3;
                SELECT name, start, hex(first), hex(second)
                FROM repeat JOIN arithmetic a ON a.id = arithmetic ORDER BY 1, 2;"
}

# sums PATH...: a checksum of every file.
sums() { find "$@" -name .own -prune -o -type f -exec cksum {} + | sort -k 3; }

# ---- an experiment --------------------------------------------------------------------------

# The minimal model, small enough for a test; one file serves every command.
cat >tiny.yaml <<'END'
name: tiny
description: the minimal model, for tests
seed: 1
model:
  layers: [{dense: 2, bias: false}, {tanh: {gain: sqrt(2)}}, {dense: 1, bias: false, scale: 1/2}]
  loss: mse
data: {set: paper8}
init: {values: [0.1, 0.2, 0.3, 0.4]}
train: {steps: 60, rate: 2.5}
outcome: {rule: planes, within: 3}
arithmetics: [f64, f32/exact]
END

# The same with random starts, to sweep.
sed -e 's/^name.*/name: tiny-sweep/' -e 's/^init.*/init: {planes: {distance: 1}}/' \
    -e 's/^train.*/train: {steps: 200, rate: 2.5}/' \
    -e 's/^arithmetics.*/arithmetics: [f64, f32\/exact, "mpfr:64"]/' tiny.yaml >sweep.yaml
cat >>sweep.yaml <<'END'
sweep: {eps: [1e-9, 1e-5, 1e-3, 1e-2], starts: 40, repeats: 8}
END
