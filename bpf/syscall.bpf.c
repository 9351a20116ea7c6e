// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls: counts and errors of each thread and call.
 *
 * A thread is on one CPU at a time, so its records take plain adds.  It finds
 * them through a small cache in its task storage; kernels without that (before
 * 5.11, and tracing programs before 5.13) remember the last call of each CPU.
 * Contop loads one of the three programs at the end.
 */
#include "scope.bpf.h"
#include "slots.bpf.h"

SLOT_TABLE(syscall, struct syscall_key, struct syscall_record);

#define CACHE_SIZE 16

struct thread {
	__u64 css_set;			/* address; another one: the thread changed its cgroup */
	__u64 cgroup;
	__u64 cred;			/* address; another one: the thread changed its user */
	__u32 scope_epoch;
	__u32 outside;			/* not to be counted */
	__u32 slots[CACHE_SIZE];	/* by the low bits of the call's number */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
} threads SEC(".maps");

/* What this CPU counted last, for kernels without task storage. */
struct last_call {
	__u64 css_set;
	__u64 cgroup;
	__u32 slot;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct last_call);
} last_calls SEC(".maps");

#ifdef __TARGET_ARCH_x86
#define NATIVE_SIGRETURN 15
#define NATIVE_FORK(nr) ((nr) == 56 || (nr) == 57 || (nr) == 58 || (nr) == 435)
#else
#define NATIVE_SIGRETURN 139
#define NATIVE_FORK(nr) ((nr) == 220 || (nr) == 435)
#endif
#define COMPAT_SIGRETURN 173
#define COMPAT_FORK(nr) ((nr) == 120 || (nr) == 2 || (nr) == 190 || (nr) == 435)

#define X32_BIT 0x40000000u

/* The child of a fork, too, leaves the call, with 0: that is not a call of its own. */
static __always_inline bool is_child(__u32 nr, long result)
{
	if (result)
		return false;
	return nr & SYSCALL_COMPAT ? COMPAT_FORK(nr & ~SYSCALL_COMPAT) : NATIVE_FORK(nr);
}

/* -512 to -530 are the kernel's own codes for "start again", no errors. */
static __always_inline bool is_error(long result)
{
	return result < 0 && result > -4096 && !(result <= -512 && result >= -530);
}

/*
 * The call's number with contop's flags.  A return from a signal handler has -1
 * by now, and in the result whatever the interrupted code had in its register.
 */
static __always_inline __u32 call_number(long number, bool compat, long *result)
{
	if ((int)number < 0) {
		*result = 0;
		number = compat ? COMPAT_SIGRETURN : NATIVE_SIGRETURN;
	}
	number &= ~(X32_BIT | SYSCALL_COMPAT);
	return compat ? number | SYSCALL_COMPAT : number;
}

static __always_inline __u32 find_slot(__u64 cgroup, __u64 start_ns, __u64 pid_tid, __u32 nr)
{
	struct syscall_key key = { .cgroup = cgroup, .start_ns = start_ns, .tid = pid_tid, .nr = nr };
	struct syscall_record *record;
	bool made;
	__u32 slot = slot_of(&syscall_index, &syscall_free, &key, &made);

	if (!made)
		return slot;
	record = bpf_map_lookup_elem(&syscall_records, &slot);
	if (!record)
		return 0;
	record->pid = pid_tid >> 32;
	record->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	record->key = key;
	return slot;
}

static __always_inline void count(struct syscall_record *record, long result)
{
	record->count++;
	if (is_error(result))
		record->errors++;
}

static __always_inline void count_overflow(__u64 cgroup, long result)
{
	struct overflow_record *record = overflow_of(cgroup);

	if (!record)
		return;
	ADD(record->syscalls, 1);
	if (is_error(result))
		ADD(record->errors, 1);
}

/* Counts a call of the current thread; the record at *slot is the cache's guess. */
static __always_inline void count_cached(__u32 *slot, __u64 cgroup, __u64 start_ns,
					 __u64 pid_tid, __u32 nr, long result)
{
	struct syscall_record *record;
	__u32 n = *slot;

	record = bpf_map_lookup_elem(&syscall_records, &n);
	if (record && record->key.tid == (__u32)pid_tid && record->key.nr == nr) {
		count(record, result);
		return;
	}
	n = find_slot(cgroup, start_ns, pid_tid, nr);
	*slot = n;
	record = n ? bpf_map_lookup_elem(&syscall_records, &n) : NULL;
	if (record)
		count(record, result);
	else
		count_overflow(cgroup, result);
}

/* Whether what is noted of a thread's place still holds; if not, it is noted anew. */
static __always_inline void update_place(struct thread *thread, struct task_struct *task)
{
	bool moved = thread->css_set != (__u64)task->cgroups;

	if (moved) {
		thread->css_set = (__u64)task->cgroups;
		thread->cgroup = current_cgroup_key();
		__builtin_memset(thread->slots, 0, sizeof(thread->slots));
	}
	if (!scoped() || (!moved && thread->scope_epoch == scope_epoch &&
			  thread->cred == (__u64)task->cred))
		return;
	thread->scope_epoch = scope_epoch;
	thread->cred = (__u64)task->cred;
	thread->outside = current_is_outside(thread->cgroup);
}

static __always_inline int count_by_storage(long number, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 nr = call_number(number, TASK_COMPAT(task), &result);
	struct thread *thread;

	if (is_child(nr, result))
		return 0;
	thread = bpf_task_storage_get(&threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!thread) {
		count_overflow(current_cgroup_key(), result);
		return 0;
	}
	update_place(thread, task);
	if (scoped() && thread->outside)
		return 0;
	count_cached(&thread->slots[nr % CACHE_SIZE], thread->cgroup, task->start_boottime,
		     (__u64)task->tgid << 32 | task->pid, nr, result);
	return 0;
}

static __always_inline int count_by_cpu(long number, long result)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 css_set = (__u64)BPF_CORE_READ(task, cgroups);
#ifdef __TARGET_ARCH_x86
	bool compat = BPF_CORE_READ(task, thread_info.status) & 2;
#else
	bool compat = BPF_CORE_READ(task, thread_info.flags) & (1 << 22);
#endif
	__u32 nr = call_number(number, compat, &result), zero = 0;
	struct last_call *last;

	if (is_child(nr, result))
		return 0;
	last = bpf_map_lookup_elem(&last_calls, &zero);
	if (!last)
		return 0;
	if (last->css_set != css_set) {
		last->css_set = css_set;
		last->cgroup = current_cgroup_key();
		last->slot = 0;
	}
	if (scoped() && current_is_outside(last->cgroup))
		return 0;
	count_cached(&last->slot, last->cgroup, BPF_CORE_READ(task, start_boottime),
		     bpf_get_current_pid_tgid(), nr, result);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_storage, struct pt_regs *regs, long result)
{
	return count_by_storage(SYSCALL_NUMBER(regs), result);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_cpu, struct pt_regs *regs, long result)
{
	return count_by_cpu(SYSCALL_NUMBER(regs), result);
}

struct sys_exit_context {
	__u64 common;
	long nr;
	long result;
};

/*
 * The perf tracepoint: from 7.2 on the others silently miss the calls of
 * preempted tasks (commit a46023d5616e).
 */
SEC("tp/raw_syscalls/sys_exit")
int sys_exit_perf(struct sys_exit_context *context)
{
	long nr = context->nr, result = context->result;

	/* Else clang may read them through a moved pointer: "dereference of modified ctx ptr" before 7.1. */
	asm volatile("" : "+r"(nr), "+r"(result));
	return count_by_storage(nr, result);
}
