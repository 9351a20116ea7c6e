/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The panes and all their columns, in the order of the screen.  The names are
 * the keys of JSON schema 1.  What is shown by default fits a line of 80.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "container.h"
#include "model.h"
#include "pane.h"
#include "util.h"

/* A count of one pane's events, shown as a rate: its title ends in "/s". */
#define BYTES(row, member) FIELD(row, member), .unit = UNIT_BYTES, .width = 6
#define EVENTS(row, member) FIELD(row, member), .unit = UNIT_EVENTS, .width = 6
#define MICROSECONDS(row, member) FIELD(row, member), .unit = UNIT_MICROSECONDS, .width = 6
#define NANOSECONDS(row, member) FIELD(row, member), .unit = UNIT_NANOSECONDS, .width = 6
#define TIMED .hidden = true, .wishes = WISH_LATENCY	/* calls are, while it is shown */
#define ID_WIDTH CONTAINER_ID_SHORT, .most = 64

/* Whose row it is: the same two columns in all panes but the first. */
#define CONTAINER_COLUMNS(pane_row, cells)							\
	{ .name = "container", .title = "CONTAINER",						\
	  OWNER_FIELD(pane_row, row.container, container, name), .width = cells, .most = 40,	\
	  .help = "Name of the container; host: what runs in none" },				\
	{ .name = "id", .title = "ID", .hidden = true,						\
	  OWNER_FIELD(pane_row, row.container, container, id), .width = ID_WIDTH,		\
	  .help = "Id of the container as its runtime has it" }

static const struct column container_columns[] = {
	{ .name = "name", .title = "NAME", .width = 30, .most = 64,
	  OWNER_FIELD(container_row, row.container, container, name),
	  .help = "Name of the container; host: what runs in none" },
	{ .name = "id", .title = "ID", .width = ID_WIDTH, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, id),
	  .metric = "container_id",
	  .help = "Id of the container as its runtime has it" },
	{ .name = "short_id", .title = "ID", .width = CONTAINER_ID_SHORT, .most = 64, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, short_id),
	  .from = 196, .help = "The first 12 digits of the id; the whole of one that is a name" },
	{ .name = "runtime", .title = "RUNTIME", .width = 10, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, runtime),
	  .metric = "runtime",
	  .from = 182, .help = "What runs it: docker, podman, containerd, systemd and others" },
	{ .name = "image", .title = "IMAGE", .width = 20, .most = 64, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, image),
	  .metric = "image",
	  .from = 110, .help = "Image the container was made from" },
	{ .name = "pod", .title = "POD", .width = 20, .most = 64, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, pod),
	  .metric = "pod",
	  .help = "Kubernetes pod the container belongs to" },
	{ .name = "namespace", .title = "NAMESPACE", .width = 12, .most = 40, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, namespace),
	  .metric = "namespace",
	  .help = "Kubernetes namespace of the pod" },
	{ .name = "compose_project", .title = "PROJECT", .width = 16, .most = 40, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, compose_project),
	  .metric = "compose_project",
	  .help = "Compose project the container belongs to" },
	{ .name = "compose_service", .title = "SERVICE", .width = 16, .most = 40, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, compose_service),
	  .metric = "compose_service",
	  .help = "Compose service the container belongs to" },
	{ .name = "network_mode", .title = "NETWORK", .width = 12, .most = 40, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, network_mode),
	  .metric = "network_mode",
	  .help = "Network as its runtime calls it; host: that of the host" },
	{ .name = "outer", .title = "OUTER", .width = 16, .most = 64, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, outer),
	  .metric = "outer",
	  .help = "Name of the container this one runs in" },
	{ .name = "started", .title = "STARTED", .width = 10, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, started),
	  .metric = "start_time_seconds",
	  .help = "When the container was started, in seconds since 1970" },
	{ .name = "restarts", .title = "RESTARTS", .width = 8, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, restarts),
	  .metric = "restarts_total",
	  .help = "How often its runtime has started the container again" },
	{ .name = "cgroup", .title = "CGROUP", .width = 0, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, cgroup),
	  .metric = "cgroup",
	  .keep_end = true, .help = "Path of the container's control group" },
	{ .name = "state", .title = "STATE", .width = 7, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, state),
	  .help = "Whether the container is running or exited" },
	{ .name = "processes", .title = "PROCS", .width = 5, .unit = UNIT_EVENTS,
	  OWNER_FIELD(container_row, row.container, container, processes),
	  .metric = "processes",
	  .help = "Processes in the container now" },
	{ .name = "io_pressure", .title = "IO%", .width = 4, .hidden = true,
	  OWNER_FIELD(container_row, row.container, container, io_pressure),
	  .wishes = WISH_PRESSURE,
	  .help = "Percent of the time that some task stood still for I/O" },
	{ .name = "rx_bytes", .title = "RX/s", BYTES(container_row, rx_bytes),
	  .metric = "network_receive_bytes_total",
	  .help = "Bytes received over the network, IP headers included" },
	{ .name = "tx_bytes", .title = "TX/s", BYTES(container_row, tx_bytes),
	  .metric = "network_transmit_bytes_total",
	  .help = "Bytes sent over the network, IP headers included" },
	{ .name = "rx_packets", .title = "RXP/s", EVENTS(container_row, rx_packets), .hidden = true,
	  .metric = "network_receive_packets_total",
	  .from = 130, .help = "Packets received, as they were on the wire" },
	{ .name = "tx_packets", .title = "TXP/s", EVENTS(container_row, tx_packets), .hidden = true,
	  .metric = "network_transmit_packets_total",
	  .from = 130, .help = "Packets sent, as they were on the wire" },
	{ .name = "retransmits", .title = "RETR/s", EVENTS(container_row, retransmits),
	  .hidden = true, .metric = "network_retransmits_total",
	  .from = 138, .help = "TCP segments sent again" },
	{ .name = "read_bytes", .title = "READ/s", BYTES(container_row, read_bytes),
	  .metric = "disk_read_bytes_total",
	  .help = "Bytes read from disks" },
	{ .name = "write_bytes", .title = "WRITE/s", BYTES(container_row, write_bytes),
	  .metric = "disk_write_bytes_total",
	  .help = "Bytes written to disks" },
	{ .name = "reads", .title = "R/s", EVENTS(container_row, reads), .hidden = true,
	  .metric = "disk_reads_total",
	  .from = 152, .help = "Read operations of disks" },
	{ .name = "writes", .title = "W/s", EVENTS(container_row, writes), .hidden = true,
	  .metric = "disk_writes_total",
	  .from = 152, .help = "Write operations of disks" },
	{ .name = "file_read_bytes", .title = "FREAD/s", BYTES(container_row, file_read_bytes),
	  .hidden = true, .metric = "file_read_bytes_total",
	  .from = 170, .help = "Bytes read from files, cached or not" },
	{ .name = "file_write_bytes", .title = "FWRITE/s", BYTES(container_row, file_write_bytes),
	  .hidden = true, .metric = "file_write_bytes_total",
	  .from = 170, .help = "Bytes written to files, cached or not" },
	{ .name = "file_reads", .title = "FR/s", EVENTS(container_row, file_reads), .hidden = true,
	  .metric = "file_reads_total",
	  .help = "Reads from files, cached or not" },
	{ .name = "file_writes", .title = "FW/s", EVENTS(container_row, file_writes),
	  .hidden = true, .metric = "file_writes_total",
	  .help = "Writes to files, cached or not" },
	{ .name = "syscalls", .title = "SYSC/s", EVENTS(container_row, syscalls),
	  .metric = "syscalls_total",
	  .help = "System calls" },
	{ .name = "errors", .title = "ERR/s", EVENTS(container_row, errors),
	  .metric = "syscalls_failed_total",
	  .help = "System calls that returned an error" },
};

