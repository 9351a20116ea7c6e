/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's side of the kernel's ring buffers (kernel/bpf/ringbuf.c). */
#include "ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util.h"

#define ALIGNMENT 8			/* of records */

/* The map begins with a page for our position, which we write, and one for the kernel's. */
struct ring {
	int fd;				/* borrowed from the BPF object */
	size_t page, size;
	unsigned long *consumed;	/* these two are mapped */
	const unsigned long *produced;
	void (*take)(void *arg, const void *data, size_t size);
	void *arg;
};

static void *map_pages(const struct ring *ring, int protection, size_t offset, size_t size)
{
	void *pages = mmap(NULL, size, protection, MAP_SHARED, ring->fd, (off_t)offset);

	return pages == MAP_FAILED ? NULL : pages;
}

int ring_open(const struct bpf_map *map, void (*take)(void *arg, const void *data, size_t size),
	      void *arg, struct ring **ret)
{
	struct ring *ring = xcalloc(1, sizeof(*ring));

	*ring = (struct ring){
		.fd = bpf_map__fd(map),
		.page = (size_t)sysconf(_SC_PAGESIZE),
		.size = bpf_map__max_entries(map),
		.take = take,
		.arg = arg,
	};
	ring->consumed = map_pages(ring, PROT_READ | PROT_WRITE, 0, ring->page);
	ring->produced = ring->consumed ? map_pages(ring, PROT_READ, ring->page, ring->page) : NULL;
	if (!ring->produced) {
		int error = -errno;

		ring_free(ring);
		return error;
	}
	*ret = ring;
	return 0;
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	if (ring->consumed)
		munmap(ring->consumed, ring->page);
	if (ring->produced)
		munmap((void *)(uintptr_t)ring->produced, ring->page);
	free(ring);
}

/* Takes the records between two positions; the first of them is at data. How far it came. */
static unsigned long take_records(struct ring *ring, const char *data, unsigned long from,
				  unsigned long to)
{
	while (from < to) {
		uint32_t head = __atomic_load_n((const uint32_t *)(const void *)data,
						__ATOMIC_ACQUIRE);
		size_t size = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		size_t whole = (BPF_RINGBUF_HDR_SZ + size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

		if (head & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(head & BPF_RINGBUF_DISCARD_BIT))
			ring->take(ring->arg, data + BPF_RINGBUF_HDR_SZ, size);
		data += whole;
		from += whole;
		__atomic_store_n(ring->consumed, from, __ATOMIC_RELEASE);
	}
	return from;
}

/*
 * All that is there at one time; false: nothing that is ready.  The kernel has the data
 * twice in a row, so that what begins anew at the front follows what is at the end.
 */
static bool read_some(struct ring *ring)
{
	unsigned long from = *ring->consumed, reached;
	unsigned long to = __atomic_load_n(ring->produced, __ATOMIC_ACQUIRE);
	size_t begin = from & (ring->size - 1), within = begin & (ring->page - 1);
	size_t size = within + (to - from);
	char *data;

	if (from == to)
		return false;
	data = map_pages(ring, PROT_READ, 2 * ring->page + begin - within, size);
	if (!data)
		return false;
	reached = take_records(ring, data + within, from, to);
	munmap(data, size);
	return reached != from;
}

/* What comes meanwhile may wake nobody: it is for those who are still reading. */
void ring_read(struct ring *ring)
{
	while (read_some(ring))
		;
}

int ring_fd(const struct ring *ring)
{
	return ring->fd;
}
