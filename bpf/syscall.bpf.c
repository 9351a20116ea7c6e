// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls: counts, errors and, when asked for, latency of each thread and
 * call; operations of io_uring as if they were calls.
 *
 * A thread is on one CPU at a time, so its records take plain adds.  It finds
 * them through a small cache in its task storage; kernels without that (before
 * 5.11, and tracing programs before 5.13) remember the last call of each CPU.
 * Of the programs at the end contop loads one of each kind.  That for the start
 * of calls is attached only while somebody wants latency.
 */
#include "file.bpf.h"
#include "scope.bpf.h"
#include "slots.bpf.h"
#include "flow-maps.bpf.h"
#include "accept.bpf.h"

SLOT_TABLE(syscall, struct syscall_key, struct syscall_record);

/* The lowest slots have details: contop says how many. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct syscall_details);
} syscall_details SEC(".maps");

__u32 own_process;		/* contop's, not to be counted; 0: it is */
bool timing;			/* calls are stamped when they begin */

#define CACHE_SIZE 16

struct thread {
	__u64 css_set;			/* address; another one: the thread changed its cgroup */
	__u64 cgroup;
	__u64 cred;			/* address; another one: the thread changed its user */
	__u64 entered_ns;		/* when the call under way began; 0: not known */
	__u32 scope_epoch;
	__u32 outside;			/* not to be counted */
	__u32 slots[CACHE_SIZE];	/* by the low bits of the call's number */
	struct file_cache files;
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
	struct file_cache files;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct last_call);
} last_calls SEC(".maps");

/* When the call under way of a thread began: there, too. What is pushed out is not timed. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} entered SEC(".maps");

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
 * The call's number with contop's flags, which no real one has.  A return from a signal handler has -1
 * by now, and in the result whatever the interrupted code had in its register.
 */
static __always_inline __u32 call_number(long number, bool compat, long *result)
{
	if ((int)number < 0) {
		*result = 0;
		number = compat ? COMPAT_SIGRETURN : NATIVE_SIGRETURN;
	}
	number &= ~(X32_BIT | SYSCALL_COMPAT | SYSCALL_URING);
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

/* Two buckets to each power of two; 2^28 of the unit lie beyond the last one's start. */
static __always_inline __u32 bucket_of(__u64 ns)
{
	__u64 units = ns >> CALL_UNIT_BITS;
	__u32 high = 0, value, bucket;

	if (units >= 1 << 28)
		return CALL_BUCKETS - 1;
	value = units;
	if (value < 2)
		return value;
	if (value >= 1 << 16) { high += 16; value >>= 16; }
	if (value >= 1 << 8) { high += 8; value >>= 8; }
	if (value >= 1 << 4) { high += 4; value >>= 4; }
	if (value >= 1 << 2) { high += 2; value >>= 2; }
	if (value >= 1 << 1) high += 1;
	bucket = 2 * high + ((units >> (high - 1)) & 1);
	return bucket < CALL_BUCKETS ? bucket : CALL_BUCKETS - 1;
}

static __always_inline void count_latency(struct syscall_details *details, __u64 ns)
{
	__u32 bucket = bucket_of(ns);

	details->latency_ns += ns;
	/* For the verifier: the compiler knows the bound and would drop a plain test. */
	asm volatile("" : "+r"(bucket));
	if (bucket < CALL_BUCKETS)
		details->histogram[bucket]++;
	if (details->latency_epoch != epoch) {
		details->latency_epoch = epoch;
		details->latency_max_ns = ns;
	} else if (details->latency_max_ns < ns) {
		details->latency_max_ns = ns;
	}
}

static __always_inline void count_error(struct syscall_details *details, __u32 number)
{
	struct call_error *least = &details->errors[0];

	for (int i = 0; i < CALL_ERRORS; i++) {
		struct call_error *error = &details->errors[i];

		if (error->number == number) {
			error->count++;
			return;
		}
		if (error->count < least->count)
			least = error;
	}
	least->number = number;
	least->count++;
}

/* The count goes up last: contop looks at the rest when it has. ns 0: not timed. */
static __always_inline void count(struct syscall_record *record, __u32 slot, long result, __u64 ns)
{
	bool failed = is_error(result);

	if (failed || ns) {
		struct syscall_details *details = bpf_map_lookup_elem(&syscall_details, &slot);

		if (details && failed)
			count_error(details, -result);
		if (details && ns)
			count_latency(details, ns);
	}
	if (failed)
		record->errors++;
	barrier();
	record->count++;
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
					 __u64 pid_tid, __u32 nr, long result, __u64 ns)
{
	struct syscall_record *record;
	__u32 n = *slot;

	record = bpf_map_lookup_elem(&syscall_records, &n);
	if (record && record->key.tid == (__u32)pid_tid && record->key.nr == nr) {
		count(record, n, result, ns);
		return;
	}
	n = find_slot(cgroup, start_ns, pid_tid, nr);
	*slot = n;
	record = n ? bpf_map_lookup_elem(&syscall_records, &n) : NULL;
	if (record)
		count(record, n, result, ns);
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
		thread->outside = (__u32)task->tgid == own_process;
		__builtin_memset(thread->slots, 0, sizeof(thread->slots));
		__builtin_memset(&thread->files, 0, sizeof(thread->files));
	}
	if (!scoped() || (!moved && thread->scope_epoch == scope_epoch &&
			  thread->cred == (__u64)task->cred))
		return;
	thread->scope_epoch = scope_epoch;
	thread->cred = (__u64)task->cred;
	thread->outside = (__u32)task->tgid == own_process || current_is_outside(thread->cgroup);
}

