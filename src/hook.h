/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of several programs to use on this kernel: hooks are tried in a
 * declared order, by really loading and attaching them.
 */
#ifndef HOOK_H
#define HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source.h"

#define KERNEL_VERSION_OF(major, minor) ((major) << 16 | (minor))

/* What io_uring's tracepoints tell. */
enum uring_tracing {
	URING_NONE,
	URING_SUBMIT,			/* what is begun, but not what has ended (before 5.18) */
	URING_COMPLETE,			/* what has ended, and its result */
	URING_COMPLETE_ENTRY,		/* likewise, the result as an entry of the ring */
};

/* What is known of the kernel before anything is loaded. */
struct kernel_facts {
	unsigned int version;		/* KERNEL_VERSION_OF(major, minor) */
	unsigned int issue_arguments;	/* of tracepoint block_rq_issue; 0: not known */
	unsigned int bio_arguments;	/* of tracepoint block_bio_queue, likewise */
	unsigned int victim_arguments;	/* of tracepoint mark_victim, likewise */
	enum uring_tracing uring;
	bool confidential;		/* locked down so that programs may not read its memory */
};

#define HOOK_PARTS_MAX 8

/* One way to count: which programs of an object serve it, and which of its maps it does without. */
struct hook {
	const char *name;		/* as --check shows it */
	const char *option;		/* of the kernel's configuration, which it takes; NULL: CONFIG_BPF_EVENTS */
	bool (*suits)(const struct kernel_facts *facts);	/* NULL: any kernel */
	const char *programs[HOOK_PARTS_MAX];
	const char *maps_unused[HOOK_PARTS_MAX];
};

/*
 * Tries the hooks that suit, in order, and stops at the first for which attempt
 * returns 0; says in *status which that was, or why none works. Returns 0 or
 * the error of the first one that failed. A hook whose name matches one in the
 * list "off" (patterns of the shell, separated by commas; NULL: none) is passed
 * over, to test the others.
 */
int hook_choose(const struct hook *hooks, size_t n, const struct kernel_facts *facts, const char *off,
		int (*attempt)(void *arg, const struct hook *hook), void *arg,
		struct pane_status *status);

/*
 * Whether programs of tracepoints may be preempted, and are then skipped for all other
 * tasks on that CPU: from 7.0 on (commits a46023d5616e and f7d327654b88), those of
 * system calls from 7.2 on. Programs of perf events are not.
 */
bool hook_is_preemptible(const struct kernel_facts *facts);
bool hook_of_calls_is_preemptible(const struct kernel_facts *facts);

/* Why a hook did not work, for people: what the error means for bpf(2). */
const char *hook_reason(int error);

#endif
