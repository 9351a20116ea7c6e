# SPDX-License-Identifier: GPL-2.0-or-later
# Compares what contop reported with what the loads did: $reports and $loads are
# their lines, $slow those of the run that told what is slow, $files the other texts by
# name, $ids the ids of containers by name,
# $fallback tells that hooks of first choice were off,
# $first is the number of the first report with loads, $kernel is [MAJOR, MINOR].
# Prints a line for each check and each thing that is wrong.

def load($name): $loads[] | select(.name == $name);
def report($name): load($name).report;

# The sum of a number over rows; null as soon as one is not known.
def sum(f): map(f) | if any(. == null) then null else add // 0 end;

def of_container($id): select((.id // "") | startswith($id[0:12]));
def rows($pane; $id): [$reports[] | .[$pane][]? | of_container($id)];

def is($what; $got; $want):
	if $got == $want then empty else "\($what): \($got) instead of \($want)" end;
def within($what; $got; $least; $most):
	if $got != null and $got >= $least and $got <= $most then empty
	else "\($what): \($got) is not within \($least) and \($most)" end;

# Without its load there may be nothing to compare with.
def check($name; wrong): { name: $name, wrong: [try wrong catch "no comparison: \(.)"] };

# The load itself must have worked.
def worked($names):
	$names[] | . as $name | [load($name)] |
	if length == 0 then "no load \($name)"
	else .[] | select(.status != 0 or .report == null or .error != "") |
		"load \(.name): status \(.status), \(.error)" end;

# ---- system calls

def calls($id; $name): [rows("syscalls"; $id)[] | select(.syscall == $name)];

def system_calls($name):
	load($name) | .container as $id | .report as $did |
	is("getppid"; calls($id; "getppid") | sum(.count); $did.getppid),
	is("close"; calls($id; "close") | sum(.count); $did.close),
	is("errors of close"; calls($id; "close") | sum(.errors); $did.errors),
	is("calls of the container"; rows("containers"; $id) | sum(.syscalls);
		$did.getppid + $did.close + $did.other),
	is("sum of its rows"; rows("syscalls"; $id) | sum(.count);
		$did.getppid + $did.close + $did.other),
	is("errors of the container"; rows("containers"; $id) | sum(.errors); $did.errors);

def top_error:
	load("errors") | .report as $did | calls(.container; "openat") |
	is("openat"; sum(.count); $did.openat),
	is("errors"; sum(.errors); $did.openat),
	is("top error"; map(select(.errors > 0) | .top_error) | unique; ["ENOENT"]),
	is("with it"; sum(.top_errors); $did.ENOENT);

# The load has measured its own delays as well; a sleep is never too short.
def times:
	load("sleeps") | .report as $did | calls(.container; "nanosleep") |
	is("nanosleep"; sum(.count); $did.nanosleep),
	within("time"; sum(.latency_total_ns); $did.nanosleep * $did.length_ns; $did.sum_ns),
	within("longest"; map(.latency_max_ns) | max; $did.length_ns; $did.max_ns),
	(("latency_p50_ns", "latency_p99_ns") as $percentile |
		within($percentile; map(.[$percentile]) | max; $did.length_ns * 0.8; $did.max_ns));

# Debian's kernels for virtual machines have the 32-bit table, and not that of x32.
def other_tables:
	load("tables") | .report as $did | .container as $id |
	is("32-bit calls"; $did.compat; true),
	is("x32 calls that failed"; $did.x32_errors; $did.getppid),
	((["32:getppid", $did.getppid, 0], ["x32:getppid", $did.getppid, $did.x32_errors],
	 ["32:close", $did.errors, $did.errors], ["32:read", $did.errors, 0],
	 ["32:" + $did.unknown, $did.errors, $did.errors], [$did.unknown, $did.errors, $did.errors],
	 ["getppid", 0, 0], ["close", 0, 0]) as [$name, $count, $errors] |
		is($name; calls($id; $name) | sum(.count); $count),
		is("errors of \($name)"; calls($id; $name) | sum(.errors); $errors)),
	is("bytes of the file"; rows("files"; $id) | sum(.read_bytes); $did.bytes),
	is("calls of the container"; rows("containers"; $id) | sum(.syscalls);
		2 * $did.getppid + 4 * $did.errors + $did.other);

# Before 5.18 operations count when they begin: what is refused at once never does.
def rings:
	load("rings") | .report as $did | .container as $id | ($kernel < [5, 18]) as $old |
	is("nop"; calls($id; "io_uring:nop") | sum(.count); $did.nop),
	is("read"; calls($id; "io_uring:read") | sum(.count);
		if $old then $did.read - $did.errors else $did.read end),
	is("errors of read"; calls($id; "io_uring:read") | sum(.errors);
		if $old then null else $did.errors end);

# Before loads begin: as the kernel's files have it, by its tasks if that is to be.
def processes:
	($files["contop.procs"] // "" | split("\n") | map(select(. != "") / " ")) as $told |
	is("by tasks"; $told | any(. == ["iterator", "task"]); $fallback | not),
	($told[] | select(.[0] != "iterator") | . as [$id, $n] |
		is("processes of \($id[0:12])"; [$reports[$first - 1].containers[] | of_container($id)] |
			map("\(.processes)"); [$n]));

def busy: ["busy1", "busy2", "busy3", "busy4"];

# ---- network

def flows($id; $ends):
	[rows("flows"; $id)[] | select(.local_port == $ends.local_port and
		.remote_port == $ends.remote_port and .local_address == $ends.local_address and
		.remote_address == $ends.remote_address)];

def is_flow($what; $id; $mine; $theirs):
	flows($id; $mine) |
	is("\($what): tx_packets"; sum(.tx_packets); $mine.tx_packets),
	is("\($what): tx_bytes"; sum(.tx_bytes); $mine.tx_bytes),
	is("\($what): rx_packets"; sum(.rx_packets); $theirs.tx_packets),
	is("\($what): rx_bytes"; sum(.rx_bytes); $theirs.tx_bytes);

def column(f): map(f) | unique | map(tostring) | join(" ");

# Before 6.12 a SYN-ACK of IPv6 is not seen where packets leave.
def seen_leaving:
	if .family == 6 and $kernel < [6, 12] then .tx_packets -= 1 | .tx_bytes -= .syn_size
	else . end;

def connection($name; client_sent; server_sent; server_seen):
	load("\($name)_client") as $client | load("\($name)_server") as $server |
	($client.report | client_sent) as $sent | ($server.report | server_sent) as $answer |
	is_flow("client"; $client.container; $sent; $answer),
	is_flow("server"; $server.container; $server.report | server_seen; $sent),
	is("client: comm"; flows($client.container; $sent) | column(.comm); "load"),
	is("server: comm"; flows($server.container; $answer) | column(.comm); "load"),
	is("client: uid"; flows($client.container; $sent) | column(.uid); "0"),
	is("client: retransmits"; flows($client.container; $sent) | sum(.retransmits);
		$sent.retransmits);

# What one end lost, the other never got; and the last answer may be sent once more, when
# the acknowledgement was lost and the client's socket is gone.
def lossy:
	load("lossy_client") as $client | load("lossy_server") as $server |
	flows($client.container; $client.report) |
	is("tx_packets"; sum(.tx_packets); $client.report.tx_packets),
	is("tx_bytes"; sum(.tx_bytes); $client.report.tx_bytes),
	within("rx_packets"; sum(.rx_packets); $client.report.rx_packets;
		$server.report.tx_packets),
	is("retransmits"; sum(.retransmits); $client.report.retransmits),
	within("retransmits"; sum(.retransmits); 1; 10000);

def far:
	load("far_client") as $client | flows($client.container; $client.report) |
	(map(.rtt_us | values) | last) as $rtt | $client.report.rtt_us as $theirs |
	within("TCP_INFO has"; $theirs; 20000; 1000000),
	within("rtt_us"; $rtt; $theirs * 0.9; $theirs * 1.1),
	within("connect_us"; map(.connect_us | values) | last; 20000; 1000000);

def known_ends($name):
	load("\($name)_client") as $client | load("\($name)_server") as $server |
	is("client: direction"; flows($client.container; $client.report) | column(.direction); "out"),
	is("server: direction"; flows($server.container; $server.report) | column(.direction); "in");

# An interval may end before the first packet has reached the other end.
def known_peer: until(length == 0 or .[0].peer; .[1:]) | column(.peer);

def peers($name):
	load("\($name)_client") as $client | load("\($name)_server") as $server |
	is("\($name) client"; flows($client.container; $client.report) | known_peer;
		$server.container[0:12]),
	is("\($name) server"; flows($server.container; $server.report) | known_peer;
		$client.container[0:12]);

def datagrams($name):
	load("\($name)_client") as $client | load("\($name)_server") as $server |
	is_flow("client"; $client.container; $client.report; $server.report),
	is_flow("server"; $server.container; $server.report; $client.report);

def container_is_its_flows($name):
	load($name).container as $id |
	("rx_bytes", "tx_bytes", "rx_packets", "tx_packets") |
	is("\(.) of the container"; . as $field | rows("containers"; $id) | sum(.[$field]);
		. as $field | rows("flows"; $id) | sum(.[$field]));

# ---- disks

def disk($name; $kind):
	load($name) | .container as $id | .report as $did |
	[rows("disks"; $id)[] | select(.major == $did.major and .minor == $did.minor)] |
	# Blocks of the file system that the container touched come with the sync at the end.
	($did.bytes + 65536) as $most |
	within("bytes"; sum(.[$kind + "_bytes"]); $did.bytes; $most),
	within("operations"; sum(.[$kind + "s"]); $did.operations; 4 * $did.operations),
	within("bytes of the container"; rows("containers"; $id) | sum(.[$kind + "_bytes"]);
		$did.bytes; $most),
	# Only the first hook measures it.
	if $fallback then
		is("latencies"; map(.latency_avg_us, .latency_max_us) | unique; [null])
	else empty end,
	is("rows with a wrong latency"; map(select($fallback == false and .[$kind + "s"] > 0 and
		(.latency_avg_us == null or .latency_p50_us == null or .latency_p99_us == null or
		 .latency_max_us == null or .latency_max_us <= 0 or
		 .latency_avg_us > .latency_max_us or .latency_p50_us > .latency_p99_us))) | length; 0);

# Of a device that makes no requests: each operation of the load is one. It has no first
# hook's measures, nor a row, without that hook.
def device($name; $kind):
	load($name) | .container as $id | .report as $did |
	[rows("disks"; $id)[] | select(.major == $did.major and .minor == $did.minor)] |
	if $fallback then is("rows"; .; []) else
		is("bytes"; sum(.[$kind + "_bytes"]); $did.bytes),
		is("operations"; sum(.[$kind + "s"]); $did.operations),
		is("holders"; map(.holders) | unique; [null]),
		is("bytes of the container"; rows("containers"; $id) | sum(.[$kind + "_bytes"]); $did.bytes),
		# One that an interval ends within counts in that, and its time in the next.
		is("a latency"; map(.latency_avg_us) | any; true),
		is("rows with a wrong latency"; map(select(.queue_avg_us != null or
			(.latency_max_us != null and
			 (.latency_max_us <= 0 or .latency_avg_us > .latency_max_us)))) | length; 0)
	end;

# What is below the encryption is nobody's, and not in the counts of anybody.
def volumes:
	def written($device; $holder): [$reports[].disks[] |
		select(.device == $device and .holders == $holder)] | sum(.write_bytes);
	device("volume_write"; "write"), device("volume_read"; "read"),
	if $fallback then is("holders"; [$reports[].disks[].holders] | unique; [null]) else
		is("names"; [$reports[].disks[] | select(.volume) | "\(.device) \(.volume)"] | unique;
			["dm-0 pieces", "dm-1 secret"]),
		is("written to the pieces"; written("dm-0"; "dm-1"); 12 * 1048576),
		is("written to the disk"; written("nvme0n1"; "dm-0"); 12 * 1048576)
	end;

# Of the page cache, to a device without a file system. Without that hook, the path to it has
# the row, with no name, and with what it does for the volume as well.
def raw_writes:
	def of($device; $rows): [$rows[] | select(.device == $device)];
	(if $layout == "v2" or $kernel < [6, 12] then rows("disks"; $ids.raw)
	 else [$reports[].disks[] | select(.id == null and .container == "shared")] end) as $rows |
	if $fallback then
		is("written to the path"; of("259:0"; $rows) | sum(.write_bytes); 12 * 1048576)
	else
		is("written to the disk"; of("nvme0n1"; $rows) | map(select(.holders == null)) |
			sum(.write_bytes); 8 * 1048576),
		is("written to the volume"; of("dm-1"; $rows) | sum(.write_bytes); 4 * 1048576),
		is("of that, from the cache"; of("dm-1"; $rows) | sum(.writeback_bytes); 4 * 1048576)
	end;

# ---- files

def files($name):
	load($name) | .container as $id | .report as $did |
	{ reads: $did.child_reads, read_bytes: $did.child_bytes } as $child |
	($did.files[] | .name as $file | . as $own |
		([rows("files"; $id)[] | select(.path == "/mnt/files/\($file)")] as $rows |
		(("reads", "read_bytes", "writes", "write_bytes") as $key |
			is("\($file): \($key)"; $rows | sum(.[$key]);
				$own[$key] + if $file == "data" then $child[$key] // 0 else 0 end)),
		is("\($file): access"; $rows | column(.access);
			if $file == "direct" then "direct" else "cached" end))),
	# What it says is written to files, too.
	is("other files"; rows("files"; $id) | map(.path | select(startswith("/mnt/files/") | not)) | unique;
		["/tmp/\($name).err", "/tmp/\($name).out"]),
	(("reads", "read_bytes", "writes", "write_bytes") as $key |
		is("\($key) of the container"; rows("containers"; $id) | sum(.["file_" + $key]);
			rows("files"; $id) | sum(.[$key])));

# What the page cache had kept is that of who wrote it, where the kernel knows: by the
# controllers of version 2, or by the memory of version 1, which went with 6.12.
def cached_write($id; $mib):
	[rows("disks"; $id)[]] |
	within("bytes"; sum(.write_bytes); $mib * 1048576 * 0.99; ($mib + 2) * 1048576),
	if $fallback then empty else
		# Some of it the writer itself brings to the disk as it syncs: how much is chance.
		within("bytes of the cache"; sum(.writeback_bytes); 1; ($mib + 2) * 1048576)
	end;

def nobodys($container): [$reports[].disks[] | select(.id == null and .container == $container)];

def cached_writes:
	if $layout == "v2" or $kernel < [6, 12] then
		cached_write($ids.writer1; 32), cached_write($ids.writer2; 64)
	else
		within("shared bytes"; nobodys("shared") | sum(.write_bytes); 96 * 1048576 * 0.99; infinite)
	end,
	within("the host\u0027s bytes"; nobodys("host") | sum(.write_bytes); 0; 2 * 1048576);

# Debian's kernels give perf events to who has CAP_SYS_ADMIN alone: a user has it where "run"
# says so. Without them it is not known.
def major_faults:
	load("faults") | .container as $id | .report as $did |
	(if $user and $kernel >= [5, 11] and $kernel < [7, 2] then null
	 else $did.faults + $did.child_faults end) as $faults |
	within("faults that there were"; $did.faults; 30; 200),
	is("of the container"; [$slow[] | .containers[]? | of_container($id)] |
		sum(.major_faults); $faults),
	is("of processes"; [$slow[] | .processes[]? | of_container($id)] |
		sum(.major_faults); $faults);

# Calls that took long are events.
def slow_calls:
	load("waits") | .report as $did |
	($slow | map(select(.event == "slow_io" and .path))) as $told |
	(["read", "direct", $did.reads], ["write", "direct", $did.writes],
	 ["sync", "synced", $did.syncs]) as [$operation, $file, $n] |
	is($operation; $told | map(select(.operation == $operation and .error == null and
		.path == "/mnt/files/\($file)" and .comm == "load")) | length; $n);

# ---- all of it

def lost: [$reports[$first:][].accuracy | .missed_runs, .lost_events, .flow_map_full, .disk_map_full,
	.syscall_map_full, .file_map_full, .process_map_full | . // 0] | add;

def ended($name; $status): $files[$name + ".status"] // "" | is("exit status"; .; "\($status)\n");

def nothing_left($name):
	($files[$name + ".left"] // "nothing was noted\n") | split("\n") |
	if .[0] | test("^held [1-9]") | not then .[0] else empty end,
	(.[1:][] | select(. != "") | "left: \(.)");

def names:
	[$reports[-1].containers[] | select(.id != null)] |
	is("wrong names"; map(select(.name != .id[0:12] or .runtime != "docker")) | map(.name); []),
	is("containers"; map(.id[0:12]) | sort;
		["calls", "errors", "sleeps", "tables", "rings", "busy1", "busy2", "busy3", "busy4", "server",
		"client", "disk", "files", "waits", "writer1", "writer2", "volume", "memory", "raw"] |
		map($ids[.][0:12]) | sort);

# What --check says of a pane.
def hook_of($pane): $files.check // "" | capture("(?m)^\($pane) +ok, by (?<hook>[^;\n]*)") | .hook;

def expected_hooks:
	($kernel < [5, 11]) as $old |
	is("hook of flows"; hook_of("flows");
		if $old or $fallback then "cgroup_skb without iterator" else "cgroup_skb" end),
	is("hook of disks"; hook_of("disks"); if $fallback then "block_rq_complete" else "block_rq" end),
	is("hook of system calls"; hook_of("syscalls");
		(if $kernel >= [7, 2] then "tp/sys_exit"
		elif $old then "tp_btf/sys_exit per CPU"
		elif $fallback or $kernel < [6, 2] then "tp_btf/sys_exit untyped"
		else "tp_btf/sys_exit" end) + ", io_uring"),
	is("hook of containers"; hook_of("containers");
		if $fallback then "cgroup file system" else "cgroup_mkdir" end),
	is("hook of events"; hook_of("events");
		if $old and $layout != "v2" then "tp_btf/sched_process_exec without connections"
		elif $kernel >= [7, 2] and $layout == "v2" or $old or $fallback then
			"tp/inet_sock_set_state"
		else "tp_btf/inet_sock_set_state" end | . + ", slow files");

# All panes work, but for those that the fallback has no second hook for.
def hooks: $files.check // "" |
	(if $fallback then ["hints"] else [] end) as $without |
	is("panes that do not work"; [scan("(?m)^([a-z]+) +no: ") | .[0]]; $without),
	is("exit status"; $files["check.status"]; if $without == [] then "0\n" else "1\n" end);

def hints($container; $kind; $direction; $what): [rows("hints"; $ids[$container])[] |
	select(.kind == $kind and .direction == $direction and .what == $what)];

def names_in_packets:
	(["client", "out"], ["server", "in"]) as [$container, $direction] |
	hints($container; "dns"; $direction; "dns.test") as $dns |
	is("DNS, \($container)"; $dns | sum(.count); 3),
	is("its errors"; $dns | sum(.errors); 3),
	is("its error"; $dns | map(.error | values) | unique; ["NXDOMAIN"]),
	is("its time"; $dns | map(.latency_max_us | values) | max > 0; true),
	is("TLS, \($container)"; hints($container; "tls"; $direction; "tls.test") | sum(.count); 1);

def all_tests:
	check("check"; hooks, expected_hooks,
		is("layout"; $files.check // "" | capture("cgroups +(?<layout>.*)").layout; $layout)),
	check("names"; names),
	check("processes"; processes),
	check("syscalls"; worked(["calls"]), system_calls("calls")),
	check("top error"; worked(["errors"]), top_error),
	check("times of calls"; worked(["sleeps"]), times),
	check("other tables"; worked(["tables"]), other_tables),
	check("io_uring"; worked(["rings"]), rings),
	check("busy CPU"; worked(busy), (busy[] | system_calls(.))),
	(("tcp4", "tcp6") as $name | check($name;
		worked([$name + "_client", $name + "_server"]),
		connection($name; .; .; seen_leaving), known_ends($name))),
	(("udp4", "udp6") as $name | check($name;
		worked([$name + "_client", $name + "_server"]), datagrams($name), known_ends($name))),
	check("lossy line"; worked(["lossy_client", "lossy_server"]), lossy),
	check("long line"; worked(["far_client", "far_server"]), far),
	check("names in packets"; if $fallback then empty else names_in_packets end),
	check("peers"; peers("tcp4", "tcp6", "udp4", "udp6")),
	check("older connection"; worked(["old_client", "old_server"]),
		# The handshake was before: SYN and its last ACK out, SYN-ACK in.
		connection("old"; .tx_packets -= 2 | .tx_bytes -= .syn_size + .ack_size;
			.tx_packets -= 1 | .tx_bytes -= .syn_size;
			.tx_packets -= 1 | .tx_bytes -= .syn_size)),
	check("container's traffic"; container_is_its_flows("tcp4_client", "tcp4_server")),
	check("disk write"; worked(["disk_write"]), disk("disk_write"; "write")),
	check("disk read"; worked(["disk_read"]), disk("disk_read"; "read")),
	check("volumes"; worked(["volume_write", "volume_read"]), volumes),
	check("memory"; worked(["memory_write", "memory_read"]),
		device("memory_write"; "write"), device("memory_read"; "read")),
	check("raw writes"; raw_writes),
	check("files"; worked(["files"]), files("files")),
	check("cached writes"; cached_writes),
	check("major faults"; worked(["faults"]), major_faults),
	check("slow calls"; worked(["waits"]), slow_calls, ended("slow"; 0),
		is("standard error"; $files["slow.err"]; ""), nothing_left("slow")),
	check("clock set back"; [$reports[].time] |
		is("jumps"; [.[:-1], .[1:]] | transpose | map(select(.[1] < .[0] - 3600)) | length; 1),
		is("intervals that are none"; [$reports[] | select(.interval <= 0)] | length; 0)),
	# Issues of requests can be preempted from 7.0 on, and then those of others on that CPU
	# are missed: told, and made good for when the request ends.
	check("nothing lost"; within("events"; lost; 0; if $kernel >= [7, 0] then 100 else 0 end)),
	# Its budget, and what hints take beside it.
	check("memory in the kernel"; $files["contop.memory"] // "" | split("\n") |
		within("for CPUs \(.[1])"; .[0] | tonumber; 1048576; (64 + 6) * 1048576)),
	check("end"; ended("contop"; 0), is("standard error"; $files["contop.err"]; ""),
		nothing_left("contop")),
	check("kill"; ended("killed"; 137), nothing_left("killed"));

# No call is missed; of what else is traced, from 7.0 on the start of a program may be, and
# is told.
def preempt_tests:
	check("busy CPU"; worked(busy), (busy[] | system_calls(.)),
		within("events lost"; lost; 0; if $kernel >= [7, 0] then 10 else 0 end));

# The program may not see all, but then it says so.
def missing_tests:
	([busy[] | report(.) | .getppid + .close + .other] | add) as $did |
	([busy[] | load(.).container as $id | rows("containers"; $id)[]] | sum(.syscalls)) as $seen |
	check("missed runs are told"; worked(busy), within("\($seen) seen and \(lost) missed";
		$seen + lost; $did; infinite),
		within("seen"; $seen; 1; $did));

# All panes are told, each with the reason; nothing is counted, and one line says that.
def check_tests:
	check("reasons"; [$files.check | scan("(?m)^([a-z]+) +(?:no: |ok, by )(.*)$")] |
		is("panes"; length; 9),
		is("those that work"; map(select(.[1] | test("the kernel is locked down [(]confidentiality[)]") | not)) |
			map(.[0]); [])),
	check("end"; ended("check"; 2), ended("contop"; 1),
		is("standard error"; $files["contop.err"] | test("^contop: [^\n]*locked down[^\n]*\n$"); true));

if $test == "all" then all_tests elif $test == "check" then check_tests elif $test == "preempt" then preempt_tests else missing_tests end |
if .wrong == [] then "ok \(.name)" else "not ok \(.name)", (.wrong[] | "#   \(.)") end
