/* SPDX-License-Identifier: GPL-2.0-only */
/* How connections come to be those of the tasks that they were handed to. */
#ifndef ACCEPT_BPF_H
#define ACCEPT_BPF_H

#include "owner.bpf.h"

#define MODE_TYPE 0170000
#define MODE_SOCKET 0140000
#define PROTOCOL_MPTCP 262

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
 * The flow of a connection that the current task has.  It is there already, by
 * the packets of the handshake, under the listener's cgroup: that of this task,
 * or where sockets tell it, the one that they have.  The key is that of the
 * record, or with this task's cgroup.  False: no connection of TCP.
 */
static __always_inline bool find_connection(struct sock *sk, struct flow_key *key,
					    struct flow_record **record)
{
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);

	if ((protocol != PROTOCOL_TCP && protocol != PROTOCOL_MPTCP) || !read_key(sk, key))
		return false;
	key->cgroup = socket_cgroup(sk);
	*record = counted(key);
	if (!*record) {
		key->cgroup = current_cgroup_key();
		*record = counted(key);
	}
	return true;
}

/* From now on it is this task's: until here it was that of whoever made the listener, or accepted it. */
static __always_inline void give_connection(struct flow_record *record,
					    const struct flow_owner *owner)
{
	record->owner = *owner;
	record->owner_changed = 1;
	record->accepted = 1;
}

#endif
