/* SPDX-License-Identifier: GPL-2.0-only OR GPL-2.0-or-later */
/*
 * Keys and records that the programs in the kernel and contop share.
 *
 * All counting happens in slots: records in a memory-mapped array, found once
 * through a hash (the index) and from then on through a cache next to the
 * actor.  A record's counters only grow until its slot is released.  Slot 0 is
 * never handed out: an index of 0 means "no slot".
 *
 * Layouts are padded by hand and asserted: both compilers must agree, and keys
 * are hashed with their padding.
 */
#ifndef CONTOP_H
#define CONTOP_H

#include <linux/types.h>

/*
 * A cgroup, anywhere on the host: ids of different hierarchies collide, so the
 * hierarchy's number (the first column of /proc/PID/cgroup, 0 for version 2)
 * sits above the id.  Kernel ids use the low 32 bits and, once these have
 * wrapped, a generation above them: 24 bits of that are kept.
 */
#define CGROUP_ID_BITS 56
#define CGROUP_KEY(hierarchy, id) \
	((__u64)(hierarchy) << CGROUP_ID_BITS | ((__u64)(id) & ((1ULL << CGROUP_ID_BITS) - 1)))
#define CGROUP_KEY_HIERARCHY(key) ((unsigned int)((key) >> CGROUP_ID_BITS))

#define CGROUP_UNKNOWN ((1ULL << CGROUP_ID_BITS) - 1)	/* the kernel did not say; keys are never 0 */
#define CGROUP_SHARED (CGROUP_UNKNOWN - 1)	/* the kernel's own work, for nobody knows whom */

#define TASK_NAME_SIZE 16
#define INTERFACE_NAME_SIZE 16

/* What a flow is: one 5-tuple as seen from one side, in host byte order ports. */
struct flow_key {
	__u64 cgroup;
	__u8 local_address[16];		/* network order; IPv4 in the first four bytes */
	__u8 remote_address[16];
	__u16 local_port;
	__u16 remote_port;
	__u8 protocol;			/* IPPROTO_* */
	__u8 family;			/* 4 or 6 */
	__u16 pad;
};
_Static_assert(sizeof(struct flow_key) == 48, "flow_key has a hole");

enum flow_direction { FLOW_UNKNOWN, FLOW_IN, FLOW_OUT };

/* Whose a socket is: who made it, accepted it, or was left with it. */
struct flow_owner {
	__u32 pid;			/* 0: not known, nor is the rest */
	__u32 uid;
	__u32 gid;
	__u32 ppid;			/* of the parent at that time; 0: not known */
	char comm[TASK_NAME_SIZE];
	char parent[TASK_NAME_SIZE];	/* name of the parent */
};
_Static_assert(sizeof(struct flow_owner) == 48, "flow_owner has a hole");

struct flow_record {
	/* One cache line has all that a packet touches. */
	__u64 rx_bytes, tx_bytes;	/* of the IP layer, headers included */
	__u64 rx_packets, tx_packets;	/* on the wire, not GSO or GRO bundles */
	__u32 rtt_us;			/* smoothed; 0: not known */
	__u32 retransmits;		/* segments, since the socket was made */
	__u32 cwnd;			/* congestion window in segments; 0: not known */
	__u32 generation;		/* goes up when contop takes the slot back: sockets that
					   remember the slot must look their flow up again */
	__u8 state;			/* TCP_*, 0: not TCP */
	__u8 direction;			/* enum flow_direction */
	__u8 closed;			/* the owner has closed the socket */
	__u8 owner_changed;		/* the socket's note has not heard of it yet */
	__u32 connect_us;		/* from SYN to established; 0: not known */
	__u64 since_ns;			/* when it began, CLOCK_MONOTONIC; 0: not known */

	struct flow_key key;
	struct flow_owner owner;
	__u32 resets;			/* TCP segments with RST, both ways */
	__u32 zero_windows;		/* segments that said "no more for now", both ways */
	__u32 replaced;			/* the index has another slot for this 5-tuple by now */
	__u32 accepted;			/* somebody has been seen to do that */
	__u32 pad[4];
};
_Static_assert(sizeof(struct flow_record) == 192, "flow_record is three cache lines");

