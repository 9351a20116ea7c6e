/* SPDX-License-Identifier: GPL-2.0-only */
/* How connections come to be those of the tasks that they were handed to. */
#ifndef ACCEPT_BPF_H
#define ACCEPT_BPF_H

#include "owner.bpf.h"

#define MODE_TYPE 0170000
#define MODE_SOCKET 0140000

/* The socket that a descriptor of the current task stands for; NULL: it stands for none. */
static __always_inline struct sock *socket_of(struct task_struct *task, unsigned int fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;
	struct socket *socket;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & MODE_TYPE) != MODE_SOCKET)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/*
 * The connection behind a descriptor of the current task is from now on that of
 * this task: until here it was that of whoever made the listener, or accepted
 * it.  Its flow is there already, by the packets of the handshake, under the
 * listener's cgroup: that of this task, or where sockets tell it, the one that
 * they have.  Not static: the verifier looks at it once, for any descriptor.
 */
__noinline int take_connection(long fd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct sock *sk = fd < 0 ? NULL : socket_of(task, fd);
	struct flow_record *record;
	struct flow_key key = {};

	if (!sk || !read_key(sk, &key))
		return 0;
	key.cgroup = current_cgroup_key();
	record = counted(&key);
	if (!record) {
		key.cgroup = socket_cgroup(sk);
		record = counted(&key);
	}
	if (!record)
		return 0;
	owner_of_task(task, &record->owner);
	record->owner_changed = 1;
	return 0;
}

#endif
