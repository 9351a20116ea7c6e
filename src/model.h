/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of every pane, kept up to date from samples.  No I/O here: what the
 * model knows, a sample told it.
 */
#ifndef MODEL_H
#define MODEL_H

#include "chain.h"
#include "pane.h"
#include "sample.h"
#include "value.h"

/* What all rows start with. */
struct row {
	struct link link;		/* among those of its pane, by its key */
	struct container *container;	/* borrowed; the row goes before it does. NULL: the total */
	struct container_row *owner;	/* the row of that container; itself for container rows */
	struct row_key {
		uint64_t serial;	/* of the container */
		uint64_t number;	/* device, process, or system call and process; else 0 */
	} key;
	uint32_t index;			/* among the rows of its pane */
	uint8_t pane;			/* enum pane_id */
	bool active;			/* something happened in the last interval */
	bool ended;			/* goes at the next update */
	bool detail;			/* in the counts of another row, too: shown with its process only */
};

/* The name of a task: as the kernel has it, to see when it changes, and clean. */
struct task_name {
	char raw[TASK_NAME_SIZE];
	char text[3 * TASK_NAME_SIZE];
};

#define ID_NAME_SIZE 33			/* of users and groups: useradd(8) takes 32 */

/* In all rows the counts are one block of members: the model resets them together. */

struct container_row {
	struct row row;			/* found by container */
	struct count rx_bytes, tx_bytes, rx_packets, tx_packets, retransmits;
	struct count read_bytes, write_bytes, reads, writes;
	struct count file_read_bytes, file_write_bytes, file_reads, file_writes;
	struct count major_faults;
	struct count syscalls, errors;
	bool shown_exited;		/* an update has shown it exited */
};

/* A flow as its container has it: whole words, no holes. */
struct flow_row_key {
	uint64_t serial;		/* of the container */
	struct address local, remote;
	uint8_t protocol, pad[1];
	uint32_t local_port, remote_port;
	uint32_t pad2;
};
_Static_assert(sizeof(struct flow_row_key) == 56, "flow_row_key has a hole");

/* There may be 100,000 of these: what most of them do not have is elsewhere. */
struct flow_row {
	struct row row;			/* found by key */
	/* First what each packet may change: as few lines of the cache as can be. */
	struct count rx_bytes, tx_bytes, rx_packets, tx_packets, retransmits, resets, zero_windows;
	uint32_t rtt_us, connect_us, cwnd, age_s;
	struct process_row *process;	/* of pid; NULL when not known */
	const char *direction, *state;	/* static */
	struct flow_row_key key;
	const char *family;		/* static */
	const char *protocol;		/* of the names of rows, or NULL */
	uint32_t ppid, gid;
	uint64_t pid, uid;
	const char *comm, *parent, *user, *group, *service;	/* as protocol */
	struct container *peer;		/* at the other end, when that is on this host too */
	struct flow_row *other_end;	/* the flow as seen from there; goes both ways */
	struct flow_row_key *real;	/* the key with the other end as it is there; NULL: the
					   key has it so. Owned */
	struct link tuple_link;		/* among those that stand for their 5-tuple */
	bool stands_for_tuple;		/* is the one to be found by it */
	uint32_t place;			/* where the source has it; 0: nowhere */
};

struct disk_row {
	struct row row;			/* found by container and device */
	const char *device;		/* device_text */
	const char *holders;		/* holders_text or NULL: none */
	char *volume;			/* owned, clean; NULL: none */
	uint64_t major, minor;
	struct count read_bytes, write_bytes, direct_write_bytes, writeback_bytes, discard_bytes;
	struct count reads, writes, discards, flushes, io_errors;
	struct latency latency;
	uint64_t queue_avg_us, queue_max_us;
	char device_text[3 * 32], holders_text[3 * 32];
	struct latency_sum sum;
	uint64_t queue_ns, queued, queue_max_ns;	/* likewise */
};

#define ROW_FAILURES 8			/* errors that a row tells apart */

struct syscall_row {
	struct row row;			/* found by container, nr and, of details, process */
	const char *syscall;		/* syscall_text */
	uint64_t nr;			/* in its table, without flags */
	uint64_t pid;			/* UNKNOWN: of all processes of the container */
	const char *comm;		/* of name or NULL: of its process */
	struct task_name name;
	struct count count, errors, top_errors, latency_ns;
	struct wording top_error;	/* static */
	struct measure latency_avg_ns, latency_p50_ns, latency_p99_ns, latency_max_ns;
	char syscall_text[32];
	struct failure {
		uint32_t number;	/* errno; 0: none yet */
		struct count count;
	} failures[ROW_FAILURES];
	struct call_times {
		struct call_latency interval, total;
	} *times;			/* owned; NULL: none was ever timed */
};

struct file_row_key {			/* whole words, no holes */
	uint64_t serial;		/* of the container */
	uint64_t pid, inode, name;	/* as struct file_key has them */
	uint32_t device, generation;
	uint64_t flags;
};