/* What is noted of each socket, in its storage: whose it is, and where its flow is counted. */
struct socket_note {
	__u64 cgroup;			/* home cgroup of who made it; 0: older than contop */
	__u32 slot;			/* of its last flow, valid while the generation is the record's */
	__u32 generation;
	__u32 older;			/* than contop: who spoke first is not known */
	__u32 scope_epoch;
	__u32 outside;			/* not to be counted */
	__u32 held;			/* twice the round that last saw it, and 1 if with its owner */
	__u64 since_ns;			/* when its connection began; 0: not known */
	struct flow_owner owner;
};
_Static_assert(sizeof(struct socket_note) == 88, "socket_note has a hole");

/* Where a socket listens, or took a connection: an address of one network namespace. */
struct listen_key {
	__u32 netns;			/* inode number; never 0 */
	__u16 port;
	__u8 family;			/* 4 or 6 */
	__u8 protocol;			/* IPPROTO_*; that of multipath TCP is TCP */
	__u8 address[16];		/* network order; IPv4 in the first four bytes */
};
_Static_assert(sizeof(struct listen_key) == 24, "listen_key has a hole");

/* A listening socket, once for each process that has it open. */
struct listener_record {
	struct listen_key key;
	__u64 cgroup;			/* the process's */
	__u64 inode;			/* of the socket: tells sockets apart */
	__u64 drops;			/* since the socket was made */
	__u32 pid;
	__u32 backlog, backlog_max;	/* of TCP: connections that wait to be accepted */
	__u32 takes_ipv4;		/* an IPv6 socket that IPv4 comes to as well */
	char comm[TASK_NAME_SIZE];
};
_Static_assert(sizeof(struct listener_record) == 24 + 24 + 16 + 16, "listener_record has a hole");

/* Connections taken at an address. */
struct accept_record {
	struct listen_key key;
	__u64 count;
};
_Static_assert(sizeof(struct accept_record) == 32, "accept_record has a hole");

/* What a packet begins with. */
enum http_method {
	HTTP_NONE, HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_HEAD, HTTP_DELETE, HTTP_PATCH, HTTP_OPTIONS,
	HTTP_CONNECT, HTTP_TRACE,
	HTTP_METHODS
};

struct hint_key {
	__u64 cgroup;
	__u8 method;			/* enum http_method */
	__u8 direction;			/* enum flow_direction: of the request */
	__u8 pad[6];
};
_Static_assert(sizeof(struct hint_key) == 16, "hint_key has a hole");

struct hint_record {
	struct hint_key key;
	__u64 count;
};
_Static_assert(sizeof(struct hint_record) == 24, "hint_record has a hole");

enum hint_kind { HINT_HTTP, HINT_TLS, HINT_DNS, HINT_KINDS };

/* What a packet holds that has a name in it: a ClientHello of TLS, or a message of DNS. */
struct hint_packet {
	__u64 cgroup;
	__u64 socket;			/* its cookie */
	__u64 time_ns;			/* CLOCK_MONOTONIC */
	__u8 peer_address[16];		/* as struct flow_key has them */
	__u16 peer_port;
	__u8 family;
	__u8 kind;			/* enum hint_kind */
	__u8 direction;			/* FLOW_OUT: the socket sent it */
	__u8 continues;			/* the last one of this socket */
	__u16 size;			/* of the payload */
	__u8 payload[];
};
_Static_assert(sizeof(struct hint_packet) == 48, "hint_packet has a hole");
#define HINT_PAYLOAD_MOST 4096		/* in one packet, and of one ClientHello */

/* System calls are counted per thread: a thread never runs on two CPUs at once. */
struct syscall_key {
	__u64 cgroup;
	__u64 start_ns;			/* of the thread: thread ids come again */
	__u32 tid;
	__u32 nr;			/* with the flags below */
};
_Static_assert(sizeof(struct syscall_key) == 24, "syscall_key has a hole");

