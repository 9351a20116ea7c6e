// SPDX-License-Identifier: GPL-2.0-only
/* Births and deaths that contop must hear of at once: cgroups, and threads whose slots come free. */
#include "scope.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 19);
} events SEC(".maps");

/* Hierarchies that contop follows, a bit for each number (of 0 to 63). */
const volatile __u64 followed_hierarchies = ~0ULL;

__u64 lost_events;

/* Nearly all paths are as short as this: the buffer holds more of them. */
#define SHORT_PATH_SIZE 192

static __always_inline int cgroup_event(__u32 type, struct cgroup *cgroup, const char *path)
{
	int hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
	char begin[SHORT_PATH_SIZE];
	struct cgroup_event *event;
	long size;

	if (!(followed_hierarchies >> (hierarchy & 63) & 1))
		return 0;
	size = bpf_probe_read_kernel_str(begin, sizeof(begin), path);
	event = size < SHORT_PATH_SIZE ?
		bpf_ringbuf_reserve(&events, offsetof(struct cgroup_event, path) + SHORT_PATH_SIZE, 0) :
		bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		ADD(lost_events, 1);
		return 0;
	}
	event->type = type;
	event->cgroup = cgroup_key(cgroup);
	if (size < SHORT_PATH_SIZE)
		__builtin_memcpy(event->path, begin, SHORT_PATH_SIZE);
	else
		size = bpf_probe_read_kernel_str(event->path, sizeof(event->path), path);
	if (size < 1) {
		event->path[0] = 0;
		size = 1;
	}
	event->path_size = size;
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_made, struct cgroup *cgroup, const char *path)
{
	return cgroup_event(EVENT_CGROUP_MADE, cgroup, path);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_removed, struct cgroup *cgroup, const char *path)
{
	return cgroup_event(EVENT_CGROUP_REMOVED, cgroup, path);
}

/*
 * Threads end and programs start by the ten thousand: contop hears of them once
 * an interval, or when the buffer is half full.
 */
static __always_inline __u64 wakeup(void)
{
	return bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >
	       bpf_ringbuf_query(&events, BPF_RB_RING_SIZE) / 2 ?
	       BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(thread_exited, struct task_struct *task)
{
	struct thread_event *event;
	__u32 pid = task->tgid;

	if (settings.by_process && task->pid == task->tgid)
		bpf_map_delete_elem(&inside_processes, &pid);
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		ADD(lost_events, 1);
		return 0;
	}
	event->type = EVENT_THREAD_EXIT;
	event->tid = task->pid;
	event->pid = task->tgid;
	event->pad = 0;
	event->start_ns = task->start_boottime;
	bpf_ringbuf_submit(event, wakeup());
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(program_executed, struct task_struct *task)
{
	struct exec_event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		ADD(lost_events, 1);
		return 0;
	}
	event->type = EVENT_EXEC;
	event->pid = task->tgid;
	bpf_probe_read_kernel_str(event->comm, sizeof(event->comm), task->comm);
	bpf_ringbuf_submit(event, wakeup());
	return 0;
}

/* Runs before the child does. Loaded when processes are followed only. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_forked, struct task_struct *parent, struct task_struct *child)
{
	__u32 pid = parent->tgid, child_pid = child->tgid;
	__u8 inside = 1;

	if (child_pid != pid && bpf_map_lookup_elem(&inside_processes, &pid))
		bpf_map_update_elem(&inside_processes, &child_pid, &inside, BPF_ANY);
	return 0;
}
