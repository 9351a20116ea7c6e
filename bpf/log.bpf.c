// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events, one by one: connections made, taken, closed and failed, segments
 * sent again, programs started and processes ended.  What they tell of a socket
 * is what flow.bpf.c has noted and counted: the maps are the same.  Nothing is
 * told before it is wanted: the full screen attaches them for the case that
 * somebody looks.
 */
#include "scope.bpf.h"
#include "flow-maps.bpf.h"
#include "socket.bpf.h"
#include "log-ring.bpf.h"

__u32 accepts_told;		/* by who sees the calls of accept(2): not here */

/* What is known of a socket here. */
struct owner {
	struct socket_note *note;	/* NULL: this program cannot look at it */
	struct flow_record *record;	/* NULL: no packet was counted, or in no row */
};

/* ---- connections */

/* What was counted: not of a connection that is older than contop. */
static __always_inline void set_counts(struct log_record *event, const struct owner *owner)
{
	const struct flow_record *record = owner->record;

	if (!record || (owner->note && (owner->note->older || !owner->note->cgroup)))
		return;
	event->counted = 1;
	event->rx_bytes = record->rx_bytes;
	event->tx_bytes = record->tx_bytes;
	event->rx_packets = record->rx_packets;
	event->tx_packets = record->tx_packets;
}

static __always_inline void set_times(struct log_record *event, const struct owner *owner)
{
	__u64 since = owner->note && !owner->note->older ? owner->note->since_ns : 0;

	__u64 ns = since && since < event->time_ns ? event->time_ns - since : 0;

	if (event->kind == LOG_CLOSE && owner->record)
		event->latency_us = owner->record->connect_us;
	else if (event->kind == LOG_CONNECT)
		event->latency_us = ns / 1000;
	if (event->kind == LOG_CLOSE || event->kind == LOG_CONNECT_FAILED)
		event->duration_ns = ns;
}

/* The record hears first of a socket that changes hands. */
static __always_inline const struct flow_owner *owner_of(const struct owner *owner)
{
	if (owner->record && owner->record->owner.pid)
		return &owner->record->owner;
	return owner->note && owner->note->owner.pid ? &owner->note->owner : NULL;
}

static __always_inline void set_owner(struct log_record *event, const struct owner *owner)
{
	const struct flow_owner *known = owner_of(owner);

	if (known)
		event->owner = *known;
	if (event->kind == LOG_ACCEPT)
		event->direction = FLOW_IN;
	else if (event->kind == LOG_CONNECT || event->kind == LOG_CONNECT_FAILED)
		event->direction = FLOW_OUT;
	else if (owner->record)
		event->direction = owner->record->direction;
}

static __always_inline int tell_connection(struct sock *sk, struct socket_note *note, __u8 kind,
					   __u8 state)
{
	struct owner owner = { .note = note };
	struct log_record *event;
	struct flow_key key = {};

	if (!log_wanted || !read_key(sk, &key))
		return 0;
	key.cgroup = note && note->cgroup ? note->cgroup : socket_cgroup(sk);
	if (note)
		owner.record = remembered(note);
	if (!owner.record)
		owner.record = counted(&key);
	/* An accepted socket lives from now on: until here its note was the listener's. */
	if (note && kind == LOG_ACCEPT) {
		note->since_ns = bpf_ktime_get_ns();
		note->older = 0;
	}
	if (kind == LOG_ACCEPT && accepts_told)
		return 0;
	event = reserve(kind);
	if (!event)
		return 0;
	event->key = key;
	event->state = state;
	if (kind == LOG_CLOSE || kind == LOG_CONNECT_FAILED)
		event->error = BPF_CORE_READ(sk, sk_err);
	if (kind == LOG_CLOSE)
		set_counts(event, &owner);
	set_owner(event, &owner);
	set_times(event, &owner);
	set_interface(event, sk);
	if (scoped() && is_outside(key.cgroup, event->owner.pid,
				   event->owner.pid ? event->owner.uid : -1))
		bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
	else
		submit(event);
	return 0;
}

