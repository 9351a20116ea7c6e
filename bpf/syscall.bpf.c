// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls: counts, errors and, when asked for, latency of each thread and
 * call; operations of io_uring as if they were calls.
 *
 * A thread is on one CPU at a time, so its records take plain adds.  It finds
 * them through a small cache that each CPU has of the calls it saw last; what the
 * cache says is checked against the record itself, as a program may be preempted
 * while it writes there (from 7.0 on).
 * Of the programs at the end contop loads one of each kind.  That for the start
 * of calls is attached only while somebody wants latency.
 */
#include "file.bpf.h"
#include "scope.bpf.h"
#include "slots.bpf.h"
#include "flow-maps.bpf.h"
#include "accept.bpf.h"
#include "log-ring.bpf.h"

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
__u64 timed_since;		/* calls that begin later are stamped, ktime; 0: none is */

#define CALLS_CACHED 64			/* one page to a CPU, with what is beside them */

/* A call as a thread made it: where it counts, as long as all of this is so. */
struct known_call {
	__u64 task;			/* address, as are the next two; 0: any */
	__u64 css_set;			/* another one: the thread changed its cgroup */
	__u64 cred;			/* another one: the thread changed its user */
	__u32 scope_epoch;
	__u32 nr;
	__u32 slot;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct known_call[CALLS_CACHED]);
} known_calls SEC(".maps");

#define OUTSIDE ~0u			/* a slot: it is not to be counted */

#define BEGUN_PLACES 8192

/* When the call under way of a thread began, in the place of its id. */
struct begun_call {
	__u64 start_ns;			/* the thread's; 0: the place is free */
	__u64 ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BEGUN_PLACES);
	__type(key, __u32);
	__type(value, struct begun_call);
} begun_calls SEC(".maps");

/* The same of threads whose place another one has, which takes longer; 0: not known. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} threads SEC(".maps");

/* The same for kernels without task storage (before 5.11, and in tracing programs before 5.13). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} entered SEC(".maps");

/* -512 to -530 are the kernel's own codes for "start again", no errors. */
static __always_inline bool is_error(long result)
{
	return result < 0 && result > -4096 && !(result <= -512 && result >= -530);
}

