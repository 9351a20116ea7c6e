/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many slots the tables in the kernel get for a budget of memory. */
#ifndef TABLE_SIZE_H
#define TABLE_SIZE_H

#include <stddef.h>
#include <stdint.h>

struct table_sizes {
	uint32_t flows, disks, syscalls, files, overflows;
	uint32_t syscall_details;	/* for the lowest slots only */
};

/* Tables of overflow records: each counter has one of its own. */
#define OVERFLOW_TABLES 3

/* Bytes of kernel memory that one slot costs: record, index element and bucket, free list. */
size_t slot_cost(size_t key_size, size_t record_size);

/*
 * Splits a budget (bytes of kernel memory) into tables. The number of CPUs does
 * not matter: nothing that grows with it is counted in. Never none at all: below
 * about 4 MiB they take more than the budget.
 */
struct table_sizes table_sizes_of(uint64_t budget);

/* Bytes that tables of these sizes take, with what all of them take together. */
uint64_t table_sizes_cost(const struct table_sizes *sizes);

#endif