static const struct column flow_columns[] = {
	CONTAINER_COLUMNS(flow_row, 16),
	{ .name = "protocol", .title = "PROTO", FIELD(flow_row, protocol), .width = 5,
	  .metric = "protocol",
	  .help = "tcp, udp, icmp, icmp6 or the number of the IP protocol" },
	{ .name = "family", .title = "FAMILY", FIELD(flow_row, family), .width = 6, .hidden = true,
	  .help = "ipv4 or ipv6" },
	{ .name = "direction", .title = "DIR", FIELD(flow_row, direction), .width = 3,
	  .metric = "direction",
	  .help = "in: the local end accepted; out: it connected or sent first" },
	{ .name = "local_address", .title = "LOCAL", FIELD(flow_row, local_address), .width = 15,
	  .most = 39, .hidden = true, .from = 152, .help = "Address of the local end" },
	{ .name = "local_port", .title = "LPORT", FIELD(flow_row, local_port), .width = 5,
	  .help = "Port of the local end" },
	{ .name = "remote_address", .title = "REMOTE", FIELD(flow_row, remote_address), .width = 15,
	  .most = 39, .help = "Address of the other end" },
	{ .name = "remote_port", .title = "RPORT", FIELD(flow_row, remote_port), .width = 5,
	  .help = "Port of the other end" },
	{ .name = "real_address", .title = "REAL", FIELD(flow_row, real_address), .width = 15,
	  .most = 39, .hidden = true,
	  .help = "Address of the other end itself, where it was translated (NAT)" },
	{ .name = "real_port", .title = "REALPORT", FIELD(flow_row, real_port), .width = 8,
	  .hidden = true, .help = "Port of the other end itself, where it was translated" },
	{ .name = "service", .title = "SERVICE", FIELD(flow_row, service), .width = 10, .most = 20,
	  .hidden = true, .help = "Name of the port that was connected to, as in /etc/services" },
	{ .name = "peer", .title = "PEER", OWNER_FIELD(flow_row, peer, container, name),
	  .width = 16, .most = 40, .hidden = true, .from = 96, .help = "Container of this host at the other end" },
	{ .name = "state", .title = "STATE", FIELD(flow_row, state), .width = 11, .hidden = true,
	  .from = 120, .help = "State of the TCP connection, as ss(8) calls it" },
	{ .name = "rx_bytes", .title = "RX/s", BYTES(flow_row, rx_bytes),
	  .metric = "receive_bytes_total",
	  .help = "Bytes received, IP headers included" },
	{ .name = "tx_bytes", .title = "TX/s", BYTES(flow_row, tx_bytes),
	  .metric = "transmit_bytes_total",
	  .help = "Bytes sent, IP headers included" },
	{ .name = "rx_packets", .title = "RXP/s", EVENTS(flow_row, rx_packets), .hidden = true,
	  .metric = "receive_packets_total",
	  .from = 180, .help = "Packets received, as they were on the wire" },
	{ .name = "tx_packets", .title = "TXP/s", EVENTS(flow_row, tx_packets), .hidden = true,
	  .metric = "transmit_packets_total",
	  .from = 180, .help = "Packets sent, as they were on the wire" },
	{ .name = "retransmits", .title = "RETR/s", EVENTS(flow_row, retransmits), .hidden = true,
	  .metric = "retransmits_total",
	  .from = 136, .help = "TCP segments sent again" },
	{ .name = "rtt_us", .title = "RTT", MICROSECONDS(flow_row, rtt_us), .hidden = true,
	  .from = 128, .help = "Round-trip time of the TCP connection, smoothed" },
	{ .name = "connect_us", .title = "CONN", MICROSECONDS(flow_row, connect_us), .hidden = true,
	  .help = "Time the connection took to be established" },
	{ .name = "cwnd", .title = "CWND", FIELD(flow_row, cwnd), .width = 5, .hidden = true,
	  .help = "Congestion window of the TCP connection, in segments" },
	{ .name = "resets", .title = "RST/s", EVENTS(flow_row, resets), .hidden = true,
	  .metric = "resets_total",
	  .help = "TCP segments with RST, sent and received" },
	{ .name = "zero_windows", .title = "ZWIN/s", EVENTS(flow_row, zero_windows),
	  .hidden = true, .metric = "zero_windows_total",
	  .help = "TCP segments with a window of zero, sent and received" },
	{ .name = "age_s", .title = "AGE", FIELD(flow_row, age_s), .width = 5, .hidden = true,
	  .from = 188, .help = "Seconds since the flow began; unknown when contop is younger" },
	{ .name = "pid", .title = "PID", FIELD(flow_row, pid), .width = 7, .hidden = true,
	  .from = 108, .help = "Process that made or accepted the socket, or was left with it" },
	{ .name = "ppid", .title = "PPID", FIELD(flow_row, ppid), .width = 7, .hidden = true,
	  .help = "Its parent, when it got the socket" },
	{ .name = "parent", .title = "PARENT", FIELD(flow_row, parent), .width = 10, .most = 15,
	  .hidden = true, .help = "Name of its parent" },
	{ .name = "uid", .title = "UID", FIELD(flow_row, uid), .width = 6, .hidden = true,
	  .help = "User id of the process, as the host sees it" },
	{ .name = "user", .title = "USER", FIELD(flow_row, user), .width = 10, .hidden = true,
	  .from = 164, .help = "Name of that user on the host" },
	{ .name = "gid", .title = "GID", FIELD(flow_row, gid), .width = 6, .hidden = true,
	  .help = "Group id of the process, as the host sees it" },
	{ .name = "group", .title = "GROUP", FIELD(flow_row, group), .width = 10, .hidden = true,
	  .help = "Name of that group on the host" },
	{ .name = "comm", .title = "COMMAND", FIELD(flow_row, comm), .width = 0,
	  .help = "Name of the process" },
	{ .name = "command", .title = "CMDLINE",
	  OWNER_FIELD(flow_row, process, process_row, command), .width = 0, .hidden = true,
	  .help = "Command line of the process" },
	{ .name = "exe", .title = "EXE", OWNER_FIELD(flow_row, process, process_row, exe),
	  .width = 0, .hidden = true, .keep_end = true,
	  .help = "Path of its program, as the process sees it" },
};