#define SYSCALL_COMPAT 0x80000000u	/* of the 32-bit table */
#define SYSCALL_RELEASED 0x40000000u	/* contop takes the slot back: no more counts here */
#define SYSCALL_URING 0x20000000u	/* an operation of io_uring, by its opcode */
#define SYSCALL_X32 0x10000000u		/* of the table of x32 */
#define SYSCALL_NUMBER_MAX (SYSCALL_X32 - 1)	/* also any above it, which no table has */

struct syscall_record {
	struct syscall_key key;
	__u32 pid;			/* the thread's process */
	__u32 uid;
	__u64 count;
	__u64 errors;
	char comm[TASK_NAME_SIZE];
};
_Static_assert(sizeof(struct syscall_record) == 64, "syscall_record is one cache line");

/*
 * Latency of calls: two buckets to each power of two of 64 ns. Bucket b starts
 * at CALL_FLOOR(b) of these; the last one (12.9 s and more) has no end.
 */
#define CALL_UNIT_BITS 6
#define CALL_BUCKETS 56
#define CALL_FLOOR(b) ((b) < 2 ? (__u64)(b) : (__u64)(2 + (b) % 2) << ((b) / 2 - 1))

/*
 * How often calls failed with which error: the most frequent ones. A new error
 * takes the place of the least frequent one and goes on from its count, which
 * therefore only grows.
 */
#define CALL_ERRORS 4
struct call_error {
	__u32 number;			/* errno; 0: none yet */
	__u32 count;
};

/* Of the record in the same slot: what calls have that fail or are timed. */
struct syscall_details {
	__u64 latency_ns;		/* sum over the calls that were timed */
	__u64 latency_max_ns;		/* of the epoch in latency_epoch */
	__u32 latency_epoch;
	__u32 pad;
	struct call_error errors[CALL_ERRORS];
	__u32 histogram[CALL_BUCKETS];
};
_Static_assert(sizeof(struct syscall_details) == 24 + 8 * CALL_ERRORS + 4 * CALL_BUCKETS,
	       "syscall_details has a hole");

/*
 * File I/O of a thread: on one file, or (inode 0) on all that have no record of
 * their own.  The name makes a key of a file's new path another one.
 */
struct file_key {
	__u64 cgroup;
	__u64 start_ns;			/* of the thread */
	__u64 inode;			/* with its generation: numbers come again */
	__u64 name;			/* the kernel's hash of the last part of the path, and its length */
	__u32 tid;
	__u32 device;			/* of the file system: DISK_DEVICE(major, minor) */
	__u32 generation;
	__u32 flags;			/* FILE_* */
};
_Static_assert(sizeof(struct file_key) == 48, "file_key has a hole");

#define FILE_DIRECT 1u			/* opened with O_DIRECT */
#define FILE_RELEASED 2u		/* contop takes the slot back: no more counts here */

/* Of a path: parts of it, from the last one up, each with its NUL. */
#define FILE_PATH_SIZE 248
#define FILE_PATH_CUT 1u		/* the parts nearest to the root are missing */
#define FILE_PATH_LOOSE 2u		/* it begins nowhere: a file that was never in a directory */

struct file_record {
	struct file_key key;
	__u32 pid;			/* the thread's process */
	__u32 uid;
	__u64 read_bytes, write_bytes;
	__u64 reads, writes;		/* calls */
	char comm[TASK_NAME_SIZE];
	__u64 latency_ns;		/* sum over the calls that were timed */
	__u64 latency_max_ns;		/* of the epoch in latency_epoch */
	__u64 timed;
	__u32 latency_epoch;
	__u16 path_size;
	__u8 path_flags;		/* FILE_PATH_* */
	__u8 pad;
	char path[FILE_PATH_SIZE];
};
_Static_assert(sizeof(struct file_record) == 384, "file_record is six cache lines");

/*
 * Block I/O, by the process that asked for it.  The shard keeps CPUs from fighting
 * over one record; contop adds them up.
 */
