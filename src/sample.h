/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sample: what happened in one interval, by key.  Sources make samples (the
 * kernel's counters, a recording), the model folds them into rows.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "../bpf/contop.h"
#include "container.h"

#define UNKNOWN UINT64_MAX		/* a number that is not known; shown as "-" or null */
#define UNKNOWN32 UINT32_MAX		/* the same where there are many and none is large */

static inline uint64_t known_small(uint32_t number)
{
	return number == UNKNOWN32 ? UNKNOWN : number;
}

/* One end of a connection, as in a flow's key. */
struct flow_end {
	uint8_t address[16];
	uint16_t port;
};

/* Name in the place of a process's: all flows of a container for which there was no room. */
#define FLOWS_NOT_LISTED "(not listed)"

/*
 * Those that are not listed have no protocol, nor anything else in their key.
 * A counter may be UNKNOWN throughout; gauges (pid, rtt_us, ...) each for itself.
 */
struct flow_sample {
	struct container *container;	/* borrowed */
	struct flow_key key;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets, retransmits, resets, zero_windows;
	uint64_t rtt_us, connect_us, cwnd, age_s, pid, ppid, uid, gid;
	uint8_t state, direction;
	bool ended;			/* nothing more will come of it */
	uint32_t place;			/* in the source, of one flow at a time, from 1; 0: none */
	const char *service;		/* of the port connected to; borrowed, NULL: none */
	bool translated;		/* the other end is really called this, and not as in the key: */
	struct flow_end real;
	char comm[TASK_NAME_SIZE], parent[TASK_NAME_SIZE];
	const char *user, *group;	/* borrowed from the source; NULL: no name */
};

/*
 * What a flow did, and what of it changes all the time. Of a flow that its source has a
 * table of, the source knows the rest, when it is asked, until it is read again.  100,000
 * of them may move at once.
 */
struct flow_growth {
	struct container *container;	/* borrowed */
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
	uint32_t retransmits, resets, zero_windows;
	uint32_t rtt_us, connect_us, cwnd, age_s;	/* UNKNOWN32 */
	uint32_t pid;			/* 0: not known */
	uint32_t place;			/* in the table */
	uint8_t state, direction;
	bool told;			/* the rest is what it was when it was told of last */
	bool ended;			/* nothing more will come of it */
};

/* How long the operations of an interval took. */
struct latency {
	uint64_t avg_us, p50_us, p99_us, max_us;
};

/* What the latency of an interval comes from. */
struct latency_sum {
	uint64_t ns, timed, max_ns;
	uint64_t given_p50_us, given_p99_us;	/* of recordings; UNKNOWN: see histogram */
	uint32_t histogram[LATENCY_BUCKETS];
};

#define VOLUME_NAME_SIZE 128		/* DM_NAME_LEN of linux/dm-ioctl.h */

struct disk_sample {
	struct container *container;
	uint32_t device;		/* DISK_DEVICE() */
	char name[32];			/* of the device ("sda"); empty: not known */
	char holders[32];		/* devices that stand upon it and count what it does; empty: none */
	char volume[VOLUME_NAME_SIZE];	/* what the device mapper calls it; empty: none of its */
	uint64_t pid, uid;		/* UNKNOWN: of no process that is known */
	uint64_t bytes[DISK_OPERATIONS], operations[DISK_OPERATIONS], errors;
	uint64_t writeback_bytes;	/* among those written */
	uint64_t latency_ns, timed;	/* sum, and over how many operations */
	uint64_t latency_max_ns;
	uint64_t queue_ns, queued;	/* likewise, until the device got them */
	uint64_t queue_max_ns;
	uint32_t histogram[LATENCY_BUCKETS];
	uint64_t latency_p50_us, latency_p99_us;	/* of a recording; UNKNOWN: see histogram */
	char comm[TASK_NAME_SIZE];
};

/* How long the calls took that were timed. */
struct call_latency {
	uint64_t sum_ns, timed;		/* over how many */
	uint64_t max_ns;
	uint64_t histogram[CALL_BUCKETS];
	uint64_t p50_ns, p99_ns;	/* of a recording; UNKNOWN: see histogram */
};

struct syscall_sample {
	struct container *container;
	uint64_t pid, uid;		/* pid UNKNOWN: sums over processes (recordings) */
	uint32_t nr;			/* with the flag of its table, SYSCALL_COMPAT and the like */
	uint32_t latency;		/* place among the sample's latencies, from 1; 0: not timed */
	const char *name;		/* of a recording, borrowed; NULL: see syscall_name() */
	uint64_t count, errors;
	struct call_error top[CALL_ERRORS];	/* the most frequent errors, in no order */
	char comm[TASK_NAME_SIZE];
};

/* What was read and written of a file by a process, or of all its files that have no sample. */
struct file_sample {
	struct container *container;
	struct file_key key;		/* inode 0: of several files; the thread does not matter */
	uint64_t pid, uid;
	uint64_t read_bytes, write_bytes, reads, writes;
	uint64_t latency_ns, timed;	/* sum, and over how many calls */
	uint64_t latency_max_ns;
	char comm[TASK_NAME_SIZE];
	char *path;			/* owned; NULL: told before, or not known */
	bool began, ended;		/* a record: a file may have several */
	bool in_process;		/* of recordings: the sample of its process has it too */
};

/* What a process did beside system calls, and whether it has ended. */
struct process_sample {
	struct container *container;
	uint64_t pid, nspid, ppid, uid;
	const char *user;		/* borrowed from the source; NULL: no name */
	uint64_t syscalls, errors;	/* of recordings, which do not split them; else 0 */
	uint64_t rx_bytes, tx_bytes;	/* of recordings: what its flows do not have; else 0 */
	uint64_t read_bytes, write_bytes, reads, writes;	/* likewise: what its disks do not */
	struct latency disk_latency;	/* of recordings; else UNKNOWN */
	uint64_t file_read_bytes, file_write_bytes;	/* likewise: what its files do not have */
	uint64_t major_faults;		/* of recordings; else 0 */
	char comm[TASK_NAME_SIZE];
	char *command;			/* arguments separated by blanks; owned, NULL: not known */
	char *exe;			/* path of the program; likewise */
	bool ended;
};

/* Something that happened once. */
struct event_sample {
	struct container *container;	/* borrowed */
	uint64_t time_ns;		/* CLOCK_REALTIME */
	enum log_kind kind;
	struct flow_key key;		/* of connections; family 0: none */
	uint64_t pid, ppid, uid, gid;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
	uint64_t duration_ms, latency_us;
	uint64_t exit_code, signal;	/* of a process that ended: one of them */
	unsigned int error;		/* errno; 0: none */
	uint8_t state, direction;
	char comm[TASK_NAME_SIZE], parent[TASK_NAME_SIZE];
	char interface[INTERFACE_NAME_SIZE];	/* that packets leave by; empty: not known */
	const char *user, *group;	/* borrowed from the source; NULL: no name */
	const char *operation;		/* operation_name() or operation_sync; NULL: none */
	uint64_t bytes;			/* of the operation */
	char device[32];		/* its name; empty: none */
	char *path;			/* owned: of the file that it was on; NULL: none */
};

/* Where a container listens: a socket, or some that share an address. */
struct listener_sample {
	struct container *container;	/* borrowed */
	struct listen_key key;
	const char *service;		/* of the port; borrowed, NULL: none */
	uint64_t pid;
	uint64_t sockets, backlog, backlog_max;
	uint64_t accepts, drops;	/* UNKNOWN: not of this interval */
	char comm[TASK_NAME_SIZE];
};

/*
 * Requests that a container sent (out) or got (in). Its number tells them apart: methods
 * of HTTP, names, and names that had no room, from low to high.
 */
struct hint_sample {
	struct container *container;	/* borrowed */
	uint64_t number;
	const char *what;		/* method or name; borrowed */
	enum hint_kind kind;
	uint8_t direction;
	uint8_t error;			/* of DNS, the last one; 0: none */
	bool ended;			/* nothing more will come by this number */
	uint64_t count, errors, unanswered;
	struct latency_sum latency;
};

#define HINT_NUMBER_NAMES (1ULL << 32)
#define hint_number_http(method, direction) ((uint64_t)(direction) << 8 | (method))
#define hint_number_other(kind, direction) (1ULL << 16 | (uint64_t)(direction) << 8 | (kind))

/* Major page faults of a process. */
struct fault_sample {
	struct container *container;
	uint64_t pid, uid;		/* UNKNOWN: of processes that could not be told apart */
	uint64_t count;
	char comm[TASK_NAME_SIZE];
};

/* What found no room of its own: in the totals of the container, in no other row. */
struct remainder_sample {
	struct container *container;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets, retransmits;
	uint64_t disk_bytes[DISK_OPERATIONS], disk_operations[DISK_OPERATIONS];
	uint64_t syscalls, errors;
	uint64_t file_read_bytes, file_write_bytes, file_reads, file_writes;
	uint64_t major_faults;
};

/* What was lost or could not be told, in this interval. */
struct accuracy {
	uint64_t missed_runs;		/* events the kernel did not hand to our programs */
	uint64_t lost_events;		/* ring buffer full */
	uint64_t flow_map_full;		/* packets counted for their container only */
	uint64_t disk_map_full;		/* block operations, likewise */
	uint64_t syscall_map_full;	/* system calls, likewise */
	uint64_t file_map_full;		/* calls on files, likewise */
	uint64_t process_map_full;
	uint64_t listener_map_full;	/* listening sockets and connections they took, likewise */
	uint64_t hint_map_full;		/* requests, likewise */
	uint64_t lost_hints;		/* requests or answers that nothing is known of */
	uint64_t unattributed_bytes;	/* network and disk bytes of no known cgroup */
	uint64_t unwritten_reports;	/* intervals that a file or a collector did not get */
	uint64_t shared_bytes;		/* disk bytes that the kernel moved for nobody knows whom */
	uint64_t disk_ends_missed;	/* block operations counted late, and without their time */
};

/* The members of struct accuracy: JSON, recordings, metrics and the screen read this table. */
struct accuracy_field {
	const char *name;		/* in JSON */
	const char *words;		/* what follows the number: "events missed" */
	size_t offset;
	bool is_note;			/* nothing was lost */
};
#define ACCURACY_FIELDS (sizeof(struct accuracy) / sizeof(uint64_t))
extern const struct accuracy_field accuracy_fields[ACCURACY_FIELDS];
uint64_t accuracy_number(const struct accuracy *accuracy, const struct accuracy_field *field);

struct sample {
	struct timespec time;		/* CLOCK_REALTIME at its end */
	uint64_t monotonic_ns;		/* CLOCK_MONOTONIC at its end */
	uint64_t interval_ns;
	struct flow_sample *flows;		/* arrays are owned; in no order */
	size_t n_flows, flows_capacity;
	struct flow_growth *growths;	/* of more flows, which come after those above */
	size_t n_growths, growths_capacity;
	void (*complete_flow)(const void *table, const struct flow_growth *growth,
			      struct flow_sample *flow);
	const void *flow_table;		/* borrowed from the source */
	struct disk_sample *disks;
	size_t n_disks, disks_capacity;
	struct syscall_sample *syscalls;
	size_t n_syscalls, syscalls_capacity;
	struct call_latency *latencies;		/* of system calls */
	size_t n_latencies, latencies_capacity;
	struct file_sample *files;
	size_t n_files, files_capacity;
	struct process_sample *processes;
	size_t n_processes, processes_capacity;
	struct event_sample *events;		/* but these: in the order of their time */
	size_t n_events, events_capacity;
	struct listener_sample *listeners;	/* all there are, or none was looked for: */
	size_t n_listeners, listeners_capacity;
	bool listeners_listed;
	struct hint_sample *hints;
	size_t n_hints, hints_capacity;
	struct fault_sample *faults;
	size_t n_faults, faults_capacity;
	bool faults_counted;		/* what has none had none */
	struct remainder_sample *remainders;
	size_t n_remainders, remainders_capacity;
	bool merged;			/* calls and files are of no process from now on */
	struct accuracy accuracy;
};

/*
 * Appends an element and returns it, valid until the next append: counters 0,
 * gauges (pid, uid, rtt_us, connect_us, ..., given percentiles) UNKNOWN.
 */
struct flow_sample *sample_add_flow(struct sample *sample);
struct disk_sample *sample_add_disk(struct sample *sample);
struct syscall_sample *sample_add_syscall(struct sample *sample);
struct file_sample *sample_add_file(struct sample *sample);
struct process_sample *sample_add_process(struct sample *sample);
struct listener_sample *sample_add_listener(struct sample *sample);
struct hint_sample *sample_add_hint(struct sample *sample);
struct fault_sample *sample_add_fault(struct sample *sample);
struct remainder_sample *sample_add_remainder(struct sample *sample);

/* The same for what a flow did, of which nothing is set. */
struct flow_growth *sample_add_growth(struct sample *sample);

/* The same for what a system call of the sample took: all 0, percentiles UNKNOWN. */
struct call_latency *sample_add_latency(struct sample *sample, struct syscall_sample *call);

/* The same, all numbers UNKNOWN; NULL, and counted as lost, beyond SAMPLE_EVENTS_MAX. */
#define SAMPLE_EVENTS_MAX (1u << 17)
struct event_sample *sample_add_event(struct sample *sample);

/* All of a flow that the source has the rest of. */
void sample_complete_flow(const struct sample *sample, const struct flow_growth *growth,
			  struct flow_sample *ret);

/* Puts the events in the order of their time. */
void sample_sort_events(struct sample *sample);

/* "connect"; NULL: none such. And the other way: LOG_KINDS: none such. */
const char *event_name(enum log_kind kind);
enum log_kind event_kind(const char *name);

/* "read", "write", "discard" or "flush"; NULL: none such. And by its name, static. */
const char *operation_name(enum disk_operation operation);
const char *operation_by_name(const char *name);
extern const char *const operation_sync;	/* of files only */

/* When it ended, in nanoseconds of CLOCK_REALTIME. */
uint64_t sample_time_ns(const struct sample *sample);

/* Empties a sample for use again (memory is kept), or frees what it owns. */
void sample_clear(struct sample *sample);
void sample_done(struct sample *sample);

/*
 * The latency in microseconds that a share (0 to 1) of the operations in the
 * histogram did not exceed, interpolated within its bucket; UNKNOWN when empty.
 */
uint64_t histogram_percentile(const uint32_t histogram[LATENCY_BUCKETS], double share);

/* Nothing was timed yet; and one more that was. */
void latency_sum_begin(struct latency_sum *sum);
void latency_sum_add(struct latency_sum *sum, uint64_t ns);

/* The same in nanoseconds, of system calls. */
uint64_t call_percentile(const uint64_t histogram[CALL_BUCKETS], double share);

#endif
