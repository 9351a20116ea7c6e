/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of system calls: libseccomp has the tables of every architecture, but not io_uring's. */
#include <inttypes.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/contop.h"
#include "syscall-name.h"
#include "util.h"

/* Tables beside the architecture's own. */
static const struct {
	uint32_t flag;
	const char *mark;
} tables[] = {
	{ SYSCALL_COMPAT, "32:" },
	{ SYSCALL_X32, "x32:" },
	{ SYSCALL_URING, "io_uring:" },
};

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

/* libseccomp's name for a table; native where there is none. */
static uint32_t architecture_of(uint32_t flag)
{
	uint32_t native = seccomp_arch_native();

	if (flag == SYSCALL_X32)
		return SCMP_ARCH_X32;
	if (flag == SYSCALL_COMPAT && native == SCMP_ARCH_X86_64)
		return SCMP_ARCH_X86;
	return flag == SYSCALL_COMPAT && native == SCMP_ARCH_AARCH64 ? SCMP_ARCH_ARM : native;
}

uint32_t syscall_number(uint32_t nr)
{
	return nr & SYSCALL_NUMBER_MAX;
}

uint32_t syscall_table(const char **name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		size_t length = strlen(tables[i].mark);

		if (!strncmp(*name, tables[i].mark, length)) {
			*name += length;
			return tables[i].flag;
		}
	}
	return 0;
}

static void uring_name(const char *mark, uint32_t opcode, char *out, size_t out_size)
{
	if (opcode < ARRAY_SIZE(uring_names))
		snprintf(out, out_size, "%s%s", mark, uring_names[opcode]);
	else
		snprintf(out, out_size, "%s%" PRIu32, mark, opcode);
}

void syscall_name(uint32_t nr, char *out, size_t out_size)
{
	uint32_t number = syscall_number(nr), flag = 0;
	const char *mark = "";
	char *name;

	for (size_t i = 0; i < ARRAY_SIZE(tables) && !flag; i++)
		if (nr & tables[i].flag) {
			flag = tables[i].flag;
			mark = tables[i].mark;
		}
	if (flag == SYSCALL_URING) {
		uring_name(mark, number, out, out_size);
		return;
	}
	name = seccomp_syscall_resolve_num_arch(architecture_of(flag), (int)number);
	if (name)
		snprintf(out, out_size, "%s%s", mark, name);
	else
		snprintf(out, out_size, "%s" UNNAMED_MARK "%" PRIu32, mark, number);
	free(name);
}
