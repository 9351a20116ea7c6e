#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names that would take a terminal over, of cgroups and of processes: no output of
# contop has their bytes as they are.
. "$(dirname "$0")/lib.sh"
# A color, a title, the end of a line, what is no UTF-8, right to left, CSV's own.
# Control groups cannot have the end of a line in their name.
EVIL=$'e\e[35mv\e]0;t\ai\rl\xff\xfe\xe2\x80\xae",;\tx'
NAMES=($'\e[35mevil\n\xff' $'ev"il,\r\xe2\x80' $'\xc2\x9b35mevil')
case_begin
for tool in script iconv; do
	command -v $tool >/dev/null || skip "no $tool"
done

# is_clean WHAT FILE: lines of printable UTF-8
is_clean() {
	is "$1: size" "$(($(wc -c <"$2") > 100))" 1
	is "$1: control bytes" "$(tr -d '\n' <"$2" | tr -d '[:print:]\200-\377' | wc -c)" 0
	is "$1: UTF-8" "$(iconv -f UTF-8 -t UTF-8 <"$2" >/dev/null 2>&1; echo $?)" 0
	# C1 controls and marks of direction are valid UTF-8.
	is "$1: other controls" "$(grep -acP '\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]' "$2")" 0
}

own_cgroups pids
for top in "${OWN_CGROUPS[@]}"; do
	mkdir -p "$top/lxc/$EVIL" "$top/$EVIL/docker/$(printf 'e%.0s' {1..64})/lxc.payload.$EVIL" ||
		skip "cgroups cannot be made"
done
for name in "${NAMES[@]}"; do
	cp "$LOAD" "$CASE_DIR/work/$name"
done
docker run -d --name evil -v "$CASE_DIR/work:/work" bb sh -c '
	while :; do for f in /work/*; do "$f" syscalls 101 7; done >/dev/null; sleep 0.1; done' \
	>/dev/null || die "no container"
panes=containers,flows,disks,syscalls,processes
for format in text csv json; do
	"$CONTOP" -d 0.5 -n 3 -o $format -P $panes --docker-socket "${DOCKER_HOST#unix://}" \
		>"$CASE_DIR/contop.$format" 2>"$CASE_DIR/$format.err"
	is "$format: exit status" $? 0
	is "$format: standard error" "$(head -5 "$CASE_DIR/$format.err")" ""
	is_clean $format "$CASE_DIR/contop.$format"
	within "$format: names" "$(grep -ac 'ev.*il' "$CASE_DIR/contop.$format")" 1 10000
done
is "json: reports" "$(of length)" 3
is "json: the containers" "$(of '[.[-1].containers[] | select(.cgroup // "" | test("contop-hostile-"))] | length')" 3
is "json: the inner one's outer" "$(of '[.[-1].containers[] | select(.name | test("^e")) | .outer] | unique |
	map(tostring) | join(" ")')" "null eeeeeeeeeeee"
is "json: processes" "$(of '[.[].processes[] | select(.container == "evil" and (.comm | test("il"))) |
	.comm] | unique | length')" 3
is "csv: columns" "$(grep -a ',containers,' "$CASE_DIR/contop.csv" | tail -n +2 | sed 's/"[^"]*\(""[^"]*\)*"/q/g' |
	awk -F, '{ print NF }' | sort -u | wc -l)" 1

# The screen, in every pane: its own escapes are no letters of color 35.
(
	for key in 1 2 3 4 5 q; do
		sleep 1
		printf %s $key
	done
) | TERM=xterm-256color script -q -c "stty rows 50 cols 200; '$CONTOP' -d 0.5 -P $panes \
	--docker-socket '${DOCKER_HOST#unix://}'" "$CASE_DIR/screen" >/dev/null 2>&1
is "screen: ended" $? 0
within "screen: names" "$(grep -ac 'ev.*il' "$CASE_DIR/screen")" 1 100000
is "screen: foreign escapes" "$(grep -acP '\e\[35mev|\e\]0;t|\xc2\x9b|\xff|\xe2\x80\xae' "$CASE_DIR/screen")" 0
