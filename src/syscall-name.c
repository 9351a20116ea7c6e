/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of system calls: libseccomp has the tables of every architecture, but not io_uring's. */
#include <inttypes.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../bpf/contop.h"
#include "syscall-name.h"
#include "util.h"

/* sys_exit's number when a signal handler returns: the kernel has put the real one away. */
#define SIGNAL_RETURN UINT32_MAX

/* By opcode, as enum io_uring_op has them (7.2). */
static const char *const uring_names[] = {
	"nop", "readv", "writev", "fsync", "read_fixed", "write_fixed", "poll_add", "poll_remove",
	"sync_file_range", "sendmsg", "recvmsg", "timeout", "timeout_remove", "accept",
	"async_cancel", "link_timeout", "connect", "fallocate", "openat", "close", "files_update",
	"statx", "read", "write", "fadvise", "madvise", "send", "recv", "openat2", "epoll_ctl",
	"splice", "provide_buffers", "remove_buffers", "tee", "shutdown", "renameat", "unlinkat",
	"mkdirat", "symlinkat", "linkat", "msg_ring", "fsetxattr", "setxattr", "fgetxattr",
	"getxattr", "socket", "uring_cmd", "send_zc", "sendmsg_zc", "read_multishot", "waitid",
	"futex_wait", "futex_wake", "futex_waitv", "fixed_fd_install", "ftruncate", "bind",
	"listen", "recv_zc", "epoll_wait", "readv_fixed", "writev_fixed", "pipe", "nop128",
	"uring_cmd128",
};

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
		return nr & ~(SYSCALL_COMPAT | SYSCALL_URING);
	return (uint32_t)seccomp_syscall_resolve_name("rt_sigreturn");
}

static void uring_name(uint32_t opcode, char *out, size_t out_size)
{
	if (opcode < ARRAY_SIZE(uring_names))
		snprintf(out, out_size, URING_MARK "%s", uring_names[opcode]);
	else
		snprintf(out, out_size, URING_MARK "%" PRIu32, opcode);
}

void syscall_name(uint32_t nr, char *out, size_t out_size)
{
	bool compat = nr != SIGNAL_RETURN && nr & SYSCALL_COMPAT;
	uint32_t number = syscall_number(nr);
	const char *mark = compat ? COMPAT_MARK : "";
	char *name;

	if (nr != SIGNAL_RETURN && nr & SYSCALL_URING) {
		uring_name(number, out, out_size);
		return;
	}
	name = seccomp_syscall_resolve_num_arch(
		compat ? compat_architecture() : SCMP_ARCH_NATIVE, (int)number);

	if (name)
		snprintf(out, out_size, "%s%s", mark, name);
	else
		snprintf(out, out_size, "%s" UNNAMED_MARK "%" PRIu32, mark, number);
	free(name);
}
