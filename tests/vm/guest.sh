#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The first process of a guest: lays out the cgroups as the kernel's command line
# says (layout=v2, hybrid or v1), runs loads in containers while contop counts, and
# writes all that came of it to the second disk.  What it means is for checks.jq.

export PATH=/xbin:/bin HOME=/root LC_ALL=C
IP=/xbin/ip			# by their names alone, the shell would take busybox's
TC=/xbin/tc
RESULTS=/results
LAYOUT=v2
TEST=all
RIGHTS=				# capabilities of contop's file, for a user who is not root; else it is root

start_system() {
	mount -t proc none /proc
	mount -t sysfs none /sys
	mount -t devtmpfs none /dev
	mount -t tmpfs none /tmp
	mount -t tmpfs none /run
	mount -t tracefs none /sys/kernel/tracing
	mount -t securityfs none /sys/kernel/security
	read -r words </proc/cmdline
	for word in $words; do
		case $word in
		layout=*) LAYOUT=${word#*=} ;;
		test=*) TEST=${word#*=} ;;
		rights=*) RIGHTS=${word#*=} ;;
		hooks_off=*) export CONTOP_HOOKS_OFF="${word#*=}" ;;
		esac
	done
	for module in /modules/*; do
		insmod "$module"
	done
	$IP link set lo up
	wait_until 10 test -b /dev/vdb
	wait_until 10 test -b /dev/nvme0n1
	# Else the times of the file would be written in between.
	mount -t ext4 -o noatime,lazytime /dev/vda /mnt
}

# wait_until SECONDS COMMAND...
wait_until() {
	end=$(($(cut -d. -f1 /proc/uptime) + $1))
	shift
	while ! "$@"; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt $end ] || return 1
		usleep 50000
	done
}

say() {
	echo "# $(cut -d' ' -f1 /proc/uptime) $*"
}

# Ends the guest: what there is by now goes to the host.
finish() {
	say "done"
	echo >"$RESULTS/end"
	tar -c -f /dev/vdb -C "$RESULTS" .
	sync
	poweroff -f
}

give_up() {
	say "$*"
	echo "$*" >"$RESULTS/gave-up"
	finish
}

# ---- cgroups, as Docker lays them out

mount_v2() {
	mkdir -p "$1"
	mount -t cgroup2 none "$1"
}

mount_v1() {
	mount -t tmpfs none /sys/fs/cgroup
	for controllers in cpu,cpuacct blkio memory pids devices freezer name=systemd; do
		dir=/sys/fs/cgroup/${controllers#name=}
		options=$controllers
		[ "$options" != name=systemd ] || options=none,name=systemd
		mkdir "$dir"
		# Debian's kernels from 6.12 on have no memory controller of version 1.
		mount -t cgroup -o "$options" none "$dir" 2>/dev/null || rmdir "$dir"
	done
}

delegate() {
	for controller in io memory pids cpu; do
		echo "+$controller" >"$1/cgroup.subtree_control"
	done
}

start_cgroups() {
	case $LAYOUT in
	v2)
		mount_v2 /sys/fs/cgroup
		delegate /sys/fs/cgroup
		mkdir /sys/fs/cgroup/docker
		delegate /sys/fs/cgroup/docker
		;;
	hybrid)
		mount_v1
		mount_v2 /sys/fs/cgroup/unified
		;;
	v1)
		mount_v1
		;;
	esac
	for container in calls errors sleeps tables rings busy1 busy2 busy3 busy4 server client \
			disk files waits writer1 writer2 volume memory raw; do
		# shellcheck disable=SC2046
		mkdir -p $(directories_of $container)
	done
	grep cgroup /proc/self/mounts >/tmp/mounts
}

# The id of a container, by a name of ours.
id_of() {
	echo "$1" | sha256sum | cut -c1-64
}

# The directories of a container. As runc does, those of version 1 only where there are any.
directories_of() {
	if [ "$LAYOUT" = v2 ]; then
		echo "/sys/fs/cgroup/docker/$(id_of "$1")"
		return
	fi
	for hierarchy in /sys/fs/cgroup/*; do
		case $hierarchy in
		*/unified) ;;
		*) echo "$hierarchy/docker/$(id_of "$1")" ;;
		esac
	done
}

