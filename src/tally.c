/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of one count for each record: growth, and slots coming back. */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include "counter.h"
#include "util.h"

struct tally_seen {
	__u64 count;
	uint16_t idle;			/* intervals */
	bool released;
};

int tally_init(struct tally *tally, const struct bpf_object *object, const char *name,
	       size_t key_offset, size_t count_offset, uint16_t idle_limit)
{
	int error = slots_init(&tally->slots, object, name, key_offset);

	if (error)
		return error;
	tally->seen = xcalloc(tally->slots.n, sizeof(*tally->seen));
	tally->count_offset = count_offset;
	tally->idle_limit = idle_limit;
	return 0;
}

void tally_done(struct tally *tally)
{
	slots_done(&tally->slots);
	free(tally->seen);
	tally->seen = NULL;
}

static const __u64 *count_of(const struct tally *tally, uint32_t slot)
{
	return (const __u64 *)((const char *)slots_record(&tally->slots, slot) +
			       tally->count_offset);
}

uint64_t tally_growth(struct tally *tally, uint32_t slot)
{
	struct tally_seen *seen = &tally->seen[slot];
	uint64_t n;

	if (slots_is_blank(&tally->slots, slot) || seen->released)
		return 0;
	n = counter_growth(count_of(tally, slot), &seen->count);
	if (n) {
		seen->idle = 0;
	} else if (++seen->idle == tally->idle_limit) {
		slots_release(&tally->slots, slot, true);
		seen->released = true;
	}
	return n;
}

/* What was counted after the last reading goes with the record. */
static void wipe(void *arg, uint32_t slot)
{
	struct tally *tally = arg;

	tally->lost += *count_of(tally, slot) - tally->seen[slot].count;
	memset(slots_record(&tally->slots, slot), 0, tally->slots.memory.record_size);
	tally->seen[slot] = (struct tally_seen){ 0 };
}

uint64_t tally_recycle(struct tally *tally)
{
	tally->lost = 0;
	slots_recycle(&tally->slots, wipe, tally);
	return tally->lost;
}
