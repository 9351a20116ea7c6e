/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of system calls, by libseccomp's tables of this architecture. */
#ifndef SYSCALL_NAME_H
#define SYSCALL_NAME_H

#include <stddef.h>
#include <stdint.h>

/* What names begin with that are not of the architecture's own calls. */
#define COMPAT_MARK "32:"
#define URING_MARK "io_uring:"
#define UNNAMED_MARK "syscall_"

/*
 * Writes the name of a system call (with SYSCALL_COMPAT: of the 32-bit table,
 * marked "32:read"; with SYSCALL_URING: of an operation, "io_uring:read"). A number without a name is "syscall_NNN". The kernel
 * reports a return from a signal handler as -1: that is rt_sigreturn.
 */
void syscall_name(uint32_t nr, char *out, size_t out_size);

/* The number in its table: without flags, and that of rt_sigreturn for -1. */
uint32_t syscall_number(uint32_t nr);

#endif
