/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls that contop never makes once it has started. */
#ifndef PRIVILEGE_FILTER_H
#define PRIVILEGE_FILTER_H

/*
 * From now on they fail, for this thread and those it makes. needs: enum privilege.
 * Without seccomp in the kernel it does nothing. 0 or -errno.
 */
int privilege_filter_install(unsigned int needs);

#endif
