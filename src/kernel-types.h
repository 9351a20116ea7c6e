/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's types that contop's programs read, and no others: libbpf goes
 * through all that it is given for each type of each object, and the kernel has
 * more than 100,000.
 */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <bpf/libbpf.h>
#include <stddef.h>

struct btf;

/*
 * Picks from the kernel's types those with one of the names (sorted by strcmp), and
 * what these consist of; what they point to is left out. The numbers of types are
 * others than in the kernel. Returns the BTF, for btf__free; NULL: no memory.
 */
struct btf *kernel_types_pick(const struct btf *kernel, const char *const *names, size_t n);

/* A file in memory with them, and how objects are opened to take them from there. */
struct kernel_types {
	int fd;
	char path[32];
	struct bpf_object_open_opts open;
};

/*
 * Picks what the programs read. Where that fails, objects take all of the kernel's
 * types themselves. In either case those that this kernel lacks are not looked for
 * in its modules, which older libbpfs give up on where there is no CAP_SYS_ADMIN.
 * Stays where it is while objects are opened.
 */
void kernel_types_open(struct kernel_types *ret, const struct btf *kernel);
void kernel_types_close(struct kernel_types *types);

#endif
