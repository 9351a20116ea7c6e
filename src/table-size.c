/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory budget of the tables in the kernel. */
#include "table-size.h"

#include "../bpf/contop.h"
#include "util.h"

/* Beside the tables: requests under way (1.5 MiB), ring buffer (512 KiB), programs. */
#define FIXED_COST (3 << 20)

/* struct htab_elem without key and value, and a bucket (kernel/bpf/hashtab.c). */
#define HASH_ELEMENT_SIZE 48
#define HASH_BUCKET_SIZE 16

size_t slot_cost(size_t key_size, size_t record_size)
{
	size_t index = HASH_ELEMENT_SIZE + (key_size + 7) / 8 * 8 + sizeof(uint64_t) +
		       2 * HASH_BUCKET_SIZE;	/* buckets are a power of two */

	return record_size + index + sizeof(uint32_t);
}

/* The tables, their share of the budget in percent, and their bounds. */
static const struct table {
	size_t member;			/* of struct table_sizes */
	size_t key_size, record_size;	/* no key: an array beside a table */
	unsigned int share, copies;
	uint32_t least, most;
} tables[] = {
	/* Flows are many and short; system calls take a slot for each thread and call. */
	{ offsetof(struct table_sizes, flows), sizeof(struct flow_key),
	  sizeof(struct flow_record), 52, 1, 256, 1 << 20 },
	{ offsetof(struct table_sizes, syscalls), sizeof(struct syscall_key),
	  sizeof(struct syscall_record), 29, 1, 256, 1 << 20 },
	/* Few calls fail, and few threads are busy at a time. */
	{ offsetof(struct table_sizes, syscall_details), 0,
	  sizeof(struct syscall_details), 7, 1, 256, 1 << 20 },
	{ offsetof(struct table_sizes, files), sizeof(struct file_key),
	  sizeof(struct file_record), 7, 1, 256, 1 << 18 },
	{ offsetof(struct table_sizes, disks), sizeof(struct disk_key),
	  sizeof(struct disk_record), 3, 1, 64, 1 << 16 },
	{ offsetof(struct table_sizes, overflows), sizeof(uint64_t),
	  sizeof(struct overflow_record), 2, OVERFLOW_TABLES, 64, 1 << 16 },
};

static size_t cost_of(const struct table *table)
{
	return table->key_size ? slot_cost(table->key_size, table->record_size) :
				 table->record_size;
}

static uint32_t *table_size(struct table_sizes *sizes, const struct table *table)
{
	return (uint32_t *)(void *)((char *)sizes + table->member);
}

struct table_sizes table_sizes_of(uint64_t budget)
{
	uint64_t rest = budget > FIXED_COST ? budget - FIXED_COST : 0;
	struct table_sizes sizes;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		const struct table *table = &tables[i];
		uint64_t n = rest / 100 * table->share / table->copies / cost_of(table);

		*table_size(&sizes, table) = n < table->least ? table->least :
					     n > table->most ? table->most : (uint32_t)n;
	}
	return sizes;
}

uint64_t table_sizes_cost(const struct table_sizes *sizes)
{
	struct table_sizes copy = *sizes;
	uint64_t cost = FIXED_COST;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		cost += (uint64_t)*table_size(&copy, &tables[i]) * tables[i].copies *
			cost_of(&tables[i]);
	return cost;
}