/* Two buckets to each power of two; 2^28 of the unit lie beyond the last one's start. */
static __always_inline __u32 bucket_of(__u64 ns)
{
	__u64 units = ns >> CALL_UNIT_BITS;
	__u32 high, value, bucket;

	if (units >= 1 << 28)
		return CALL_BUCKETS - 1;
	value = units;
	if (value < 2)
		return value;
	high = highest_bit(value);
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

/*
 * ---- what is seldom needed
 *
 * Not static, as in file.bpf.h: the verifier looks at these once.
 */

/* errno 0: it went well. ns 0: not timed. */
__noinline int count_details(__u32 slot, __u32 number, __u64 ns)
{
	struct syscall_details *details = bpf_map_lookup_elem(&syscall_details, &slot);

	if (!details)
		return 0;
	if (number)
		count_error(details, number);
	if (ns)
		count_latency(details, ns);
	return 0;
}

__noinline int count_overflow(__u64 cgroup, __u32 failed)
{
	struct overflow_record *record = overflow_of(cgroup);

	if (!record)
		return 0;
	ADD(record->syscalls, 1);
	if (failed)
		ADD(record->errors, 1);
	return 0;
}

/* The slot of a call of the current thread, made if need be; OUTSIDE. 0: none left. */
__noinline __u32 find_slot(__u64 cgroup, __u64 start_ns, __u64 pid_tid, __u32 nr)
{
	struct syscall_key key = { .cgroup = cgroup, .start_ns = start_ns, .tid = pid_tid, .nr = nr };
	struct syscall_record *record;
	bool made;
	__u32 slot;

	if (pid_tid >> 32 == own_process || (scoped() && current_is_outside(cgroup)))
		return OUTSIDE;
	slot = slot_of(&syscall_index, &syscall_free, &key, &made);
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

/* ---- connections that are accepted */

#define URING_ACCEPT 13		/* IORING_OP_ACCEPT */

static __always_inline void tell_accept(struct sock *sk, const struct flow_key *key,
					const struct flow_record *record,
					const struct flow_owner *owner)
{
	struct log_record *event;

	if (!log_wanted || (scoped() && is_outside(key->cgroup, owner->pid, owner->uid)))
		return;
	event = reserve(LOG_ACCEPT);
	if (!event)
		return;
	event->key = *key;
	event->owner = *owner;
	event->direction = FLOW_IN;
	event->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (record && record->since_ns && record->since_ns < event->time_ns)
		event->latency_us = (event->time_ns - record->since_ns) / 1000;
	set_interface(event, sk);
	submit(event);
}

/*
 * Not that it is established: several processes may wait for it, and nobody has it
 * then.  What io_uring returned need be no descriptor: it is one if the connection
 * came in and nobody was seen to accept it.  Not static: the verifier looks at it
 * once, for any descriptor.
 */
__noinline int take_connection(long fd, __u32 certain)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct sock *sk = fd < 0 ? NULL : socket_of(task, fd);
	struct flow_record *record = NULL;
	struct flow_owner owner = {};
	struct flow_key key = {};

	if (!sk || !find_connection(sk, &key, &record))
		return 0;
	if (!certain && (!record || record->direction != FLOW_IN || record->accepted))
		return 0;
	owner_of_task(task, &owner);
	if (record)
		give_connection(record, &owner);
	tell_accept(sk, &key, record, &owner);
	return 0;
}

/* Of an operation of io_uring; one that goes on accepting comes without its request. */
static __always_inline void take_accepted_by_ring(void *request, __u8 opcode, long result)
{
	if (settings.flows_counted && (!request || opcode == URING_ACCEPT))
		take_connection(result, false);
}

/* ---- calls that have ended */

static __always_inline struct begun_call *begun_place(__u32 tid)
{
	__u32 place = tid % BEGUN_PLACES;

	return bpf_map_lookup_elem(&begun_calls, &place);
}

/* When the call of a thread that ends now began; 0: not known. Each start counts once. */
static __always_inline __u64 take_begin(const struct caller *caller, bool storage)
{
	__u32 tid = caller->pid_tid;
	struct begun_call *begun = storage ? begun_place(tid) : NULL;
	__u64 *since, ns;

	if (begun && begun->start_ns == caller->start_ns) {
		begun->start_ns = 0;
		return begun->ns;
	}
	if (storage)
		since = bpf_task_storage_get(&threads, caller->task, NULL, 0);
	else
		since = bpf_map_lookup_elem(&entered, &tid);
	if (!since)
		return 0;
	ns = *since;
	*since = 0;
	return ns;
}

/* How long the call took that ends now; 0: not known. */
static __always_inline __u64 time_taken(const struct caller *caller, bool storage)
{
	__u64 begun;

	if (!timed_since)
		return 0;
	begun = take_begin(caller, storage);
	/* If before, it is of another call, which ended while none was timed. */
	return begun && begun >= timed_since ? bpf_ktime_get_ns() - begun : 0;
}

/* The count goes up last: contop looks at the rest when it has. */
static __always_inline void count(struct syscall_record *record, __u32 slot, long result, __u64 ns)
{
	bool failed = is_error(result);

	if (failed || ns)
		count_details(slot, failed ? -result : 0, ns);
	if (failed)
		record->errors++;
	barrier();
	record->count++;
}

static __always_inline bool is_known(const struct known_call *call, const struct caller *caller,
				     __u32 nr, enum reading how)
{
	struct task_struct *task = untrusted(caller->task, how);

	if (call->nr != nr || call->css_set != (__u64)LOAD(how != BY_COPY, task, cgroups))
		return false;
	if (merged)
		return !call->task;
	if (call->task != (__u64)task)
		return false;
	return !scoped() || (call->scope_epoch == scope_epoch &&
			     call->cred == (__u64)LOAD(how != BY_COPY, task, cred));
}

static __always_inline __u32 learn(struct known_call *call, const struct caller *caller, __u32 nr,
				   enum reading how)
{
	struct task_struct *task = untrusted(caller->task, how);

	call->task = merged ? 0 : (__u64)task;
	call->css_set = (__u64)LOAD(how != BY_COPY, task, cgroups);
	if (scoped()) {
		call->scope_epoch = scope_epoch;
		call->cred = (__u64)LOAD(how != BY_COPY, task, cred);
	}
	call->nr = nr;
	call->slot = find_slot(caller->cgroup, caller->start_ns, caller->pid_tid, nr);
	return call->slot;
}

/*
 * Counts a call or an operation of the current thread, and says in *caller whose
 * it was. False: it is not to be counted.
 */
static __always_inline bool count_call(struct caller *caller, __u32 nr, long result, __u64 ns,
				       enum reading how)
{
	__u32 zero = 0, tid = caller->pid_tid, slot;
	struct known_call *call = bpf_map_lookup_elem(&known_calls, &zero);
	struct syscall_record *record;

	if (!call)
		return false;
	call += (tid * 8 + nr) % CALLS_CACHED;
	if (is_known(call, caller, nr, how)) {
		slot = call->slot;
		if (slot == OUTSIDE)
			return false;
		record = bpf_map_lookup_elem(&syscall_records, &slot);
		if (record && record->key.tid == tid && record->key.nr == nr &&
		    record->key.start_ns == caller->start_ns) {
			caller->cgroup = record->key.cgroup;
			count(record, slot, result, ns);
			return true;
		}
	}
	caller->cgroup = current_cgroup_key();
	slot = learn(call, caller, nr, how);
	if (slot == OUTSIDE)
		return false;
	record = slot ? bpf_map_lookup_elem(&syscall_records, &slot) : NULL;
	if (record)
		count(record, slot, result, ns);
	else
		count_overflow(caller->cgroup, is_error(result));
	return true;
}

static __always_inline struct caller current_caller(struct task_struct *task, enum reading how)
{
	return (struct caller){
		.task = task,
		.start_ns = LOAD(how != BY_COPY, task, start_boottime),
		.pid_tid = how != BY_COPY ? (__u64)task->tgid << 32 | (__u32)task->pid :
					    bpf_get_current_pid_tgid(),
	};
}

/* What is known of merged calls does not tell whose they are: each is judged. */
static __always_inline bool merge_wanted(struct caller *caller)
{
	if (bpf_get_current_pid_tgid() >> 32 == own_process ||
	    (scoped() && current_is_outside(current_cgroup_key())))
		return false;
	merge(caller);
	return true;
}

/* regs_of_task: the task has the registers (from 5.15 on), and regs is nothing. */
static __always_inline int call_ended(struct task_struct *task, __u32 nr, long result,
				      struct pt_regs *regs, bool regs_of_task, enum reading how)
{
	struct caller caller = current_caller(task, how);
	enum call_kind kind = call_kind(nr);
	__u64 ns = time_taken(&caller, how != BY_COPY);

	/* The child of a fork, too, leaves the call, with 0: that is not a call of its own. */
	if (kind == CALL_FORKS && !result)
		return 0;
	if (kind == CALL_ACCEPTS && settings.flows_counted)
		take_connection(result, true);
	if (merged && !merge_wanted(&caller))
		return 0;
	if (!count_call(&caller, nr, result, ns, how))
		return 0;
	if (kind >= CALL_READS && kind <= CALL_COPIES && result >= 0)
		count_file_call(&caller, regs_of_task ? (void *)bpf_task_pt_regs(task) : regs, nr,
				kind, result, ns, how);
	return 0;
}

/* ---- the ends of calls */

static __always_inline int typed_call_ended(long number, long result, struct pt_regs *regs,
					    bool regs_of_task, enum reading how)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 nr = call_number(number, TASK_COMPAT(task), &result);

	return call_ended(task, nr, result, regs, regs_of_task, how);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_storage, struct pt_regs *regs, long result)
{
	return typed_call_ended(SYSCALL_NUMBER(regs), result, regs, false, BY_LOAD);
}

