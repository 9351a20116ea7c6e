/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of threads: those that have ended since the last reading. */
#ifndef THREAD_SET_H
#define THREAD_SET_H

#include <stdbool.h>
#include <stdint.h>

struct thread_member;

struct thread_set {
	struct thread_member *members;	/* hash, owned; NULL: empty, as a set begins */
};

/* start_ns tells threads apart whose ids are the same. */
void thread_set_add(struct thread_set *set, uint32_t tid, uint64_t start_ns);
bool thread_set_has(const struct thread_set *set, uint32_t tid, uint64_t start_ns);
void thread_set_clear(struct thread_set *set);

#endif
