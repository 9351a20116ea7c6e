# SPDX-License-Identifier: GPL-2.0-or-later
# Live tests of other runtimes than Docker, shared parts: a mount namespace in
# which /run and /var/lib are a case's own, so that runtimes can use their usual
# places, contop included.  A case sources this file instead of lib.sh.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What contop is told is the host's: the first process' files are those of the namespace.
# shellcheck disable=SC2016
PRIVATE_MOUNTS='
	set -e
	dir=$1
	mount --make-rprivate /
	mount -t tmpfs none /run
	mkdir -p /run/lock "$dir/var-lib" "$dir/proc" "$dir/first"
	mount --bind "$dir/var-lib" /var/lib
	mount --rbind /proc "$dir/proc"
	for file in cgroup mountinfo ns stat status comm; do
		ln -s "/proc/1/$file" "$dir/first/$file"
	done
	ln -s / "$dir/first/root"
	mount --bind "$dir/first" "$dir/proc/1"
	: >"$dir/mounted"
	exec sleep 3600'

# private_begin PROGRAM...: case_begin, where all these programs are
private_begin() {
	local tool

	for tool; do
		command -v "$tool" >/dev/null || skip "no $tool"
	done
	case_begin
	unshare -m sh -c "$PRIVATE_MOUNTS" sh "$CASE_DIR" 2>"$CASE_DIR/private.log" &
	PRIVATE=$!
	CHILDREN+=("$PRIVATE")
	wait_until 10 test -e "$CASE_DIR/mounted" || skip "no mounts: $(cat "$CASE_DIR/private.log")"
	PRIVATE_CONTOP=$CONTOP
	cat >"$CASE_DIR/contop" <<-END
		#!/bin/sh
		exec nsenter -t $PRIVATE -m "$PRIVATE_CONTOP" --procfs "$CASE_DIR/proc" "\$@"
	END
	chmod +x "$CASE_DIR/contop"
	CONTOP=$CASE_DIR/contop
}

# private_end STATUS CGROUP...: case_end, and the directories of cgroups that runtimes left
private_end() {
	local status=$1 cgroup
	shift

	for cgroup; do
		wait_until 3 remove_cgroups "$cgroup"
	done
	(exit "$status")
	case_end
}

# Those that are still in use stay, and make it fail.
# shellcheck disable=SC2317
remove_cgroups() {
	local directory

	find /sys/fs/cgroup -maxdepth 2 -type d -name "$1" | while read -r directory; do
		find "$directory" -depth -type d -delete || return 1
	done 2>/dev/null
}

in_private() {
	nsenter -t "$PRIVATE" -m "$@"
}

# row ID FIELD: the different values of a container by its id, null included
row() {
	column containers "(.id // \"\") == \"$1\"" "$2"
}

# is_container WHAT ID FIELD VALUE...
is_container() {
	local what=$1 id=$2
	shift 2
	while [ $# -gt 1 ]; do
		is "$what: $1" "$(row "$id" "$1")" "$2"
		shift 2
	done
}

# is_recent WHAT ID SINCE: it started between then and now
is_recent() {
	within "$1: started" "$(row "$2" started)" "$(($3 - 1))" "$(date +%s)"
}
