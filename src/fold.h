/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the model: what folds the elements of a sample into rows shares.  Each
 * kind of element has its file; all of them add to the row of its container and,
 * where one is known, to that of its process. The total is the sum of all containers'.
 */
#ifndef FOLD_H
#define FOLD_H

#include "rows.h"

struct model {
	struct rows rows;
	struct container_row total;
	bool counted[PANE_COUNT];
	bool faults_counted;		/* now: else they are UNKNOWN */
	bool split_calls;		/* rows of system calls for each process, too */
	struct timespec time;
	uint64_t interval_ns;
	struct accuracy accuracy, accuracy_total;
	struct model_focus focus;
};

/* The row of a container, made if need be: what is counted here is 0, the rest UNKNOWN. */
struct container_row *container_row_get(struct model *model, struct container *container);
void container_row_init(const struct model *model, struct container_row *row);

/* Adds to the sums of a container's row. */
void container_add_network(struct container_row *row, uint64_t rx_bytes, uint64_t tx_bytes,
			   uint64_t rx_packets, uint64_t tx_packets, uint64_t retransmits);
void container_add_blocks(struct container_row *row, const uint64_t bytes[DISK_OPERATIONS],
			  const uint64_t operations[DISK_OPERATIONS]);
void container_add_files(struct container_row *row, uint64_t read_bytes, uint64_t write_bytes,
			 uint64_t reads, uint64_t writes);
void container_add_calls(struct container_row *row, uint64_t count, uint64_t errors);

/* A row of any pane but the first, with its container's as owner. */
void *row_add(struct model *model, enum pane_id pane, struct container *container,
	      const void *key);

/* Touches a row and that of its container. */
void row_touch_both(struct model *model, enum pane_id pane, struct row *row);

/* The row of a process, made if need be, and touched. */
struct process_row *process_row_get(struct model *model, struct container *container,
				    uint64_t pid);

/* What one of its threads is called: counts as long as nobody told better. */
void process_name(struct process_row *row, const char comm[TASK_NAME_SIZE]);
void process_add_calls(struct model *model, struct process_row *row, uint64_t count,
		       uint64_t errors);

void process_add_files(struct model *model, struct process_row *row, uint64_t read_bytes,
		       uint64_t write_bytes);

/* The calls and files of no process are known any more. */
void processes_lose_calls(struct model *model);

/* A gauge keeps what it was when a sample does not tell. */
void gauge_set(uint64_t *gauge, uint64_t n);

/* One element of a sample each. */
void fold_flow(struct model *model, const struct flow_sample *sample);
void fold_growth(struct model *model, const struct sample *sample,
		 const struct flow_growth *growth);
void fold_disk(struct model *model, const struct disk_sample *sample);
void fold_syscall(struct model *model, const struct sample *sample,
		  const struct syscall_sample *call);
void fold_file(struct model *model, const struct file_sample *sample);
void fold_process(struct model *model, const struct process_sample *sample);
void fold_fault(struct model *model, const struct fault_sample *sample);
void fold_listener(struct model *model, const struct listener_sample *sample);
void fold_hint(struct model *model, const struct hint_sample *sample);
void fold_event(struct model *model, const struct event_sample *sample);
void fold_remainder(struct model *model, const struct remainder_sample *sample);

/* Before the first of a sample: counts of faults begin, or end, in all rows. */
void faults_begin(struct model *model, bool counted);

/* After the last of a sample that has them all: those that are not in it go. */
void listeners_finish(struct model *model);

/* What a disk's or a process's row has of one interval, after all of its samples. */
void disk_finish(struct disk_row *row);
void process_finish(struct process_row *row);

/* What a sum makes: all UNKNOWN where nothing was timed. */
void latency_set(struct latency *latency, const struct latency_sum *sum);

/* The same for system calls; parts go with their processes. */
void syscalls_finish(struct model *model);

#endif