static __always_inline struct thread *current_thread(struct task_struct *task)
{
	return bpf_task_storage_get(&threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* How long the call took that ends now; 0: not known. Each start counts once. */
static __always_inline __u64 time_taken(struct thread *thread)
{
	__u64 since = thread->entered_ns;

	if (!since)
		return 0;
	thread->entered_ns = 0;
	return bpf_ktime_get_ns() - since;
}

/* One of regs and request may be given: a call with descriptors, an operation of io_uring. */
static __always_inline int count_by_storage(struct task_struct *task, __u32 nr, long result,
					    struct pt_regs *regs, struct io_kiocb *request,
					    enum reading how)
{
	struct thread *thread = current_thread(task);
	struct file_user user = {
		.task = task, .start_ns = task->start_boottime,
		.pid_tid = (__u64)task->tgid << 32 | task->pid,
	};
	__u64 ns;

	if (!thread) {
		count_overflow(current_cgroup_key(), result);
		return 0;
	}
	ns = nr & SYSCALL_URING ? 0 : time_taken(thread);
	update_place(thread, task);
	if (thread->outside)
		return 0;
	user.cgroup = thread->cgroup;
	count_cached(&thread->slots[nr % CACHE_SIZE], user.cgroup, user.start_ns, user.pid_tid, nr,
		     result, ns);
	if (request && result >= 0)
		count_file_request(&user, &thread->files, request, nr & ~SYSCALL_URING, result);
	if (how != NO_DESCRIPTOR && file_call(nr) && result >= 0)
		count_file_call(&user, &thread->files,
				regs ? regs : (struct pt_regs *)bpf_task_pt_regs(task), nr, result,
				ns, how);
	return 0;
}

static __always_inline __u64 time_taken_by_cpu(__u32 tid)
{
	__u64 *since, begun;

	if (!timing)
		return 0;
	since = bpf_map_lookup_elem(&entered, &tid);
	if (!since || !*since)
		return 0;
	begun = *since;
	*since = 0;
	return bpf_ktime_get_ns() - begun;
}

static __always_inline int count_by_cpu(__u32 nr, long result, struct pt_regs *regs,
					enum reading how)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 css_set = (__u64)BPF_CORE_READ(task, cgroups), pid_tid = bpf_get_current_pid_tgid();
	struct file_user user = { .task = task, .pid_tid = pid_tid };
	struct last_call *last;
	__u32 zero = 0;
	__u64 ns;

	last = bpf_map_lookup_elem(&last_calls, &zero);
	if (!last)
		return 0;
	ns = nr & SYSCALL_URING ? 0 : time_taken_by_cpu(pid_tid);
	if (last->css_set != css_set) {
		last->css_set = css_set;
		last->cgroup = current_cgroup_key();
		last->slot = 0;
		__builtin_memset(&last->files, 0, sizeof(last->files));
	}
	if (pid_tid >> 32 == own_process || (scoped() && current_is_outside(last->cgroup)))
		return 0;
	user.cgroup = last->cgroup;
	user.start_ns = BPF_CORE_READ(task, start_boottime);
	count_cached(&last->slot, user.cgroup, user.start_ns, pid_tid, nr, result, ns);
	if (how != NO_DESCRIPTOR && file_call(nr) && result >= 0)
		count_file_call(&user, &last->files, regs, nr, result, ns, how);
	return 0;
}

/* ---- the ends of calls */

/* regs NULL: they are to be had of the task (from 5.15 on). */
static __always_inline int call_ended(long number, long result, struct pt_regs *regs,
				      enum reading how)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 nr = call_number(number, TASK_COMPAT(task), &result);

	take_accepted(nr, result);
	return is_child(nr, result) ? 0 : count_by_storage(task, nr, result, regs, NULL, how);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_storage, struct pt_regs *regs, long result)
{
	return call_ended(SYSCALL_NUMBER(regs), result, regs, BY_LOAD);
}