static const struct column disk_columns[] = {
	CONTAINER_COLUMNS(disk_row, 18),
	{ .name = "device", .title = "DEVICE", FIELD(disk_row, device), .width = 10, .most = 20,
	  .metric = "device",
	  .help = "Disk or partition as in /dev; major:minor if it has no name" },
	{ .name = "major", .title = "MAJOR", FIELD(disk_row, major), .width = 5, .hidden = true,
	  .help = "Major number of the device" },
	{ .name = "minor", .title = "MINOR", FIELD(disk_row, minor), .width = 7, .hidden = true,
	  .help = "Minor number of the device" },
	{ .name = "read_bytes", .title = "READ/s", BYTES(disk_row, read_bytes),
	  .metric = "read_bytes_total",
	  .help = "Bytes read" },
	{ .name = "write_bytes", .title = "WRITE/s", BYTES(disk_row, write_bytes),
	  .metric = "write_bytes_total",
	  .help = "Bytes written" },
	{ .name = "reads", .title = "R/s", EVENTS(disk_row, reads),
	  .metric = "reads_total",
	  .help = "Read operations" },
	{ .name = "writes", .title = "W/s", EVENTS(disk_row, writes),
	  .metric = "writes_total",
	  .help = "Write operations" },
	{ .name = "direct_write_bytes", .title = "WDIR/s", BYTES(disk_row, direct_write_bytes),
	  .metric = "direct_write_bytes_total",
	  .hidden = true, .from = 120,
	  .help = "Of the bytes written: those that went past the page cache" },
	{ .name = "writeback_bytes", .title = "WBACK/s", BYTES(disk_row, writeback_bytes),
	  .metric = "writeback_bytes_total",
	  .hidden = true, .from = 128,
	  .help = "Of the bytes written: those that the page cache had kept" },
	{ .name = "discard_bytes", .title = "DISCB/s", BYTES(disk_row, discard_bytes),
	  .metric = "discard_bytes_total",
	  .hidden = true, .from = 136, .help = "Bytes discarded" },
	{ .name = "discards", .title = "DISC/s", EVENTS(disk_row, discards), .hidden = true,
	  .metric = "discards_total",
	  .help = "Discard operations" },
	{ .name = "flushes", .title = "FLUSH/s", EVENTS(disk_row, flushes), .hidden = true,
	  .metric = "flushes_total",
	  .from = 112, .help = "Flushes of the device's cache" },
	{ .name = "errors", .title = "ERR/s", EVENTS(disk_row, io_errors), .hidden = true,
	  .metric = "errors_total",
	  .from = 144, .help = "Operations that failed" },
	{ .name = "latency_avg_us", .title = "AVG", MICROSECONDS(disk_row, latency.avg_us),
	  .help = "Average time of an operation in the last interval" },
	{ .name = "latency_p50_us", .title = "P50", MICROSECONDS(disk_row, latency.p50_us),
	  .hidden = true, .from = 88,
	  .help = "Time that half of the last interval's operations kept below" },
	{ .name = "latency_p99_us", .title = "P99", MICROSECONDS(disk_row, latency.p99_us),
	  .help = "Time that 99 of 100 of the last interval's operations kept below" },
	{ .name = "latency_max_us", .title = "MAX", MICROSECONDS(disk_row, latency.max_us),
	  .help = "Longest time of an operation in the last interval" },
	{ .name = "queue_avg_us", .title = "QAVG", MICROSECONDS(disk_row, queue_avg_us),
	  .hidden = true, .from = 96, .help = "Average time that operations waited for the device" },
	{ .name = "queue_max_us", .title = "QMAX", MICROSECONDS(disk_row, queue_max_us),
	  .hidden = true, .from = 104,
	  .help = "Longest time that an operation waited for the device" },
};

