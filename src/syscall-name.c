/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of system calls: libseccomp has the tables of every architecture. */
#include <inttypes.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../bpf/contop.h"
#include "syscall-name.h"

/* sys_exit's number when a signal handler returns: the kernel has put the real one away. */
#define SIGNAL_RETURN UINT32_MAX

/* libseccomp's name for the table of 32-bit programs; native where there is none. */
static uint32_t compat_architecture(void)
{
	switch (seccomp_arch_native()) {
	case SCMP_ARCH_X86_64:
		return SCMP_ARCH_X86;
	case SCMP_ARCH_AARCH64:
		return SCMP_ARCH_ARM;
	default:
		return SCMP_ARCH_NATIVE;
	}
}

uint32_t syscall_number(uint32_t nr)
{
	if (nr != SIGNAL_RETURN)
		return nr & ~SYSCALL_COMPAT;
	return (uint32_t)seccomp_syscall_resolve_name("rt_sigreturn");
}

void syscall_name(uint32_t nr, char *out, size_t out_size)
{
	bool compat = nr != SIGNAL_RETURN && nr & SYSCALL_COMPAT;
	uint32_t number = syscall_number(nr);
	const char *mark = compat ? "32:" : "";
	char *name = seccomp_syscall_resolve_num_arch(
		compat ? compat_architecture() : SCMP_ARCH_NATIVE, (int)number);

	if (name)
		snprintf(out, out_size, "%s%s", mark, name);
	else
		snprintf(out, out_size, "%ssyscall_%" PRIu32, mark, number);
	free(name);
}
