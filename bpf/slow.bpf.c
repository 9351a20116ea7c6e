// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that read, write or sync a file and take long, one by one.  Loaded only when
 * somebody asks for them: the counting of calls has nothing to do with it.
 */
#include "scope.bpf.h"
#include "call.bpf.h"
#include "path.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} slow_files SEC(".maps");

__u64 lost_events;
__u32 own_process;		/* contop's, whose calls are not told; 0: they are */
__u32 wanted;			/* set by contop: somebody looks at events */

/* A call under way. */
struct begun {
	__u64 ns;
	__u32 from, to;		/* descriptors */
	__u32 kind;		/* enum call_kind */
	__u32 pad;
};

/* By thread. Most read from pipes and sockets and never leave; what is pushed out is not timed. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct begun);
} begun_calls SEC(".maps");

#define FILE_DIRECTORY 0040000

static __always_inline bool current_is_compat(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
#ifdef __TARGET_ARCH_x86
	return BPF_CORE_READ(task, thread_info.status) & 2;
#else
	return BPF_CORE_READ(task, thread_info.flags) & (1 << 22);
#endif
}

static __always_inline enum call_kind kind_of(__u32 number, bool compat)
{
	long result = 0;

	return call_kind(call_number(number, compat, &result));
}

static __always_inline int begin(enum call_kind kind, __u32 first, __u32 second, __u32 third)
{
	struct begun begun = { .kind = kind };
	__u64 pid_tid = bpf_get_current_pid_tgid();
	__u32 tid = pid_tid;

	if (begun.kind != CALL_SYNCS && (begun.kind < CALL_READS || begun.kind > CALL_COPIES))
		return 0;
	if (!wanted || pid_tid >> 32 == own_process)
		return 0;
	begun.from = begun.kind == CALL_SENDS ? second : first;
	begun.to = begun.kind == CALL_COPIES ? third : first;
	begun.ns = bpf_ktime_get_ns();
	bpf_map_update_elem(&begun_calls, &tid, &begun, BPF_ANY);
	return 0;
}

/* Only what holds data is a file here; a directory is synced as well. */
static __always_inline bool is_file(struct file *file, __u32 operation)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u32 type = BPF_CORE_READ(inode, i_mode) & FILE_TYPE;

	return (type == FILE_REGULAR || type == FILE_BLOCK ||
		(type == FILE_DIRECTORY && operation == SLOW_SYNC)) &&
	       !is_pseudo(BPF_CORE_READ(inode, i_sb, s_magic));
}

/* Looked at by the verifier once, for all who call it: hence numbers. */
__noinline int tell_slow(__u32 fd, __u32 operation, __u64 latency_ns, __s64 result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = file_of(task, fd, BY_COPY);
	__u64 cgroup = current_cgroup_key();
	struct slow_file_record *record;
	struct file_walk *walk;

	if (!file || !is_file(file, operation) || (scoped() && current_is_outside(cgroup)))
		return 0;
	walk = walk_up((__u64)file);
	record = walk ? bpf_ringbuf_reserve(&slow_files, sizeof(*record), 0) : NULL;
	if (!record) {
		ADD(lost_events, 1);
		return 0;
	}
	record->time_ns = bpf_ktime_get_ns();
	record->cgroup = cgroup;
	record->latency_ns = latency_ns;
	record->result = result;
	record->pid = bpf_get_current_pid_tgid() >> 32;
	record->uid = bpf_get_current_uid_gid();
	record->operation = operation;
	record->path_size = walk->size;
	record->path_flags = walk->flags;
	record->pad = 0;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	bpf_probe_read_kernel(record->path, sizeof(record->path), walk->text);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

static __always_inline int end(long result)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct begun *found = bpf_map_lookup_elem(&begun_calls, &tid), begun;
	__u64 latency;

	if (!found)
		return 0;
	begun = *found;
	bpf_map_delete_elem(&begun_calls, &tid);
	latency = bpf_ktime_get_ns() - begun.ns;
	if (latency < settings.slow_ns)
		return 0;
	if (begun.kind == CALL_SYNCS)
		return tell_slow(begun.from, SLOW_SYNC, latency, result);
	if (begun.kind != CALL_WRITES)
		tell_slow(begun.from, SLOW_READ, latency, result);
	if (begun.kind != CALL_READS)
		tell_slow(begun.to, SLOW_WRITE, latency, result);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(slow_enter, struct pt_regs *regs, long number)
{
	bool compat = current_is_compat();

	return begin(kind_of(number, compat), ARGUMENT_0(regs, compat),
		     ARGUMENT_1(regs, compat), ARGUMENT_2(regs, compat));
}

SEC("tp_btf/sys_exit")
int BPF_PROG(slow_exit, struct pt_regs *regs, long result)
{
	return end(result);
}

struct sys_enter_context {
	__u64 common;
	long number;
	unsigned long arguments[6];
};

/* From 7.2 on the others silently miss the calls of preempted tasks (commit a46023d5616e). */
SEC("tp/raw_syscalls/sys_enter")
int slow_enter_perf(struct sys_enter_context *context)
{
	long number = context->number;
	__u32 first = context->arguments[0], second = context->arguments[1],
	      third = context->arguments[2];

	/* Else clang may read them through a moved pointer: "dereference of modified ctx ptr" before 7.1. */
	asm volatile("" : "+r"(number), "+r"(first), "+r"(second), "+r"(third));
	return begin(kind_of(number, current_is_compat()), first, second, third);
}

struct sys_exit_context {
	__u64 common;
	long number;
	long result;
};

SEC("tp/raw_syscalls/sys_exit")
int slow_exit_perf(struct sys_exit_context *context)
{
	return end(context->result);
}

/* Who contop is: a process id in the kernel's own numbers, wherever contop runs. */
SEC("raw_tp")
int slow_leave_out(void *context)
{
	own_process = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