static const struct column syscall_columns[] = {
	CONTAINER_COLUMNS(syscall_row, 22),
	{ .name = "pid", .title = "PID", FIELD(syscall_row, pid), .width = 7, .hidden = true,
	  .wishes = WISH_PROCESSES, .help = "Process: with it, each has rows of its own" },
	{ .name = "comm", .title = "COMMAND", FIELD(syscall_row, comm), .width = 15,
	  .hidden = true, .wishes = WISH_PROCESSES, .help = "Its name, likewise" },
	{ .name = "syscall", .title = "SYSCALL", FIELD(syscall_row, syscall), .width = 24,
	  .most = 31, .metric = "syscall",
	  .help = "Its name; 32: of a 32-bit program; io_uring: operation of that" },
	{ .name = "nr", .title = "NR", FIELD(syscall_row, nr), .width = 4, .hidden = true,
	  .help = "Number of the system call, or of io_uring's operation" },
	{ .name = "count", .title = "CALLS/s", EVENTS(syscall_row, count),
	  .metric = "calls_total",
	  .help = "Calls that returned" },
	{ .name = "errors", .title = "ERR/s", EVENTS(syscall_row, errors),
	  .metric = "errors_total",
	  .help = "Calls that returned an error" },
	{ .name = "top_error", .title = "TOPERR", FIELD(syscall_row, top_error), .width = 12,
	  .help = "Error returned most often" },
	{ .name = "top_errors", .title = "TOPERR/s", EVENTS(syscall_row, top_errors),
	  .hidden = true, .from = 90, .help = "Calls that returned that error" },
	{ .name = "latency_total_ns", .title = "TIME/s", NANOSECONDS(syscall_row, latency_ns),
	  TIMED, .help = "Time spent in the calls, waiting included" },
	{ .name = "latency_avg_ns", .title = "AVG", NANOSECONDS(syscall_row, latency_avg_ns),
	  TIMED, .help = "Average time of a call" },
	{ .name = "latency_p50_ns", .title = "P50", NANOSECONDS(syscall_row, latency_p50_ns),
	  TIMED, .help = "Time that half of the calls kept below" },
	{ .name = "latency_p99_ns", .title = "P99", NANOSECONDS(syscall_row, latency_p99_ns),
	  TIMED, .help = "Time that 99 of 100 calls kept below" },
	{ .name = "latency_max_ns", .title = "MAX", NANOSECONDS(syscall_row, latency_max_ns),
	  TIMED, .help = "Longest time of a call" },
};

