/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: from bpf/file.bpf.h to samples. */
#include "counter-file.h"

#include <stdlib.h>
#include <string.h>

#include "file-path.h"
#include "util.h"

/* A record as last read. */
struct file_seen {
	__u64 read_bytes, write_bytes, reads, writes, latency_ns, timed;
	uint8_t idle;			/* intervals without a call */
	bool begun;			/* a sample has told of it */
	bool released;
};

struct counter_table file_counter_table(struct file_counter *files, uint32_t n)
{
	return (struct counter_table){
		.name = "file",
		.slots = &files->slots,
		.n = n,
		.key_offset = offsetof(struct file_record, key),
	};
}

uint32_t file_counter_reserve(uint32_t n)
{
	return n / 4 * 3;
}

void file_counter_init(struct file_counter *files, __u32 *crowded, const __u64 *overflowed)
{
	files->seen = xcalloc(files->slots.n, sizeof(*files->seen));
	files->crowded = crowded;
	files->overflowed = overflowed;
}

void file_counter_done(struct file_counter *files)
{
	free(files->seen);
	files->seen = NULL;
}

static struct file_sample *add_sample(const struct counter *counter,
				      const struct file_record *record, struct file_seen *seen,
				      uint32_t epoch, struct containers *containers, struct sample *sample)
{
	struct file_sample *file = sample_add_file(sample);

	file->container = counter_container(counter, containers, record->key.cgroup);
	file->key = record->key;
	file->key.flags &= ~FILE_RELEASED;
	if (record->pid) {
		file->pid = record->pid;
		file->uid = record->uid;
	}
	memcpy(file->comm, record->comm, sizeof(file->comm));
	file->read_bytes = counter_growth(&record->read_bytes, &seen->read_bytes);
	file->write_bytes = counter_growth(&record->write_bytes, &seen->write_bytes);
	file->reads = counter_growth(&record->reads, &seen->reads);
	file->writes = counter_growth(&record->writes, &seen->writes);
	file->latency_ns = counter_growth(&record->latency_ns, &seen->latency_ns);
	file->timed = counter_growth(&record->timed, &seen->timed);
	file->latency_max_ns = record->latency_epoch == epoch ?
		__atomic_load_n(&record->latency_max_ns, __ATOMIC_RELAXED) : UNKNOWN;
	file->began = !seen->begun;
	if (!seen->begun && record->key.inode && record->path_size <= sizeof(record->path))
		file->path = file_path_text(record->path, record->path_size, record->path_flags);
	seen->begun = true;
	return file;
}

static bool has_moved(const struct file_record *record, const struct file_seen *seen)
{
	return __atomic_load_n(&record->reads, __ATOMIC_RELAXED) != seen->reads ||
	       __atomic_load_n(&record->writes, __ATOMIC_RELAXED) != seen->writes;
}

static void release(struct file_counter *files, uint32_t slot, bool in_use)
{
	struct file_record *record = slots_record(&files->slots, slot);

	slots_release(&files->slots, slot, in_use);
	/* The thread looks its slot up again, and makes a new one. */
	if (in_use)
		__atomic_fetch_or(&record->key.flags, FILE_RELEASED, __ATOMIC_RELEASE);
	files->seen[slot].released = true;
}

/* One record: what it has counted, and what becomes of its slot. */
static void read_record(struct file_counter *files, uint32_t slot, const struct counter *counter,
			const struct thread_set *ended, uint32_t epoch,
			struct containers *containers, struct sample *sample)
{
	const struct file_record *record = slots_record(&files->slots, slot);
	struct file_seen *seen = &files->seen[slot];
	bool moved = has_moved(record, seen), over, idle;
	struct file_sample *file = NULL;

	if (moved)
		seen->idle = 0;
	else if (seen->idle < CROWDED_IDLE)
		seen->idle++;
	over = !seen->released && thread_set_has(ended, record->key.tid, record->key.start_ns);
	idle = !seen->released && *files->crowded && seen->idle >= CROWDED_IDLE;
	if (moved || (seen->begun && (over || idle)))
		file = add_sample(counter, record, seen, epoch, containers, sample);
	if (over || idle)
		release(files, slot, !over);
	if (file)
		file->ended = over || idle;
}

static void wipe(void *arg, uint32_t slot)
{
	struct file_counter *files = arg;

	memset(slots_record(&files->slots, slot), 0, sizeof(struct file_record));
	files->seen[slot] = (struct file_seen){ 0 };
}

uint64_t file_counter_read(struct file_counter *files, const struct counter *counter,
			   const struct thread_set *ended, uint32_t epoch,
			   struct containers *containers, struct sample *sample)
{
	uint32_t live = 0;

	slots_refresh(&files->slots);
	for (uint32_t slot = 1; slot < files->slots.used; slot++) {
		const struct file_record *record = slots_record(&files->slots, slot);

		if (!record->key.cgroup)
			continue;
		live++;
		read_record(files, slot, counter, ended, epoch, containers, sample);
	}
	__atomic_store_n(files->crowded, live > file_counter_reserve(files->slots.n),
			 __ATOMIC_RELAXED);
	slots_recycle(&files->slots, wipe, files);
	return counter_growth(files->overflowed, &files->overflowed_before);
}