static __always_inline int tell_change(struct sock *sk, struct socket_note *note, int from, int to)
{
	if (to == BPF_TCP_ESTABLISHED && from == BPF_TCP_SYN_SENT)
		return tell_connection(sk, note, LOG_CONNECT, to);
	if (to == BPF_TCP_ESTABLISHED && from == BPF_TCP_SYN_RECV)
		return tell_connection(sk, note, LOG_ACCEPT, to);
	if (to != BPF_TCP_CLOSE || from == BPF_TCP_LISTEN || from == BPF_TCP_CLOSE ||
	    from == BPF_TCP_SYN_RECV || from == BPF_TCP_NEW_SYN_RECV)
		return 0;
	return tell_connection(sk, note, from == BPF_TCP_SYN_SENT ? LOG_CONNECT_FAILED : LOG_CLOSE,
			       from);
}

static __always_inline bool is_tcp(struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_protocol) == PROTOCOL_TCP;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changed, struct sock *sk, int from, int to)
{
	return is_tcp(sk) ? tell_change(sk, bpf_sk_storage_get(&notes, sk, NULL, 0), from, to) : 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(sent_again, struct sock *sk)
{
	return tell_connection(sk, bpf_sk_storage_get(&notes, sk, NULL, 0), LOG_RETRANSMIT,
			       BPF_CORE_READ(sk, __sk_common.skc_state));
}

/* The same where notes are out of reach: owners are those of the flows. */
struct state_context {
	__u64 common;
	struct sock *sk;
	int from, to;
};

SEC("tp/sock/inet_sock_set_state")
int state_changed_perf(struct state_context *context)
{
	struct sock *sk = context->sk;

	return is_tcp(sk) ? tell_change(sk, NULL, context->from, context->to) : 0;
}

struct retransmit_context {
	__u64 common;
	void *skb;
	struct sock *sk;
};

SEC("tp/tcp/tcp_retransmit_skb")
int sent_again_perf(struct retransmit_context *context)
{
	struct sock *sk = context->sk;

	return tell_connection(sk, NULL, LOG_RETRANSMIT,
			       BPF_CORE_READ(sk, __sk_common.skc_state));
}

/* ---- processes */

static __always_inline int tell_process(struct task_struct *task, __u8 kind)
{
	__u64 cgroup = task_cgroup_key(task);
	__u32 pid = BPF_CORE_READ(task, tgid), uid = BPF_CORE_READ(task, cred, uid.val);
	struct log_record *event;

	if (!log_wanted || (scoped() && is_outside(cgroup, pid, uid)))
		return 0;
	event = reserve(kind);
	if (!event)
		return 0;
	event->key.cgroup = cgroup;
	owner_of_task(task, &event->owner);
	if (kind == LOG_EXIT) {
		event->status = BPF_CORE_READ(task, exit_code);
		event->duration_ns = bpf_ktime_get_boot_ns() - BPF_CORE_READ(task, start_boottime);
	}
	submit(event);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(program_executed, struct task_struct *task)
{
	return tell_process(task, LOG_EXEC);
}

/* The first thread stands for the process. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exited, struct task_struct *task)
{
	return task->pid == task->tgid ? tell_process(task, LOG_EXIT) : 0;
}

SEC("tp_btf/mark_victim")
int BPF_PROG(victim_marked, struct task_struct *task)
{
	return tell_process(task, LOG_OOM);
}

/* Before 6.9 the kernel tells no more than this; who ran out of memory is current. */
SEC("tp_btf/mark_victim")
int BPF_PROG(victim_marked_by_id, int pid)
{
	__u64 cgroup = current_cgroup_key();
	struct log_record *event;

	if (!log_wanted || (scoped() && is_outside(cgroup, pid, -1)))
		return 0;
	event = reserve(LOG_OOM);
	if (!event)
		return 0;
	event->key.cgroup = cgroup;
	event->owner.pid = pid;
	event->owner.uid = event->owner.gid = LOG_NOBODY;
	submit(event);
	return 0;
}