static const struct column process_columns[] = {
	CONTAINER_COLUMNS(process_row, 20),
	{ .name = "pid", .title = "PID", FIELD(process_row, pid), .width = 7,
	  .help = "Process id, as the host sees it" },
	{ .name = "nspid", .title = "NSPID", FIELD(process_row, nspid), .width = 7, .hidden = true,
	  .from = 160, .help = "Process id, as the container sees it" },
	{ .name = "ppid", .title = "PPID", FIELD(process_row, ppid), .width = 7, .hidden = true,
	  .from = 170, .help = "Process id of the parent, as the host sees it" },
	{ .name = "uid", .title = "UID", FIELD(process_row, uid), .width = 6,
	  .help = "User id, as the host sees it" },
	{ .name = "user", .title = "USER", FIELD(process_row, user), .width = 10, .hidden = true,
	  .from = 92, .help = "Name of the user" },
	{ .name = "rx_bytes", .title = "RX/s", BYTES(process_row, rx_bytes),
	  .help = "Bytes received by sockets that the process made" },
	{ .name = "tx_bytes", .title = "TX/s", BYTES(process_row, tx_bytes),
	  .help = "Bytes sent by sockets that the process made" },
	{ .name = "file_read_bytes", .title = "FREAD/s", BYTES(process_row, file_read_bytes),
	  .hidden = true, .from = 108, .help = "Bytes read from files, cached or not" },
	{ .name = "file_write_bytes", .title = "FWRITE/s", BYTES(process_row, file_write_bytes),
	  .hidden = true, .from = 108, .help = "Bytes written to files, cached or not" },
	{ .name = "read_bytes", .title = "READ/s", BYTES(process_row, read_bytes), .hidden = true,
	  .from = 146, .help = "Bytes read from disks" },
	{ .name = "write_bytes", .title = "WRITE/s", BYTES(process_row, write_bytes),
	  .hidden = true, .from = 146, .help = "Bytes written to disks" },
	{ .name = "reads", .title = "R/s", EVENTS(process_row, reads), .hidden = true,
	  .help = "Read operations of disks" },
	{ .name = "writes", .title = "W/s", EVENTS(process_row, writes), .hidden = true,
	  .help = "Write operations of disks" },
	{ .name = "disk_avg_us", .title = "DAVG", MICROSECONDS(process_row, disk_latency.avg_us),
	  .hidden = true, .help = "Average time of a disk operation in the last interval" },
	{ .name = "disk_p50_us", .title = "DP50", MICROSECONDS(process_row, disk_latency.p50_us),
	  .hidden = true, .help = "Time that half of these kept below" },
	{ .name = "disk_p99_us", .title = "DP99", MICROSECONDS(process_row, disk_latency.p99_us),
	  .hidden = true, .help = "Time that 99 of 100 of these kept below" },
	{ .name = "disk_max_us", .title = "DMAX", MICROSECONDS(process_row, disk_latency.max_us),
	  .hidden = true, .help = "Longest time of these" },
	{ .name = "syscalls", .title = "SYSC/s", EVENTS(process_row, syscalls),
	  .help = "System calls" },
	{ .name = "errors", .title = "ERR/s", EVENTS(process_row, errors),
	  .help = "System calls that returned an error" },
	{ .name = "comm", .title = "COMMAND", FIELD(process_row, comm), .width = 0,
	  .has_tree = true,
	  .help = "Name of the process" },
	{ .name = "command", .title = "CMDLINE", FIELD(process_row, command), .width = 0, .most = 56,
	  .has_tree = true,
	  .hidden = true, .help = "Command line of the process" },
	{ .name = "exe", .title = "EXE", FIELD(process_row, exe), .width = 0, .hidden = true,
	  .keep_end = true, .help = "Path of the program, as the process sees it" },
};

