#!/bin/sh
# Two rounds of a household survey, from the Stata file to who became poor and who ceased to be.
# Usage: examples/bangladesh/run.sh DATA.dta
set -eu

if [ $# -ne 1 ] || [ ! -f "$1" ]; then
    echo "usage: run.sh DATA.dta (the file bangladesh_hh_9198.dta)" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
data=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")

# A home of its own, thrown away at the end: nothing of it touches another installation.
HIGHGROUND_HOME=$(mktemp -d)
export HIGHGROUND_HOME
unset DATABASE_URL DJANGO_SETTINGS_MODULE
trap 'rm -rf "$HIGHGROUND_HOME"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

highground() {
    "$root/run" highground "$@"
}

highground migrate
highground import areas "$here/areas.csv" --mapping "$here/areas.yaml"
highground import households "$data" --mapping "$here/mapping.yaml"
for day in 1991-12-31 1998-12-31; do
    snapshot=$(highground snapshot --as-of "$day" | tail -n 1)
    highground screen --households "$snapshot/households.parquet" --rulebook "$here/rulebook.yaml" \
        --as-of "$day" --out "$HIGHGROUND_HOME/screened-$day"
done
"$root/run" python "$here/transitions.py" "$HIGHGROUND_HOME/screened-1991-12-31" "$HIGHGROUND_HOME/screened-1998-12-31"