struct file_row {
	struct row row;			/* found by key */
	struct file_row_key key;
	char *path;			/* owned, clean; NULL: not known */
	const char *access;		/* static: direct or cached */
	uint64_t pid, uid, inode, major, minor;
	const char *comm;		/* of name or NULL */
	struct task_name name;
	struct count read_bytes, write_bytes, reads, writes;
	uint64_t latency_avg_ns, latency_max_ns;	/* of the interval */
	uint64_t latency_ns, timed;	/* the first comes from */
	size_t n_records;		/* that the kernel has of it: it goes with the last */
};

struct process_row {
	struct row row;			/* found by container and pid */
	uint64_t pid, nspid, ppid, uid;
	const char *user, *comm;
	char *command, *exe;		/* owned, clean */
	char user_text[ID_NAME_SIZE];
	struct count rx_bytes, tx_bytes, file_read_bytes, file_write_bytes;
	struct count read_bytes, write_bytes, reads, writes;
	struct count major_faults;
	struct count syscalls, errors;
	struct latency disk_latency;
	struct latency_sum *disk_sum;	/* owned; NULL: it had no disk I/O yet */
	struct task_name name;
	bool named;			/* by a process_sample: it knows better than threads do */
	bool confirmed;			/* not known from flows alone */
	size_t n_flows;			/* flow rows that point here: it stays as long as they do */
};

struct hint_row {
	struct row row;			/* found by container and the sample's number */
	const char *kind, *direction, *error;	/* static */
	const char *what;		/* method, or name */
	const char *method;		/* static; NULL: none */
	char *name;			/* owned, clean; NULL: none */
	struct count count, errors, unanswered;
	struct latency latency;
	struct latency_sum sum;
};

struct listener_key {
	uint64_t serial;		/* of the container */
	struct listen_key at;
};

struct listener_row {
	struct row row;			/* found by key */
	struct listener_key key;
	const char *protocol, *family;	/* static or protocol_text */
	struct address address;
	uint64_t port, pid;
	const char *comm;		/* of name or NULL */
	uint64_t sockets, backlog, backlog_max;
	struct count accepts, drops;
	struct task_name name;
	const char *service;		/* service_text or NULL */
	char service_text[ID_NAME_SIZE];
	char protocol_text[4];
};

/* All of one event, numbered as they come; stays until EVENTS_KEPT newer ones have come. */
struct event_row {
	struct row row;			/* found by nothing */
	uint64_t time_ns;
	const char *event, *protocol, *family, *direction, *state, *error;	/* static */
	struct address local_address, remote_address;
	uint64_t local_port, remote_port, pid, ppid, uid, gid;
	const char *comm, *parent, *interface;	/* of the names below or NULL, as user and group */
	const char *user, *group;
	struct task_name name, parent_name, interface_name;
	char user_text[ID_NAME_SIZE], group_text[ID_NAME_SIZE];
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
	uint64_t duration_ms, latency_us, exit_code, signal, bytes;
	const char *operation;		/* static */
	const char *device;		/* device_text or NULL */
	char *path;			/* owned, clean; NULL: none */
	const char *detail;		/* detail_text; NULL: nothing to say */
	char device_text[3 * 32];
	char detail_text[192];
	struct container *late;		/* what is left of a container that is gone; owned */
	struct event_row *next;		/* the one that came after it */
};

#define EVENTS_KEPT 4096

struct model;

/* counted[pane]: that pane's hooks work; what is not counted is UNKNOWN, never 0. */
struct model *model_new(const bool counted[PANE_COUNT]);
void model_free(struct model *model);

/* Whether system calls have rows for each process, too: details of those of the container. */
void model_split_calls(struct model *model, bool split);

/*
 * Takes in one sample. Rows that ended in the last one go, and containers that
 * exited more than linger_ns before the sample, with all their rows, once an
 * update has shown them exited and nothing more came for them; containers may
 * be freed by it (containers_reap): the sample's are not to be used after it.
 */
void model_update(struct model *model, const struct sample *sample,
		  struct containers *containers, uint64_t linger_ns);

/* A process whose system calls have rows of their own; pid 0: none has. */
struct model_focus {
	uint64_t serial, pid;
};

/* From the next update on; the rows of another process go at once. */
void model_set_focus(struct model *model, struct model_focus focus);

/*
 * The rows of a pane, in no order, as pointers to the structures above. Valid
 * until the next update.
 */
void *const *model_rows(const struct model *model, enum pane_id pane, size_t *ret_n);

/* Only those that the last sample told of: whatever is active is among them. */
void *const *model_touched_rows(const struct model *model, enum pane_id pane, size_t *ret_n);

/* An order of a pane's rows that lasts as long as they do. */
int row_compare(const struct row *a, const struct row *b);

/* The sum of all containers, host included. Borrowed. */
const struct container_row *model_total(const struct model *model);

/* Of the last sample. */
struct timespec model_time(const struct model *model);
uint64_t model_interval_ns(const struct model *model);

/* What was lost: of the last interval, or since the start. */
const struct accuracy *model_accuracy(const struct model *model, bool total);

#endif