# inside CONTAINER COMMAND...: becomes the command there
inside() {
	container=$1
	shift
	exec sh -c 'for directory in $1; do echo $$ >$directory/cgroup.procs; done; shift; exec "$@"' \
		sh "$(directories_of "$container")" "$@"
}

# ---- loads

# start NAME CONTAINER COMMAND...: in the background; waits until it is ready
start() {
	name=$1
	shift
	echo "$1" >"/tmp/$name.container"
	(inside "$@") >"/tmp/$name.out" 2>"/tmp/$name.err" &
	eval "PID_$name=$!"
	wait_until 60 grep -q ready "/tmp/$name.err" ||
		give_up "load $name is not ready: $(cat "/tmp/$name.err")"
}

go() {
	for name; do
		eval "kill -USR1 \$PID_$name"
	done
}

# collect NAME...: waits for their ends; a line for each, or for each process of it
collect() {
	for name; do
		eval "wait \$PID_$name"
		status=$?
		if [ ! -s "/tmp/$name.out" ]; then
			echo null >"/tmp/$name.out"
		fi
		while read -r report; do
			printf '{"name":"%s","container":"%s","status":%d,"error":"%s","report":%s}\n' \
				"$name" "$(id_of "$(cat "/tmp/$name.container")")" $status \
				"$(grep -v '^ready$' "/tmp/$name.err" | tr -d '"\134' | tr '\n' ' ')" "$report"
		done <"/tmp/$name.out" >>"$RESULTS/loads.json"
	done
}

# Two ends of a wire, each in its own network namespace, which know each other's address
# beforehand: no packets but those of the loads.
start_network() {
	mkdir -p /run/netns
	for i in 0 1; do
		$IP netns add "n$i"
	done
	$IP link add v0 netns n0 type veth peer name v0 netns n1
	for i in 0 1; do
		in_network "$i" sh -c "
			echo 0 >/proc/sys/net/ipv4/tcp_sack
			echo 0 >/proc/sys/net/ipv6/conf/v0/accept_ra
			echo 0 >/proc/sys/net/ipv6/conf/v0/router_solicitations
			$IP link set lo up
			$IP link set v0 addrgenmode none multicast off address 02:00:00:00:00:0$i up
			$IP addr add 10.0.0.$i/24 dev v0
			$IP addr add fd00::$i/64 dev v0 nodad
			for address in 10.0.0.$((1 - i)) fd00::$((1 - i)); do
				$IP neigh replace \$address dev v0 nud permanent \
					lladdr 02:00:00:00:00:0$((1 - i))
			done"
	done
}

in_network() {
	i=$1
	shift
	nsenter "--net=/run/netns/n$i" "$@"
}

# server NAME ARGUMENTS..., client NAME ARGUMENTS...: in the containers of these names
server() {
	name=$1
	shift
	start "$name" server nsenter --net=/run/netns/n1 load "$@"
}

client() {
	name=$1
	shift
	start "$name" client nsenter --net=/run/netns/n0 load "$@"
}

# ---- contop

reports() {
	wc -l <"$RESULTS/$1.json"
}

has_reports() {
	[ "$(reports "$1")" -ge "$2" ]
}

# What is looked at; the column has calls timed.
LOOK="-P containers,flows,disks,syscalls,files,hints -F latency_max_ns"

# contop_start NAME [VARIABLE=VALUE]: in the background; several may start at once.
contop_start() {
	# shellcheck disable=SC2086
	env ${2:+"$2"} $AS contop -b -o json -d 0.5 $LOOK >"$RESULTS/$1.json" 2>"$RESULTS/$1.err" &
	eval "PID_$1=$!"
}

# A program with rights of its own, in a file system that can note them.
lend_rights() {
	AS=
	[ -n "$RIGHTS" ] || return
	AS="/xbin/setpriv --reuid 65534 --regid 65534 --clear-groups"
	cp /xbin/contop /tmp/contop
	chmod 755 / /xbin /tmp /tmp/contop
	setcap "$RIGHTS+ep" /tmp/contop || give_up "no file capabilities"
	export PATH="/tmp:$PATH"
}

