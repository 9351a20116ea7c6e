// SPDX-License-Identifier: GPL-2.0-only
/* Programs that do nothing, where contop counts: what they cost is the floor. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sys_exit")
int exit_only(void *context)
{
	return 0;
}

SEC("tp_btf/sys_enter")
int both_enter(void *context)
{
	return 0;
}

SEC("tp_btf/sys_exit")
int both_exit(void *context)
{
	return 0;
}

/* The least that the time of a call can cost: the clock is read when it begins and ends. */
SEC("tp_btf/sys_enter")
int clock_enter(void *context)
{
	bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int clock_exit(void *context)
{
	bpf_ktime_get_ns();
	return 0;
}

SEC("cgroup_skb/egress")
int packet_out(struct __sk_buff *skb)
{
	return 1;
}

SEC("cgroup_skb/ingress")
int packet_in(struct __sk_buff *skb)
{
	return 1;
}

SEC("tp_btf/block_rq_issue")
int block_issue(void *context)
{
	return 0;
}

SEC("tp_btf/block_rq_complete")
int block_complete(void *context)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