#define DISK_SHARDS 8
struct disk_key {
	__u64 cgroup;
	__u32 device;			/* DISK_DEVICE(major, minor) */
	__u32 shard;
	__u32 pid;			/* 0: not known */
	__u32 pad;
};
_Static_assert(sizeof(struct disk_key) == 24, "disk_key has a hole");

#define DISK_MINOR_BITS 20		/* as the kernel's dev_t */
#define DISK_DEVICE(major, minor) ((__u32)(major) << DISK_MINOR_BITS | (minor))

enum disk_operation { DISK_READ, DISK_WRITE, DISK_DISCARD, DISK_FLUSH, DISK_OPERATIONS };

/*
 * Latency histogram: four buckets to each power of two of microseconds, so a
 * percentile is off by an eighth at most.  Bucket b starts at
 * LATENCY_FLOOR(b) microseconds; the last one (7.3 s and more) has no end.
 */
#define LATENCY_STEP_BITS 2
#define LATENCY_BUCKETS 88
#define LATENCY_FLOOR(b) ((b) < 4 ? (__u64)(b) : (__u64)(4 + (b) % 4) << ((b) / 4 - 1))

struct disk_record {
	struct disk_key key;
	__u64 bytes[DISK_OPERATIONS];
	__u64 operations[DISK_OPERATIONS];
	__u64 writeback_bytes;		/* of those written: what the page cache had kept */
	__u64 errors;
	__u64 latency_ns;		/* of the device: sum over the operations that were timed */
	__u64 latency_max_ns;		/* of the epoch */
	__u64 timed;			/* operations whose start was seen */
	__u64 queue_ns;			/* until the device got them: sum over queued operations */
	__u64 queue_max_ns;		/* of the epoch */
	__u64 queued;			/* operations of which that is known */
	__u32 epoch;			/* which interval the maxima are of */
	__u32 uid;
	char comm[TASK_NAME_SIZE];
	__u32 histogram[LATENCY_BUCKETS];
};
_Static_assert(sizeof(struct disk_record) == 24 + 64 + 64 + 8 + 16 + 4 * LATENCY_BUCKETS,
	       "disk_record has a hole");

/* Major page faults of a process. */
struct fault_key {
	__u64 cgroup;
	__u32 pid;			/* 0: of processes that found no slot */
	__u32 pad;
};
_Static_assert(sizeof(struct fault_key) == 16, "fault_key has a hole");

struct fault_record {
	struct fault_key key;
	__u64 count;
	__u32 uid;
	__u32 pad;
	char comm[TASK_NAME_SIZE];
};
_Static_assert(sizeof(struct fault_record) == 48, "fault_record has a hole");

/* What found no slot of its own is counted here, per cgroup; slot 0 takes what finds none here either. */
struct overflow_record {
	__u64 cgroup;			/* 0 in slot 0 */
	__u64 rx_bytes, tx_bytes, rx_packets, tx_packets;
	__u64 disk_bytes[DISK_OPERATIONS], disk_operations[DISK_OPERATIONS];
	__u64 syscalls, errors;
	__u64 file_read_bytes, file_write_bytes, file_reads, file_writes;
	__u64 pad[5];
};
_Static_assert(sizeof(struct overflow_record) == 192, "overflow_record is three cache lines");

/* Slots that a table hands out at once when it is filled: more make the verifier work longer. */
#define SLOTS_GIVEN 4096

/* Slots that a table takes back at once: two in each argument that a program can be run with. */
#define SLOTS_RETURNED 24

/* What contop tells the programs before they are loaded: the same for all objects. */
struct settings {
	__s32 home_controller;		/* index of the controller whose hierarchy tells containers
					   apart; -1: version 2 does */
	__u32 uid;			/* by_user: whose tasks are counted */
	__u8 by_container;		/* not all containers are to be counted */
	__u8 by_process;		/* only some processes are */
	__u8 by_user;			/* only one user's tasks are */
	__u8 flows_counted;		/* the maps of flows are there */
	__u8 pad[4];
	__u32 task_type, kiocb_type;	/* numbers of struct task_struct and kiocb in the kernel's BTF:
					   CO-RE would tell those of the types it is given */
	__u64 slow_ns;			/* operations that take longer are told one by one; 0: none */
};

