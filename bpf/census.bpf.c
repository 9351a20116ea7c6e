// SPDX-License-Identifier: GPL-2.0-only
/* The home cgroups of all processes, listed by an iterator when contop asks. */
#include "kernel.bpf.h"

SEC("iter/task")
int show_process(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	__u64 cgroup;

	/* The first thread stands for its process, also when it has ended before others. */
	if (!task || task->pid != task->tgid || task->flags & PF_KTHREAD ||
	    !task->signal->live.counter)
		return 0;
	cgroup = task_cgroup_key(task);
	bpf_seq_write(context->meta->seq, &cgroup, sizeof(cgroup));
	return 0;
}