# Returns after its first report.
contop_ready() {
	wait_until 100 has_reports "$1" 1 ||
		give_up "contop does not report: $(cat "$RESULTS/$1.err")"
}

# contop_next NAME: returns after one more whole interval
contop_next() {
	wait_until 60 has_reports "$1" $(($(reports "$1") + 2)) ||
		give_up "contop does not report any more"
}

# contop_end NAME SIGNAL
contop_end() {
	eval "pid=\${PID_$1}"
	# shellcheck disable=SC2154
	hold "$pid" >"/tmp/$1.held"
	kernel_memory "$pid" >"$RESULTS/$1.memory"
	bpftool prog show 2>/dev/null | grep -o '.*recursion_misses.*' >"$RESULTS/$1.missed"
	kill "-$2" "$pid"
	wait "$pid"
	echo $? >"$RESULTS/$1.status"
}

# What a process has in the kernel: lines of kind and id.
hold() {
	for kind in prog map link; do
		cat "/proc/$1/fdinfo/"* 2>/dev/null | sed -n "s/^${kind}_id:[^0-9]*/$kind /p"
	done | sort -u
}

# Bytes of a process' maps in the kernel, each once, and for how many CPUs.
kernel_memory() {
	cat "/proc/$1/fdinfo/"* 2>/dev/null | awk '
		/^memlock:/ { size = $2 }
		/^map_id:/ && !seen[$2]++ { sum += size }
		END { print sum + 0 }'
	cat /sys/devices/system/cpu/possible
}

# By the kernel's files, how many processes containers have; and what contop lists.
processes() {
	for container in calls rings server client disk; do
		# shellcheck disable=SC2046
		set -- $(directories_of $container)
		echo "$(id_of $container) $(wc -l <"$1/cgroup.procs")"
	done
	# shellcheck disable=SC2154
	cat "/proc/$PID_contop/fdinfo/"* 2>/dev/null |
		sed -n 's/^target_name:[^a-z]*/iterator /p' | sort -u
}

# All programs, maps and links in the kernel.
objects() {
	for kind in prog map link; do
		bpftool $kind show | sed -n "s/^\([0-9]*\):.*/$kind \1/p"
	done
}

is_clean() {
	objects >/tmp/objects
	! grep -q -x -F -f "/tmp/$1.held" /tmp/objects
}

# left NAME: what is still there of what contop held, after a while; the first line
# tells how much it was
left() {
	echo "held $(grep -c prog "/tmp/$1.held") programs, $(grep -c . "/tmp/$1.held") objects"
	if ! command -v bpftool >/dev/null; then
		echo "no bpftool"
		return
	fi
	wait_until 10 is_clean "$1" || grep -x -F -f "/tmp/$1.held" /tmp/objects
	grep cgroup /proc/self/mounts | diff /tmp/mounts - | grep '^[<>]'
}

check() {
	$AS contop --check >"$RESULTS/check" 2>"$RESULTS/check.err"
	status=$?
	[ $status = 0 ] || CONTOP_DEBUG=1 $AS contop --check >/dev/null 2>"$RESULTS/debug"
	echo $status >"$RESULTS/check.status"
}

# ---- tests

# Several threads that do nothing but system calls share a CPU: busy_start CALLS
busy_start() {
	for i in 1 2 3 4; do
		start "busy$i" "busy$i" taskset 2 load --wait syscalls $(($1 + i)) 0
	done
}

busy_end() {
	go busy1 busy2 busy3 busy4
	collect busy1 busy2 busy3 busy4
}

start_old_loads() {
	start calls calls load --wait syscalls 20011 1009
	start errors errors load --wait errors 503 101
	start sleeps sleeps load --wait sleeps 7 90
	start tables tables load --wait tables 2003 101
	start rings rings load --wait uring 1009 103 53
	busy_start 20000
	server old_server tcp-server 10.0.0.1 5000
	client old_client --wait-connected tcp-client 10.0.0.1 5000 1000003
}