/* Until 6.2 there is no bpf_rdonly_cast. */
SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_untyped, struct pt_regs *regs, long result)
{
	return typed_call_ended(SYSCALL_NUMBER(regs), result, regs, false, BY_COPY_OF_FILES);
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

	return call_ended(task, nr, result, regs, false, BY_COPY);
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
	return typed_call_ended(nr, result, NULL, true, BY_LOAD);
}

/* ---- the starts of calls */

#ifdef __TARGET_ARCH_x86
#define ENDS_THREAD(nr) ((nr) == 60 || (nr) == 231)	/* exit, exit_group */
#else
#define ENDS_THREAD(nr) ((nr) == 93 || (nr) == 94)
#endif

/* A thread that ends would keep its place. */
static __always_inline int call_begins(long nr)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct begun_call *begun = begun_place(task->pid);
	__u64 start_ns = task->start_boottime, *since;

	if (!begun || (ENDS_THREAD(nr) && !TASK_COMPAT(task)))
		return 0;
	if (!begun->start_ns || begun->start_ns == start_ns) {
		begun->start_ns = start_ns;
		begun->ns = bpf_ktime_get_ns();
		return 0;
	}
	since = bpf_task_storage_get(&threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (since)
		*since = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter_storage, struct pt_regs *regs, long nr)
{
	return call_begins(nr);
}

struct sys_enter_context {
	__u64 common;
	long nr;
};

SEC("tp/raw_syscalls/sys_enter")
int sys_enter_perf(struct sys_enter_context *context)
{
	return call_begins(context->nr);
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

static __always_inline int count_operation(struct task_struct *task, __u8 opcode, long result,
					   struct io_kiocb *request, enum reading how)
{
	struct caller caller = current_caller(task, how);

	if (merged && !merge_wanted(&caller))
		return 0;
	if (count_call(&caller, SYSCALL_URING | opcode, result, 0, how) && request && result >= 0)
		count_file_request(request, opcode, result);
	return 0;
}

static __always_inline int operation_ended(void *request, long result)
{
	__u8 opcode = request ? BPF_CORE_READ((struct io_kiocb *)request, opcode) : 0;

	take_accepted_by_ring(request, opcode, result);
	if (!request)
		return 0;
	return count_operation(bpf_get_current_task_btf(), opcode, result, request, BY_COPY_OF_FILES);
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
	return count_operation(bpf_get_current_task_btf(), opcode, 0, NULL, BY_COPY_OF_FILES);
}

SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(uring_submit_cpu, void *ring, void *request, __u8 opcode)
{
	return count_operation((struct task_struct *)bpf_get_current_task(), opcode, 0, NULL, BY_COPY);
}

/* ---- who contop is: a process id in the kernel's own numbers, wherever contop runs */

SEC("raw_tp")
int syscall_leave_out(void *context)
{
	own_process = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