/* JSON and CSV have the time in a way of their own: see there. */
static const struct column event_columns[] = {
	{ .name = "time", .title = "TIME", FIELD(event_row, time_ns), .unit = UNIT_CLOCK,
	  .width = 12, .help = "When it happened" },
	{ .name = "event", .title = "EVENT", FIELD(event_row, event), .width = 14,
	  .help = "What happened" },
	CONTAINER_COLUMNS(event_row, 12),
	{ .name = "pid", .title = "PID", FIELD(event_row, pid), .width = 7, .hidden = true,
	  .from = 100, .help = "Process, or the one that made the socket" },
	{ .name = "ppid", .title = "PPID", FIELD(event_row, ppid), .width = 7, .hidden = true,
	  .help = "Its parent" },
	{ .name = "parent", .title = "PARENT", FIELD(event_row, parent), .width = 10, .most = 15,
	  .hidden = true, .help = "Name of its parent" },
	{ .name = "uid", .title = "UID", FIELD(event_row, uid), .width = 6, .hidden = true,
	  .help = "Its user id, as the host sees it" },
	{ .name = "user", .title = "USER", FIELD(event_row, user), .width = 10, .hidden = true,
	  .from = 120, .help = "Name of that user on the host" },
	{ .name = "gid", .title = "GID", FIELD(event_row, gid), .width = 6, .hidden = true,
	  .help = "Its group id, as the host sees it" },
	{ .name = "group", .title = "GROUP", FIELD(event_row, group), .width = 10, .hidden = true,
	  .help = "Name of that group on the host" },
	{ .name = "comm", .title = "COMMAND", FIELD(event_row, comm), .width = 10,
	  .most = 15, .help = "Its name" },
	{ .name = "protocol", .title = "PROTO", FIELD(event_row, protocol), .width = 5,
	  .hidden = true, .help = "Protocol: tcp" },
	{ .name = "family", .title = "FAMILY", FIELD(event_row, family), .width = 6, .hidden = true,
	  .help = "ipv4 or ipv6" },
	{ .name = "direction", .title = "DIR", FIELD(event_row, direction), .width = 3,
	  .hidden = true, .help = "in: the local end accepted; out: it connected" },
	{ .name = "local_address", .title = "LOCAL", FIELD(event_row, local_address), .width = 15,
	  .most = 39, .hidden = true, .help = "Address of the local end" },
	{ .name = "local_port", .title = "LPORT", FIELD(event_row, local_port), .width = 5,
	  .hidden = true, .help = "Port of the local end" },
	{ .name = "remote_address", .title = "REMOTE", FIELD(event_row, remote_address), .width = 15,
	  .most = 39, .hidden = true, .help = "Address of the other end" },
	{ .name = "remote_port", .title = "RPORT", FIELD(event_row, remote_port), .width = 5,
	  .hidden = true, .help = "Port of the other end" },
	{ .name = "interface", .title = "IFACE", FIELD(event_row, interface), .width = 10,
	  .hidden = true, .help = "Interface it leaves by, as its container calls it" },
	{ .name = "state", .title = "STATE", FIELD(event_row, state), .width = 11, .hidden = true,
	  .help = "State of the connection; of one that ended, the state before" },
	{ .name = "rx_bytes", .title = "RX", BYTES(event_row, rx_bytes), .hidden = true,
	  .help = "Bytes that the connection received, IP headers included" },
	{ .name = "tx_bytes", .title = "TX", BYTES(event_row, tx_bytes), .hidden = true,
	  .help = "Bytes that it sent, IP headers included" },
	{ .name = "rx_packets", .title = "RXP", EVENTS(event_row, rx_packets), .hidden = true,
	  .help = "Packets that it received, as they were on the wire" },
	{ .name = "tx_packets", .title = "TXP", EVENTS(event_row, tx_packets), .hidden = true,
	  .help = "Packets that it sent, as they were on the wire" },
	{ .name = "duration_ms", .title = "MSECS", FIELD(event_row, duration_ms), .width = 8,
	  .hidden = true, .help = "Milliseconds that what ended had lasted" },
	{ .name = "latency_us", .title = "LATENCY", MICROSECONDS(event_row, latency_us),
	  .hidden = true, .help = "Time until it was connected, accepted or done" },
	{ .name = "operation", .title = "OP", FIELD(event_row, operation), .width = 7,
	  .hidden = true, .help = "Operation: read, write, discard, flush or sync" },
	{ .name = "bytes", .title = "SIZE", FIELD(event_row, bytes), .unit = UNIT_BYTES, .width = 6,
	  .hidden = true, .help = "Bytes that the operation moved, or was to" },
	{ .name = "device", .title = "DEVICE", FIELD(event_row, device), .width = 10, .most = 20,
	  .hidden = true, .help = "Disk or partition of the operation" },
	{ .name = "path", .title = "PATH", FIELD(event_row, path), .width = 20, .most = 56,
	  .hidden = true, .keep_end = true, .help = "Or file of it, as the process sees it" },
	{ .name = "exit_code", .title = "EXIT", FIELD(event_row, exit_code), .width = 4,
	  .hidden = true, .help = "Exit status of the process" },
	{ .name = "signal", .title = "SIG", FIELD(event_row, signal), .width = 3, .hidden = true,
	  .help = "Signal that ended the process" },
	{ .name = "error", .title = "ERROR", FIELD(event_row, error), .width = 12, .hidden = true,
	  .help = "Why it failed: the name of the error" },
	{ .name = "detail", .title = "DETAIL", FIELD(event_row, detail), .width = 0, .most = 56,
	  .help = "What there is to say: other end, parent, status, operation, time" },
};