/* Until 6.2 there is no bpf_rdonly_cast. */
SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_untyped, struct pt_regs *regs, long result)
{
	return call_ended(SYSCALL_NUMBER(regs), result, regs, BY_COPY_OF_FILES);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_cpu, struct pt_regs *regs, long result)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
#ifdef __TARGET_ARCH_x86
	bool compat = BPF_CORE_READ(task, thread_info.status) & 2;
#else
	bool compat = BPF_CORE_READ(task, thread_info.flags) & (1 << 22);
#endif
	__u32 nr = call_number(SYSCALL_NUMBER(regs), compat, &result);

	take_accepted(nr, result);
	return is_child(nr, result) ? 0 : count_by_cpu(nr, result, regs, BY_COPY);
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
	return call_ended(nr, result, NULL, BY_LOAD);
}

/* ---- the starts of calls */

static __always_inline int call_begins(void)
{
	struct thread *thread = current_thread(bpf_get_current_task_btf());

	if (thread && !thread->outside)
		thread->entered_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter_storage)
{
	return call_begins();
}

SEC("tp/raw_syscalls/sys_enter")
int sys_enter_perf(void *context)
{
	return call_begins();
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter_cpu)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 *since = bpf_map_lookup_elem(&entered, &tid), now;

	if (since) {
		*since = bpf_ktime_get_ns();
		return 0;
	}
	now = bpf_ktime_get_ns();
	bpf_map_update_elem(&entered, &tid, &now, BPF_ANY);
	return 0;
}

/*
 * ---- operations of io_uring
 *
 * They end in a thread of the process that asked for them: the asking one, or
 * one that the kernel has given the process for this (from 5.12 on).  Some
 * requests end more often than that, on the way: these are not told apart here
 * and come without the request.
 */

static __always_inline int operation_ended(void *request, long result)
{
	if (!request)
		return 0;
	return count_by_storage(bpf_get_current_task_btf(),
				SYSCALL_URING | BPF_CORE_READ((struct io_kiocb *)request, opcode),
				result, NULL, request, NO_DESCRIPTOR);
}

/* As 6.18 has it; 6.12 still had the arguments below. */
SEC("tp_btf/io_uring_complete")
int BPF_PROG(uring_complete_entry, void *ring, void *request, struct io_uring_cqe *entry)
{
	return operation_ended(request, entry->res);
}

/* As kernels from 5.18 on have it. */
SEC("tp_btf/io_uring_complete")
int BPF_PROG(uring_complete, void *ring, void *request, __u64 data, int result)
{
	return operation_ended(request, result);
}

struct uring_complete_context {
	__u64 common;
	void *ring, *request;
	__u64 data;
	int result;
};

/* For kernels whose tracepoints can be preempted (7.0, commit f7d327654b88). */
SEC("tp/io_uring/io_uring_complete")
int uring_complete_perf(struct uring_complete_context *context)
{
	return operation_ended(context->request, context->result);
}

/* Before, the end does not tell what has ended, so that operations count when they begin. */
SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(uring_submit, void *ring, void *request, __u8 opcode)
{
	return count_by_storage(bpf_get_current_task_btf(), SYSCALL_URING | opcode, 0, NULL, NULL,
				NO_DESCRIPTOR);
}

SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(uring_submit_cpu, void *ring, void *request, __u8 opcode)
{
	return count_by_cpu(SYSCALL_URING | opcode, 0, NULL, NO_DESCRIPTOR);
}

/* ---- who contop is: a process id in the kernel's own numbers, wherever contop runs */

SEC("raw_tp")
int syscall_leave_out(void *context)
{
	own_process = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
