// SPDX-License-Identifier: GPL-2.0-only
/*
 * Major page faults: memory that had to be read from a disk first, by the process
 * that touched it.  The kernel's own event of them; nothing runs between two.
 */
#include "scope.bpf.h"
#include "slots.bpf.h"

SLOT_TABLE(fault, struct fault_key, struct fault_record);

__u64 not_counted;		/* faults that found no room */

static __always_inline struct fault_record *find_record(__u64 cgroup, __u32 pid)
{
	struct fault_key key = { .cgroup = cgroup, .pid = pid };
	struct fault_record *record;
	bool made;
	__u32 slot = slot_of(&fault_index, &fault_free, &key, &made);

	record = slot ? bpf_map_lookup_elem(&fault_records, &slot) : NULL;
	if (record && made) {
		record->uid = bpf_get_current_uid_gid();
		bpf_get_current_comm(record->comm, sizeof(record->comm));
		record->key = key;
	}
	return record;
}

SEC("perf_event")
int major_fault(void *context)
{
	__u64 cgroup = current_cgroup_key();
	struct fault_record *record;

	if (scoped() && current_is_outside(cgroup))
		return 0;
	record = find_record(cgroup, bpf_get_current_pid_tgid() >> 32);
	/* Processes may be too many to tell apart. */
	if (!record)
		record = find_record(cgroup, 0);
	if (record)
		ADD(record->count, 1);
	else
		ADD(not_counted, 1);
	return 0;
}