run_network_loads() {
	server tcp4_server tcp-server 0.0.0.0 5004
	server tcp6_server tcp-server :: 5006
	server udp4_server udp-server 10.0.0.1 5014 503 512
	server udp6_server --echo udp-server fd00::1 5016 301 1400
	client tcp4_client --wait tcp-client 10.0.0.1 5004 3000017
	client tcp6_client --wait tcp-client fd00::1 5006 3000017
	client udp4_client --wait udp-client 10.0.0.1 5014 503 512
	client udp6_client --wait --echo udp-client fd00::1 5016 301 1400
	go old_client tcp4_client tcp6_client udp4_client udp6_client
	for name in old tcp4 tcp6 udp4 udp6; do
		collect ${name}_client ${name}_server
	done
}

# The client's packets are lost now and then, or take 20 ms: netem(8).
run_lines() {
	# By the packet: of bundles there are so few that none may be lost.
	in_network 0 $IP link set v0 gso_max_segs 1
	in_network 0 $TC qdisc add dev v0 root netem loss 2% || give_up "no netem"
	server lossy_server tcp-server 0.0.0.0 5024
	client lossy_client --wait tcp-client 10.0.0.1 5024 1000003
	go lossy_client
	collect lossy_client lossy_server
	in_network 0 $TC qdisc change dev v0 root netem delay 20ms || give_up "no delay"
	server far_server tcp-server 0.0.0.0 5025
	client far_client --wait tcp-client 10.0.0.1 5025 50021
	go far_client
	collect far_client far_server
	in_network 0 $TC qdisc del dev v0 root
}

listens() {
	in_network 1 cat /proc/net/tcp /proc/net/tcp6 | grep -q ":$(printf %04X "$1") [0-9A-F:]* 0A "
}

# send PORT FILE: from one container to the other, which answers what it gets
send() {
	(inside server nsenter --net=/run/netns/n1 nc -l -p "$1" -e /tmp/answer) &
	answering=$!
	wait_until 20 listens "$1" || give_up "nobody listens at $1"
	(inside client nsenter --net=/run/netns/n0 nc 10.0.0.1 "$1") <"$2" >/dev/null
	wait "$answering"
}

# A query of DNS for dns.test, whose answer is that there is no such name, and a ClientHello
# for tls.test.
run_names() {
	question='\000\001\000\000\000\000\000\000\003dns\004test\000\000\001\000\001'
	# shellcheck disable=SC2059
	printf "\000\032\001\002\001\000$question" >/tmp/query
	cat >/tmp/answer <<-END
		#!/bin/sh
		head -c 28 >/dev/null
		printf "\000\032\001\002\201\203$question"
	END
	chmod 755 /tmp/answer
	printf '\026\003\001\000\100\001\000\000\074\003\0030123456789abcdef0123456789abcdef' >/tmp/hello
	printf '\000\000\002\023\001\001\000\000\021\000\000\000\015\000\013\000\000\010tls.test' >>/tmp/hello
	for i in 1 2 3; do
		send 53 /tmp/query
	done
	send 443 /tmp/hello
}

run_disk_loads() {
	for kind in write read; do
		start disk_$kind disk load --wait disk-$kind /mnt/file 8
		go disk_$kind
		collect disk_$kind
	done
}

run_file_loads() {
	mkdir /mnt/files
	start files files load --wait files /mnt/files 211
	go files
	collect files
}

# To the page cache, 32 and 64 MiB by two containers at once; we bring it to the disk.
run_cached_writes() {
	writers=
	for i in 1 2; do
		(inside writer$i dd if=/dev/zero of=/mnt/written$i bs=1M count=$((32 * i))) \
			2>/tmp/writer$i.err &
		writers="$writers $!"
	done
	# shellcheck disable=SC2086
	wait $writers || give_up "writers failed: $(cat /tmp/writer?.err)"
	sync
}

is_written() {
	awk '/^(Dirty|Writeback):/ { kb += $2 } END { exit kb > 16 }' /proc/meminfo
}

# write_cached CONTAINER DEVICE MIB: the kernel brings it to the device in its own time
write_cached() {
	# Who closes it last would write it instead.
	exec 9<"$2"
	# What it begins with the kernel has read, to look for partitions, and keeps as the host's.
	(inside "$1" dd if=/dev/zero "of=$2" bs=1M seek=1 count="$3") 2>"/tmp/$1.err" ||
		give_up "cannot write to $2: $(cat "/tmp/$1.err")"
	wait_until 60 is_written || give_up "$2 is not written"
	exec 9<&-
}

