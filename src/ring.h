/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a ring buffer of the kernel.  Unlike libbpf's reader it maps only what there is
 * to read, while it reads: a ring that is mapped counts as memory of ours twice over.
 */
#ifndef RING_H
#define RING_H

#include <bpf/libbpf.h>
#include <stddef.h>

struct ring;

/* take gets each record, which lasts until it returns. -errno. */
int ring_open(const struct bpf_map *map, void (*take)(void *arg, const void *data, size_t size),
	      void *arg, struct ring **ret);
void ring_free(struct ring *ring);

/* Hands on all that has come. What there is no memory to see stays in the ring. */
void ring_read(struct ring *ring);

/* Readable when the kernel says that there is something. */
int ring_fd(const struct ring *ring);

#endif
