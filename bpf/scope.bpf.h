/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What contop was asked to look at: containers, processes, a user.  Without
 * such a wish the verifier removes all of this.
 */
#ifndef SCOPE_BPF_H
#define SCOPE_BPF_H

#include "kernel.bpf.h"

/*
 * Goes up when contop changes its mind about a cgroup or process: what was noted
 * of one is out of date. Notes start at 0, so the first look always decides.
 */
__u32 scope_epoch = 1;

/*
 * Cgroups that are not to be counted. Contop puts one in after it has seen counts
 * of it, so that whatever it does not know yet is counted.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u8);
} outside_cgroups SEC(".maps");

/* Processes that are to be counted, with those they have forked. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8);
} inside_processes SEC(".maps");

static __always_inline bool scoped(void)
{
	return settings.by_container || settings.by_process || settings.by_user;
}

static __always_inline bool is_outside(__u64 cgroup, __u32 pid, __u32 uid)
{
	if (settings.by_user && uid != settings.uid)
		return true;
	if (settings.by_process && !bpf_map_lookup_elem(&inside_processes, &pid))
		return true;
	return settings.by_container && bpf_map_lookup_elem(&outside_cgroups, &cgroup);
}

static __always_inline bool current_is_outside(__u64 cgroup)
{
	return is_outside(cgroup, bpf_get_current_pid_tgid() >> 32, bpf_get_current_uid_gid());
}

#endif