# A disk without a file system; upon it, a volume of two pieces, and upon that one that
# is encrypted; compressed memory.
run_devices() {
	echo 20 >/proc/sys/vm/dirty_writeback_centisecs
	echo 50 >/proc/sys/vm/dirty_expire_centisecs
	write_cached raw /dev/nvme0n1 8
	# Before it is anybody's.
	contop_next contop
	# Where the pieces meet, what is read or written is cut in two.
	dmsetup create --noudevsync pieces <<-END || give_up "no device mapper"
		0 8200 linear /dev/nvme0n1 32768
		8200 16376 linear /dev/nvme0n1 0
	END
	dmsetup create --noudevsync secret --table "0 24576 crypt aes-cbc-plain \
		000102030405060708090a0b0c0d0e0f 0 /dev/dm-0 0" || give_up "no encryption"
	for kind in write read; do
		start volume_$kind volume load --wait disk-$kind /dev/dm-1 8
		go volume_$kind
		collect volume_$kind
	done
	write_cached raw /dev/dm-1 4
	echo 16M >/sys/block/zram0/disksize || give_up "no zram"
	for kind in write read; do
		start memory_$kind memory load --wait disk-$kind /dev/zram0 4
		go memory_$kind
		collect memory_$kind
	done
}

# In a run of its own, which tells of each call that goes to the disk and back, and of
# each fault that does.
run_waits() {
	start waits waits load --wait file-waits /mnt/files 53
	start faults waits load --wait faults /mnt/files 101
	LOOK="-c $(id_of waits | cut -c1-12) -P containers,processes,events --slow 0.01 -F major_faults"
	contop_start slow
	contop_ready slow
	go waits faults
	collect waits faults
	contop_next slow
	contop_end slow TERM
}

test_all() {
	check &
	checking=$!
	start_network
	# Blocks that are there already are written without changes to the file system.
	(inside disk load --fsync disk-write /mnt/file 8) >/dev/null
	sync
	start_old_loads
	wait $checking
	say "loads wait"
	contop_start contop
	contop_start killed
	contop_ready contop
	contop_ready killed
	# What one misses while another starts is not what is tested.
	contop_next contop
	processes >"$RESULTS/contop.procs"
	reports contop >"$RESULTS/first"
	say "contop runs"
	run_network_loads
	run_lines
	run_names
	say "network done"
	contop_end killed KILL
	go calls errors tables rings
	collect calls errors tables rings
	go sleeps
	collect sleeps
	busy_end
	say "calls done"
	# Two hours back: nothing that is counted may take notice.
	date -s "@$(($(date +%s) - 7200))" >/dev/null
	run_disk_loads
	run_cached_writes
	run_devices
	say "disk done"
	run_file_loads
	say "files done"
	contop_next contop
	contop_end contop TERM
	run_waits
	say "contop has ended"
	for name in contop killed slow; do
		left $name >"$RESULTS/$name.left"
	done
}

# Where hardly anything works: what is said of it.
test_check() {
	: >"$RESULTS/loads.json"
	check
	contop -b -n 1 -o json >"$RESULTS/contop.json" 2>"$RESULTS/contop.err"
	echo $? >"$RESULTS/contop.status"
}

# Where the kernel preempts itself anywhere.
test_preempt() {
	busy_start 200000
	contop_start contop
	contop_ready contop
	busy_end
	contop_next contop
	contop_end contop TERM
	# The hook that is used where this one cannot be: it does not get them all.
	mv "$RESULTS/loads.json" "$RESULTS/busy.json"
	busy_start 100000
	contop_start missing CONTOP_HOOKS_OFF=tp/sys_exit
	contop_ready missing
	busy_end
	contop_next missing
	contop_end missing TERM
}

start_system
start_cgroups
lend_rights
say "$(uname -r), cgroups $LAYOUT, $TEST"
cp /proc/sys/kernel/osrelease "$RESULTS/release"
test_"$TEST"
finish
