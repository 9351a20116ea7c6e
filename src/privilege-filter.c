/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of what is refused, not of what is allowed: it needs no change when a
 * library or the C library makes another harmless call, and what it is for is to
 * leave no way from a mistake in contop to a change of the host. A call that is
 * refused fails with EPERM, as it would for anybody without the right.
 */
#include "privilege-filter.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "privilege.h"
#include "util.h"

/* By the privilege that lets it pass; 0: none does. Those that this architecture lacks do no harm. */
static const struct {
	unsigned int unless;
	const char *name;
} refused[] = {
	/* Other programs. Threads are made by clone, see below. */
	{ 0, "execve" }, { 0, "execveat" }, { 0, "fork" }, { 0, "vfork" },
	/* The insides of other processes. */
	{ 0, "ptrace" }, { 0, "process_vm_readv" }, { 0, "process_vm_writev" },
	{ 0, "process_madvise" }, { 0, "pidfd_getfd" }, { 0, "kcmp" }, { 0, "userfaultfd" },
	{ PRIVILEGE_SIGNAL, "pidfd_send_signal" }, { PRIVILEGE_SIGNAL, "rt_sigqueueinfo" },
	/* What the host runs on. */
	{ 0, "init_module" }, { 0, "finit_module" }, { 0, "delete_module" }, { 0, "kexec_load" },
	{ 0, "kexec_file_load" }, { 0, "reboot" }, { 0, "swapon" }, { 0, "swapoff" },
	{ 0, "syslog" }, { 0, "acct" }, { 0, "quotactl" }, { 0, "quotactl_fd" }, { 0, "iopl" },
	{ 0, "ioperm" }, { 0, "settimeofday" }, { 0, "clock_settime" }, { 0, "adjtimex" },
	{ 0, "clock_adjtime" }, { 0, "sethostname" }, { 0, "setdomainname" }, { 0, "vhangup" },
	/* File systems. */
	{ 0, "mount" }, { 0, "umount2" }, { 0, "pivot_root" }, { 0, "chroot" }, { 0, "fsopen" },
	{ 0, "fsconfig" }, { 0, "fsmount" }, { 0, "fspick" }, { 0, "move_mount" },
	{ 0, "open_tree" }, { 0, "mount_setattr" }, { 0, "open_by_handle_at" }, { 0, "mknod" },
	{ 0, "mknodat" }, { 0, "chown" }, { 0, "lchown" }, { 0, "fchownat" }, { 0, "setxattr" },
	{ 0, "lsetxattr" }, { 0, "fsetxattr" }, { 0, "fanotify_init" },
	/* Who it is. */
	{ 0, "setuid" }, { 0, "setgid" }, { 0, "setreuid" }, { 0, "setregid" },
	{ 0, "setresuid" }, { 0, "setresgid" }, { 0, "setfsuid" }, { 0, "setfsgid" },
	{ 0, "setgroups" }, { 0, "unshare" }, { 0, "setns" }, { 0, "personality" },
	{ 0, "add_key" }, { 0, "request_key" }, { 0, "keyctl" },
	/* Ways around a filter, and to programs in the kernel. */
	{ 0, "io_uring_setup" }, { 0, "io_uring_enter" }, { 0, "io_uring_register" },
	{ 0, "perf_event_open" },
};

/* All of bpf(2) that counting and reading take; by their numbers, those after them included. */
static bool is_allowed_of_bpf(unsigned int command, unsigned int needs)
{
	switch (command) {
	case BPF_MAP_LOOKUP_ELEM:
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_DELETE_ELEM:
	case BPF_MAP_GET_NEXT_KEY:
	case BPF_MAP_LOOKUP_AND_DELETE_ELEM:
	case BPF_MAP_LOOKUP_BATCH:
	case BPF_MAP_LOOKUP_AND_DELETE_BATCH:
	case BPF_MAP_UPDATE_BATCH:
	case BPF_MAP_DELETE_BATCH:
	case BPF_PROG_TEST_RUN:
	case BPF_OBJ_GET_INFO_BY_FD:
	case BPF_ITER_CREATE:
		return true;
	case BPF_LINK_CREATE:
	case BPF_RAW_TRACEPOINT_OPEN:
		return needs & PRIVILEGE_ATTACH;
	case BPF_ENABLE_STATS:
		return needs & PRIVILEGE_STATS;
	default:
		return false;
	}
}

/* Refuses a call when one of its arguments is so; where the kernel takes 32 bits, a mask says it. */
static int refuse_if(scmp_filter_ctx filter, int number, unsigned int argument, enum scmp_compare is,
		     uint64_t value, uint64_t masked)
{
	const struct scmp_arg_cmp condition = {
		.arg = argument, .op = is, .datum_a = value, .datum_b = masked,
	};

	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), number, 1, &condition);
}

static int refuse_bpf(scmp_filter_ctx filter, unsigned int needs)
{
	enum { COMMANDS = 64 };		/* more than there are */
	int error = 0;

	for (unsigned int i = 0; i < COMMANDS && !error; i++)
		if (!is_allowed_of_bpf(i, needs))
			error = refuse_if(filter, SCMP_SYS(bpf), 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, i);
	if (!error)
		error = refuse_if(filter, SCMP_SYS(bpf), 0, SCMP_CMP_GE, COMMANDS, 0);
	return error;
}

/* Threads may be made, processes not. What clone3 makes cannot be seen: libc does without it. */
static int refuse_processes(scmp_filter_ctx filter)
{
	int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	return error ? error :
	       refuse_if(filter, SCMP_SYS(clone), 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
}

/* But for those to itself: that is how curses stops at ^Z. */
static int refuse_signals(scmp_filter_ctx filter, unsigned int needs)
{
	return needs & PRIVILEGE_SIGNAL ? 0 :
	       refuse_if(filter, SCMP_SYS(kill), 0, SCMP_CMP_NE, (uint64_t)getpid(), 0);
}

/* To type on somebody else's terminal. */
static int refuse_typing(scmp_filter_ctx filter)
{
	return refuse_if(filter, SCMP_SYS(ioctl), 1, SCMP_CMP_MASKED_EQ, UINT32_MAX, TIOCSTI);
}

static int add_rules(scmp_filter_ctx filter, unsigned int needs)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(refused) && !error; i++) {
		int number = seccomp_syscall_resolve_name(refused[i].name);

		if (number < 0 || needs & refused[i].unless)
			continue;
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);
	}
	if (!error)
		error = refuse_bpf(filter, needs);
	if (!error)
		error = refuse_processes(filter);
	if (!error)
		error = refuse_signals(filter, needs);
	return error ? error : refuse_typing(filter);
}

int privilege_filter_install(unsigned int needs)
{
	scmp_filter_ctx filter;
	int error;

#ifdef CONTOP_SANITIZED
	/* At the end they look for leaks by a process that traces this one. */
	return 0;
#endif
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return -ENOMEM;
	error = add_rules(filter, needs);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	/* A kernel without it. */
	return error == -ENOSYS || error == -EINVAL ? 0 : error;
}