/* What the kernel tells at once, through a ring buffer. */
enum event_type { EVENT_CGROUP_MADE, EVENT_CGROUP_REMOVED, EVENT_THREAD_EXIT, EVENT_EXEC };

#define CGROUP_PATH_SIZE 512

struct cgroup_event {
	__u32 type;
	__u32 path_size;		/* with the final NUL; the path is cut at CGROUP_PATH_SIZE.
					   No more than this need be there */
	__u64 cgroup;
	char path[CGROUP_PATH_SIZE];	/* within its hierarchy, from "/" */
};

struct exec_event {
	__u32 type;
	__u32 pid;
	char comm[TASK_NAME_SIZE];	/* of the new program */
};

struct thread_event {
	__u32 type;
	__u32 tid;
	__u32 pid;
	__u32 pad;
	__u64 start_ns;
};

/* Events that are shown one by one, in the order of their names in sample.c. */
enum log_kind {
	LOG_CONNECT, LOG_ACCEPT, LOG_CLOSE, LOG_CONNECT_FAILED, LOG_RETRANSMIT,
	LOG_EXEC, LOG_EXIT, LOG_OOM, LOG_SLOW_IO, LOG_START, LOG_STOP,	/* the last two are contop's own */
	LOG_KINDS
};

#define LOG_NOBODY 0xffffffffu		/* as uid: not known */

struct log_record {
	__u64 time_ns;			/* CLOCK_MONOTONIC */
	struct flow_key key;		/* but for the cgroup, of connections only */
	__u64 rx_bytes, tx_bytes, rx_packets, tx_packets;
	__u64 duration_ns;		/* of what has ended; 0: not known */
	struct flow_owner owner;	/* whose it is, or the process itself */
	__u32 latency_us;		/* from SYN to established; 0: not known */
	__u32 status;			/* of a process that ended, as wait(2) has it */
	__u32 error;			/* errno; 0: none */
	__u8 kind;			/* enum log_kind */
	__u8 state;			/* TCP_*: of a connection that ended, the one before */
	__u8 direction;			/* enum flow_direction */
	__u8 counted;			/* bytes and packets are known */
	char interface[INTERFACE_NAME_SIZE];	/* that packets leave by; empty: not known */
};
_Static_assert(sizeof(struct log_record) == 8 + 48 + 40 + 48 + 16 + 16, "log_record has a hole");

/* A block operation that took long, through a ring buffer of its own. */
struct slow_record {
	__u64 time_ns;			/* CLOCK_MONOTONIC, at its end */
	__u64 cgroup;
	__u64 latency_ns;		/* from when it was asked for */
	__u32 device;			/* DISK_DEVICE(major, minor) */
	__u32 bytes;
	__u32 pid;			/* 0: not known */
	__u32 uid;
	__u32 operation;		/* enum disk_operation */
	__u32 error;			/* errno; 0: none */
	char comm[TASK_NAME_SIZE];
};
_Static_assert(sizeof(struct slow_record) == 24 + 24 + 16, "slow_record has a hole");

/* A call on a file that took long, likewise. */
enum slow_operation { SLOW_READ, SLOW_WRITE, SLOW_SYNC, SLOW_OPERATIONS };

struct slow_file_record {
	__u64 time_ns;			/* CLOCK_MONOTONIC, at its end */
	__u64 cgroup;
	__u64 latency_ns;
	__s64 result;			/* what the call returned */
	__u32 pid;
	__u32 uid;
	__u32 operation;		/* enum slow_operation */
	__u16 path_size;
	__u8 path_flags;		/* FILE_PATH_* */
	__u8 pad;
	char comm[TASK_NAME_SIZE];
	char path[FILE_PATH_SIZE];
};
_Static_assert(sizeof(struct slow_file_record) == 32 + 16 + 16 + FILE_PATH_SIZE,
	       "slow_file_record has a hole");

#endif