static const struct column file_columns[] = {
	CONTAINER_COLUMNS(file_row, 14),
	{ .name = "pid", .title = "PID", FIELD(file_row, pid), .width = 7,
	  .help = "Process that reads or writes the file" },
	{ .name = "comm", .title = "COMMAND", FIELD(file_row, comm), .width = 10, .most = 15,
	  .help = "Name of the process" },
	{ .name = "uid", .title = "UID", FIELD(file_row, uid), .width = 6, .hidden = true,
	  .from = 122, .help = "Its user" },
	{ .name = "read_bytes", .title = "FREAD/s", BYTES(file_row, read_bytes),
	  .help = "Bytes read from the file, cached or not" },
	{ .name = "write_bytes", .title = "FWRITE/s", BYTES(file_row, write_bytes),
	  .help = "Bytes written to the file, cached or not" },
	{ .name = "reads", .title = "FR/s", EVENTS(file_row, reads),
	  .hidden = true, .from = 100, .help = "Calls that read from the file" },
	{ .name = "writes", .title = "FW/s", EVENTS(file_row, writes),
	  .hidden = true, .from = 100, .help = "Calls that wrote to the file" },
	{ .name = "latency_avg_ns", .title = "AVG", NANOSECONDS(file_row, latency_avg_ns),
	  TIMED, .help = "Average time of a call in the last interval" },
	{ .name = "latency_max_ns", .title = "MAX", NANOSECONDS(file_row, latency_max_ns),
	  TIMED, .help = "Longest time of a call in the last interval" },
	{ .name = "access", .title = "ACCESS", FIELD(file_row, access), .width = 6, .hidden = true,
	  .from = 114, .help = "direct: opened with O_DIRECT; cached: not" },
	{ .name = "major", .title = "MAJOR", FIELD(file_row, major), .width = 5, .hidden = true,
	  .help = "Major number of the file system's device" },
	{ .name = "minor", .title = "MINOR", FIELD(file_row, minor), .width = 7, .hidden = true,
	  .help = "Minor number of the file system's device" },
	{ .name = "inode", .title = "INODE", FIELD(file_row, inode), .width = 9, .hidden = true,
	  .help = "Number of the file in its file system" },
	{ .name = "path", .title = "PATH", FIELD(file_row, path), .width = 0, .most = 56,
	  .keep_end = true, .help = "Path of the file, as the process sees it" },
};

static const struct column listener_columns[] = {
	CONTAINER_COLUMNS(listener_row, 15),
	{ .name = "protocol", .title = "PROTO", FIELD(listener_row, protocol), .width = 5,
	  .help = "tcp, udp or the number of the IP protocol" },
	{ .name = "family", .title = "FAMILY", FIELD(listener_row, family), .width = 6,
	  .hidden = true, .help = "ipv4 or ipv6" },
	{ .name = "local_address", .title = "LOCAL", FIELD(listener_row, address), .width = 15,
	  .most = 39, .help = "Address it listens at; that with zeros alone: all addresses" },
	{ .name = "local_port", .title = "LPORT", FIELD(listener_row, port), .width = 5,
	  .help = "Port it listens at" },
	{ .name = "service", .title = "SERVICE", FIELD(listener_row, service), .width = 10,
	  .most = 20, .hidden = true, .from = 92, .help = "Name of the port, as in /etc/services" },
	{ .name = "accepts", .title = "ACC/s", EVENTS(listener_row, accepts),
	  .help = "TCP connections taken" },
	{ .name = "backlog", .title = "QUEUE", FIELD(listener_row, backlog), .width = 5,
	  .unit = UNIT_EVENTS, .help = "Connections that wait to be accepted now" },
	{ .name = "backlog_max", .title = "MOST", FIELD(listener_row, backlog_max), .width = 5,
	  .unit = UNIT_EVENTS, .help = "So many may wait" },
	{ .name = "drops", .title = "DROP/s", EVENTS(listener_row, drops),
	  .help = "Connections or datagrams refused, mostly for want of room" },
	{ .name = "sockets", .title = "SOCKS", FIELD(listener_row, sockets), .width = 5,
	  .hidden = true, .help = "Sockets that share the address (SO_REUSEPORT)" },
	{ .name = "pid", .title = "PID", FIELD(listener_row, pid), .width = 7, .hidden = true,
	  .from = 102, .help = "First process that has the socket open" },
	{ .name = "comm", .title = "COMMAND", FIELD(listener_row, comm), .width = 0,
	  .help = "Name of that process" },
};

static const struct column hint_columns[] = {
	CONTAINER_COLUMNS(hint_row, 15),
	{ .name = "kind", .title = "KIND", FIELD(hint_row, kind), .width = 4, .metric = "kind",
	  .help = "Protocol of the request: http, tls or dns" },
	{ .name = "direction", .title = "DIR", FIELD(hint_row, direction), .width = 3,
	  .metric = "direction",
	  .help = "in: the container was asked; out: it asked" },
	{ .name = "what", .title = "WHAT", FIELD(hint_row, what), .width = 23, .most = 64,
	  .help = "Method of HTTP; TLS server or DNS name that was asked for" },
	{ .name = "count", .title = "REQS/s", EVENTS(hint_row, count), .metric = "requests_total",
	  .help = "Requests" },
	{ .name = "latency_avg_us", .title = "AVG", MICROSECONDS(hint_row, latency.avg_us),
	  .help = "Average time until DNS had answered in the last interval" },
	{ .name = "latency_p50_us", .title = "P50", MICROSECONDS(hint_row, latency.p50_us),
	  .hidden = true, .help = "Time that half of the last interval's answers kept below" },
	{ .name = "latency_p99_us", .title = "P99", MICROSECONDS(hint_row, latency.p99_us),
	  .hidden = true, .help = "Time that 99 of 100 of the last interval's answers kept below" },
	{ .name = "latency_max_us", .title = "MAX", MICROSECONDS(hint_row, latency.max_us),
	  .help = "Longest time until an answer in the last interval" },
	{ .name = "errors", .title = "ERR/s", EVENTS(hint_row, errors), .metric = "errors_total",
	  .help = "Answers of DNS with an error" },
	{ .name = "error", .title = "ERROR", FIELD(hint_row, error), .width = 8, .hidden = true,
	  .help = "The last of these errors, as NXDOMAIN" },
	{ .name = "unanswered", .title = "NOANS/s", EVENTS(hint_row, unanswered), .hidden = true,
	  .metric = "unanswered_total",
	  .help = "Queries of DNS without an answer within 10 seconds" },
	/* Names have no metrics: there is no end of them. */
	{ .name = "method", .title = "METHOD", FIELD(hint_row, method), .width = 7, .hidden = true,
	  .metric = "method", .help = "Method of HTTP once more, for metrics" },
};

