/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What contop may do: all it was given while it attaches to the kernel, then
 * what looking takes, and no way back.
 */
#ifndef PRIVILEGE_H
#define PRIVILEGE_H

#include <stdbool.h>

/* What is still to be done after the start: bits, each with rights of its own. */
enum privilege {
	PRIVILEGE_LOOK = 1 << 0,	/* at other users' processes and files */
	PRIVILEGE_MAPS = 1 << 1,	/* of BPF: bpf(2) on those that are open */
	PRIVILEGE_STATS = 1 << 2,	/* to have the kernel measure BPF programs */
	PRIVILEGE_FIRST = 1 << 3,	/* to run before other tasks for a moment */
	PRIVILEGE_SIGNAL = 1 << 4,	/* to send signals to other processes */
	PRIVILEGE_NAT = 1 << 5,		/* to ask for translated addresses */
	PRIVILEGE_LISTEN = 1 << 6,	/* at a port below 1024 */
	PRIVILEGE_WRITE = 1 << 7,	/* in directories of other users */
	PRIVILEGE_ATTACH = 1 << 8,	/* BPF programs that are loaded already */
};

/*
 * The first thing to be done. Who was given capabilities by the file of the
 * program has them put aside, so that the files he names are opened with his own
 * rights. -EPERM when the program is set-user-ID or set-group-ID: then it must
 * not go on.
 */
int privilege_begin(void);

/* Whether the file of the program gave its user rights that he has not himself. */
bool privilege_is_lent(void);

/* Takes what was put aside, to load and attach programs. 0 or -errno. */
int privilege_take(void);

/*
 * Gives up for good every capability but those that the bits need, the right to
 * gain any by executing a program, and the system calls that are never needed.
 * Threads made before keep theirs: it comes before they do. 0 or -errno.
 */
int privilege_limit(unsigned int needs);

/* PRIVILEGE_WRITE when a file is another user's, or its directory; 0 when it is one's own. */
unsigned int privilege_to_write(const char *path);

/* The same for a socket that one may not speak to without. */
unsigned int privilege_to_connect(const char *path);

/*
 * What is left, for people: "cap_sys_ptrace, cap_dac_read_search; system calls
 * are filtered". The caller frees it.
 */
char *privilege_describe(void);

#endif
