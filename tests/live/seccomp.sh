#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A profile of what a container has called: it runs again under that, and what it
# did not call is refused.
. "$(dirname "$0")/lib.sh"
case_begin

profile=$CASE_DIR/profile.json
work='echo some words >/tmp/file; cat /tmp/file; rm /tmp/file; ls /bin; sleep 0.2; (exit 3)'

# workload NAME OPTIONS...: prints what it wrote and how it ended
workload() {
	local name=$1

	shift
	docker run --rm --name "$name" "$@" bb busybox sh -c "$work" 2>&1
	echo "status $?"
}

"$CONTOP" -P syscalls --seccomp 'recorded*' --docker-socket "${DOCKER_HOST#unix://}" \
	>"$profile" 2>"$CASE_DIR/contop.err" &
CONTOP_PID=$!
CONTOPS+=("$CONTOP_PID")
wait_until 20 has_begun "$CONTOP_PID" || die "contop does not begin"
expected=$(workload recorded1)
# One that never returns from its last call.
docker run -d --name recorded2 bb sleep 1000 >/dev/null
sleep 1.2
is "output so far" "$(wc -c <"$profile")" 0
contop_stop "$CONTOP_PID" INT

is "default action" "$(jq -r .defaultAction "$profile")" SCMP_ACT_ERRNO
is "what is allowed" "$(jq -r '.syscalls | map(.action) | join(" ")' "$profile")" SCMP_ACT_ALLOW
for name in execve exit_group getdents64 unlink write; do
	is "$name" "$(jq --arg name $name '.syscalls[].names | index($name) != null' "$profile")" true
done
is "utimensat" "$(jq '.syscalls[].names | index("utimensat")' "$profile")" null
is "the same again" "$(workload again --security-opt "seccomp=$profile")" "$expected"
docker run -d --name waits --security-opt "seccomp=$profile" bb sleep 1000 >/dev/null
sleep 0.3
is "one that waits" "$(docker inspect -f '{{.State.Running}}' waits)" true

touch='busybox touch /bin/busybox && echo touched'
is "not recorded, with Docker's own profile" "$(docker run --rm bb sh -c "$touch")" touched
refused=$(docker run --rm --security-opt "seccomp=$profile" bb sh -c "$touch" 2>&1)
is "not recorded, with this one" "${refused##*: }" "Operation not permitted"

"$CONTOP" -n 1 -d 0.2 --seccomp none-of-these >"$profile" 2>"$CASE_DIR/none.err"
is "no such container" "$?" 1
is "what it says" "$(cut -d: -f1-2 "$CASE_DIR/none.err")" "contop: --seccomp none-of-these"
is "no profile" "$(wc -c <"$profile")" 0