#define COLUMNS(table) .columns = table, .n_columns = ARRAY_SIZE(table)

const struct pane panes[PANE_COUNT] = {
	[PANE_CONTAINERS] = { .name = "containers", .tab = "cont", .title = "Containers",
		.sort = "syscalls",
		COLUMNS(container_columns), .metrics = "contop_container_",
		.by_default = true, .every_row = true },
	[PANE_FLOWS] = { .name = "flows", .tab = "flows", .title = "Flows", .sort = "rx_bytes",
		COLUMNS(flow_columns), .metrics = "contop_container_flow_", .by_default = true,
		.pid = offsetof(struct flow_row, pid), .uid = offsetof(struct flow_row, uid) },
	[PANE_DISKS] = { .name = "disks", .tab = "disks", .title = "Disks", .sort = "write_bytes",
		COLUMNS(disk_columns), .metrics = "contop_container_device_", .by_default = true },
	[PANE_SYSCALLS] = { .name = "syscalls", .tab = "calls", .title = "System calls",
		.sort = "count",
		COLUMNS(syscall_columns), .metrics = "contop_container_syscall_", .by_default = true,
		.pid = offsetof(struct syscall_row, pid) },
	[PANE_PROCESSES] = { .name = "processes", .tab = "procs", .title = "Processes",
		.sort = "syscalls",
		COLUMNS(process_columns), .pid = offsetof(struct process_row, pid),
		.uid = offsetof(struct process_row, uid) },
	[PANE_EVENTS] = { .name = "events", .tab = "events", .title = "Events", .sort = "time",
		COLUMNS(event_columns), .log = true, .pid = offsetof(struct event_row, pid),
		.uid = offsetof(struct event_row, uid) },
	[PANE_FILES] = { .name = "files", .tab = "files", .title = "Files", .sort = "read_bytes",
		COLUMNS(file_columns), .pid = offsetof(struct file_row, pid),
		.uid = offsetof(struct file_row, uid) },
	[PANE_LISTENERS] = { .name = "listeners", .tab = "listen", .title = "Listeners",
		.sort = "accepts",
		COLUMNS(listener_columns), .every_row = true,
		.pid = offsetof(struct listener_row, pid) },
	[PANE_HINTS] = { .name = "hints", .tab = "hints", .title = "Hints", .sort = "count",
		COLUMNS(hint_columns), .metrics = "contop_container_hint_" },
};

static bool same_name(const char *name, const char *text, size_t size)
{
	return strlen(name) == size && !memcmp(name, text, size);
}

const struct pane *pane_by_name(const char *name, size_t size)
{
	for (size_t i = 0; i < PANE_COUNT; i++)
		if (same_name(panes[i].name, name, size))
			return &panes[i];
	return NULL;
}

const struct column *pane_column(const struct pane *pane, const char *name, size_t size)
{
	for (size_t i = 0; i < pane->n_columns; i++)
		if (same_name(pane->columns[i].name, name, size))
			return &pane->columns[i];
	return NULL;
}

/* "NAME:CELLS" up to its end. */
static const struct column *parse_width(const struct pane *pane, const char *text, size_t size,
					unsigned int *ret_width)
{
	const char *colon = memchr(text, ':', size), *end = text + size;

	*ret_width = 0;
	if (!colon || colon + 1 == end || colon + 4 < end)
		return NULL;
	for (const char *p = colon + 1; p < end; p++) {
		if (*p < '0' || *p > '9')
			return NULL;
		*ret_width = 10 * *ret_width + (unsigned int)(*p - '0');
	}
	if (*ret_width < 1 || *ret_width > COLUMN_WIDTH_MOST)
		return NULL;
	return pane_column(pane, text, (size_t)(colon - text));
}

int pane_parse_widths(const struct pane *pane, const char *text, unsigned int *ret_widths)
{
	unsigned int *widths = xcalloc(pane->n_columns, sizeof(*widths));
	const struct column *column = NULL;

	for (size_t size; *text; text += size + (text[size] == ',')) {
		unsigned int width;

		size = strcspn(text, ",");
		column = parse_width(pane, text, size, &width);
		if (!column)
			break;
		widths[column - pane->columns] = width;
	}
	if (column && ret_widths)
		memcpy(ret_widths, widths, pane->n_columns * sizeof(*widths));
	free(widths);
	return column ? 0 : -EINVAL;
}
