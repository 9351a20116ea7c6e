/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of threads. */
#include "thread-set.h"

#include <stdlib.h>
#include <uthash.h>

#include "util.h"

struct thread_member {
	struct thread_id {
		uint64_t start_ns;
		uint64_t tid;
	} id;
	UT_hash_handle hh;
};

static struct thread_member *find(const struct thread_set *set, uint32_t tid, uint64_t start_ns)
{
	struct thread_id id = { .start_ns = start_ns, .tid = tid };
	struct thread_member *member;

	HASH_FIND(hh, set->members, &id, sizeof(id), member);
	return member;
}

void thread_set_add(struct thread_set *set, uint32_t tid, uint64_t start_ns)
{
	struct thread_member *member;

	if (find(set, tid, start_ns))
		return;
	member = xmalloc(sizeof(*member));
	member->id = (struct thread_id){ .start_ns = start_ns, .tid = tid };
	HASH_ADD(hh, set->members, id, sizeof(member->id), member);
}

bool thread_set_has(const struct thread_set *set, uint32_t tid, uint64_t start_ns)
{
	return set->members && find(set, tid, start_ns);
}

void thread_set_clear(struct thread_set *set)
{
	struct thread_member *member, *next;

	HASH_ITER(hh, set->members, member, next) {
		HASH_DEL(set->members, member);
		free(member);
	}
}
