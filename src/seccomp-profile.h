/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Seccomp profiles as the OCI's runtime specification has them: the system calls
 * that were seen of a container, and no others, are allowed.
 */
#ifndef SECCOMP_PROFILE_H
#define SECCOMP_PROFILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Names of calls, of the native table and of others. */
struct call_names {
	json_t *names;			/* the keys of an object; owned */
	uint32_t tables;		/* flags of the tables that some are of: SYSCALL_COMPAT and the like */
};

void call_names_init(struct call_names *calls);
void call_names_done(struct call_names *calls);

/*
 * Adds a call by its name as syscall_name() has it. What a profile cannot have is
 * passed over: operations of io_uring, and numbers without a name.
 */
void call_names_add(struct call_names *calls, const char *name);

/* The profile; what a process needs to end, which no call returns from, is in it. */
json_t *seccomp_profile(const struct call_names *calls);

/*
 * Adds the calls that the threads of a process are in now, as procfs has it: they
 * may never have returned while somebody looked.
 */
void call_names_add_current(struct call_names *calls, const char *procfs, uint64_t pid);

#endif
