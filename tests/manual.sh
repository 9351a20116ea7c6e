#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual names every option and column that the program has, and no others.

program=${CONTOP:-./contop}
manual=${srcdir:-.}/man/contop.8
settings=${srcdir:-.}/man/contoprc.5
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0

# compare WHAT PROGRAM-LIST MANUAL-LIST: both one entry per line, in any order
compare() {
	if ! [ -s "$2" ]; then
		echo "FAIL: the program lists no $1"
		failed=1
		return
	fi
	sort "$2" >"$work/program"
	sort "$3" >"$work/manual"
	if diff -u "$work/program" "$work/manual"; then
		echo "ok: $1: $(wc -l <"$work/program") in the program and in the manual"
	else
		echo "FAIL: $1: - is of the program, + of the manual"
		failed=1
	fi
}

# Lines of a section of the manual.
section() {
	awk -v name="$1" '/^\.Sh / { inside = substr($0, 5) == name; next } inside' "$manual"
}

# "-d --delay SECS" for each option.
"$program" --help | sed -n 's/^  *\(-[^ ]*,\{0,1\} .*\)/\1/p' | awk '{
	out = $1; sub(/,/, "", out)
	n = 2
	if ($1 ~ /,$/) out = out " " $(n++)
	if ($n ~ /^[A-Z]+$/) out = out " " $n
	print out }' >"$work/options"
section OPTIONS | sed -n 's/^\.It Fl //p' | awk '{
	# "d Ar SECS , Fl -delay Ar SECS" or "-memory Ar SIZE"
	split($0, part, / , Fl /)
	last = part[2] ? part[2] : part[1]
	split(last, word, / Ar /)
	out = "-" word[1]
	if (word[2]) out = out " " word[2]
	if (part[2]) {
		split(part[1], short, / Ar /)
		out = "-" short[1] " " out
		if (short[2] != word[2]) out = out " but " short[2]
	}
	print out }' >"$work/options.manual"
compare options "$work/options" "$work/options.manual"

"$program" -P no-such-pane 2>&1 >/dev/null | sed 's/.* //' | tr , '\n' >"$work/panes"
section COLUMNS | sed -n 's/^\.Ss //p' >"$work/panes.manual"
compare panes "$work/panes" "$work/panes.manual"

# "name TITLE" for each column.
while read -r pane; do
	"$program" -F help -P "$pane" | awk '/^  / { print $1, $2 }' >"$work/columns"
	section COLUMNS |
		awk -v pane="$pane" '/^\.Ss / { inside = $2 == pane; next } inside' |
		sed -n 's/^\.It Cm \([^ ]*\) Pq \(.*\)/\1 \2/p' >"$work/columns.manual"
	compare "columns of $pane" "$work/columns" "$work/columns.manual"
done <"$work/panes"

# "SECTION NAME" for each setting.
"$program" --config help | awk '/^  / { print $1, $2 }' >"$work/settings"
awk '/^\.Sh / { inside = $2 == "SETTINGS" } inside && /^\.Ss / { name = $2 }
	inside && /^\.It Cm / { print name, $3 }' "$settings" >"$work/settings.manual"
compare settings "$work/settings" "$work/settings.manual"

# Which other manuals are installed here says nothing of this one.
if command -v mandoc >/dev/null; then
	mandoc -T lint "$manual" "$settings" 2>/dev/null | grep -v 'referenced manual not found' >"$work/lint"
	if [ -s "$work/lint" ]; then
		cat "$work/lint"
		failed=1
	else
		echo "ok: mandoc has nothing to say"
	fi
else
	echo "mandoc is not here: the manual's markup was not checked"
fi
exit $failed
