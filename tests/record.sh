#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is written beside the reports: recordings, logs of containers, and what
# becomes of them when they grow, when the disk is full, when the name is taken.
# Reports come from a recording of the tests, so that no rights are needed.
set -u
export LC_ALL=C.UTF-8
contop=$(readlink -e "${CONTOP:-./contop}") || exit 99
data=$(readlink -e "${srcdir:-.}/tests/data") || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failed=0
panes=containers,flows,disks,syscalls,processes

is() {
	if [ "$2" = "$3" ]; then
		echo "ok: $1"
	else
		echo "FAIL: $1: $2 instead of $3"
		failed=1
	fi
}

# replay OPTION...: of the recording of the tests
replay() {
	"$contop" --replay "$data/busy.json" -b "$@" 2>err
}

# again FILE: its reports as JSON
again() {
	"$contop" --replay "$1" -o json -P $panes
}

replay -o json -P $panes >wanted.json
reports=$(grep -c '"schema"' wanted.json)

# ---- recordings

replay --record plain.json >/dev/null
replay --record packed.json.gz >/dev/null
is "a recording replays to the same reports" "$(again plain.json | md5sum)" "$(md5sum <wanted.json)"
is "so does a compressed one" "$(again packed.json.gz | md5sum)" "$(md5sum <wanted.json)"
is "which jq reads" "$(zcat packed.json.gz | jq -s 'map(select(.interval)) | length')" "$reports"
replay --record plain.json >/dev/null
is "one that is there is added to" "$(again plain.json | grep -c '"schema"')" $((2 * reports))

head -c $(($(stat -c %s packed.json.gz) - 60)) packed.json.gz >cut.json.gz
again cut.json.gz >cut.out 2>err
is "status of one that is cut off" $? 1
is "reports before the cut" "$(grep -c '"schema"' cut.out)" $((reports - 1))
is "what is said" "$(cat err)" \
	"contop: cut.json.gz, line $(($(zcat cut.json.gz 2>/dev/null | wc -l) + 1)): cut off in the middle of what is compressed"

echo "something else" >precious
replay --record precious >/dev/null
is "status when another file has the name" $? 1
is "what is said then" "$(cat err)" \
	"contop: --record precious: is there already, and is no recording of contop"
is "that file" "$(cat precious)" "something else"

# ---- files that are put aside

replay --record aside.json --rotate 1K >/dev/null
is "files by size" "$(ls aside*.json | wc -l)" "$reports"
is "all of them together" "$(for file in $(ls -tr aside*.json); do again "$file"; done | sort | md5sum)" \
	"$(sort wanted.json | md5sum)"
replay --record young.json --rotate 1s >/dev/null
is "files by age" "$(ls young*.json | paste -sd' ')" "young-20231114-221320.json young.json"
is "all of them together" "$(cat young-*.json young.json | jq -c 'select(.interval).time' | paste -sd' ')" \
	"$(jq -c 'select(.interval).time' wanted.json | paste -sd' ')"
touch aside-mine.json aside-20261121-0300000.json
replay --record aside.json --rotate 1K --keep 1 >/dev/null
is "those kept, and others of nearly the name" \
	"$(ls aside*.json | grep -Ec '^aside-[0-9]{8}-[0-9]{6}(-[0-9]{2})?.json$|^aside.json$')" 2
is "others of nearly the name" "$(ls aside-mine.json aside-20261121-0300000.json | wc -l)" 2

# ---- logs of containers

replay --log-dir logs >/dev/null
is "lines of logs" "$(cat logs/*.log | jq -s length)" "$(jq -s '
	[.[] | [(.flows, .processes)[] | .container] | unique | length] | add' wanted.json)"
is "bytes of flows in the logs" "$(cat logs/*.log | jq -s '[.[].flows[]?.rx_bytes // 0] | add')" \
	"$(jq -s '[.[].flows[]?.rx_bytes // 0] | add' wanted.json)"
is "names that are no plain ones" "$(ls logs | grep -vcE '^[A-Za-z0-9_][A-Za-z0-9._-]*\.log$')" 0
replay --log-dir csv --log-format csv >/dev/null
is "headings of a log in CSV" "$(grep -hc '^time,pane' csv/*.log | sort -u)" 2

# A log is opened anew for each interval: its age is that of what is in it.
jq -c '.time += 10 * input_line_number' "$data/busy.json" >slow.json
"$contop" --replay slow.json -b --log-dir slow >/dev/null
for format in json csv; do
	"$contop" --replay slow.json -b --log-dir old-$format --log-format $format --rotate 5s >/dev/null
	is "logs by age, $format" "$(ls old-$format/web-*.log | wc -l) $(ls old-$format/web-*-20231114-2213?0.log | wc -l)" "2 1"
	replay --log-dir kept-$format --log-format $format --rotate 1K --keep 1 >/dev/null
	is "logs by size, $format" "$(ls kept-$format/web-*.log | wc -l)" 2
done
is "rows of the logs that were put aside" "$(cat old-json/*.log | jq -S -c . | sort | md5sum)" \
	"$(cat slow/*.log | jq -S -c . | sort | md5sum)"
is "headings of each of them in CSV" "$(grep -c '^time,pane' old-csv/*.log | cut -d: -f2 | sort -u)" 2

# ---- no room: from the 20th KiB on, nothing more can be written

(ulimit -f 20; replay --record full.json >full.out)
is "status when there is no room" $? 1
is "what is said of it" "$(sed -E 's/[0-9]+/N/' err)" \
	"contop: --record full.json: N intervals lost, the last one: File too large"
is "reports that are printed all the same" "$(grep -c interval full.out)" \
	"$(replay | grep -c interval)"
again full.json >full.out 2>err
is "status of what was written" $? 0
exit $failed
