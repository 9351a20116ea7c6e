/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of system calls, by libseccomp's tables of this architecture. */
#ifndef SYSCALL_NAME_H
#define SYSCALL_NAME_H

#include <stddef.h>
#include <stdint.h>

/* What the names of calls begin with that have none, after the mark of their table. */
#define UNNAMED_MARK "syscall_"

/*
 * Writes the name of a system call, which begins with a mark of its table if that is not
 * the architecture's own: "32:read" with SYSCALL_COMPAT, "x32:read" with SYSCALL_X32,
 * "io_uring:read" with SYSCALL_URING. A number without a name is "syscall_NNN".
 */
void syscall_name(uint32_t nr, char *out, size_t out_size);

/* The number in its table: without flags. */
uint32_t syscall_number(uint32_t nr);

/* The flag of the table that a name is marked with, 0 if it is not; *name goes beyond the mark. */
uint32_t syscall_table(const char **name);

#endif
