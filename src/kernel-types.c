/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small BTF out of the kernel's (Documentation/bpf/btf.rst in Linux has the format). */
#include "kernel-types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util.h"

struct pick {
	const struct btf *kernel;
	struct btf *picked;
	uint32_t *ids;			/* in picked, by id in kernel; 0: not there yet */
	uint32_t pointer;		/* every pointer is this one */
	bool failed;			/* there was no memory for one */
};

static uint32_t pick_type(struct pick *pick, uint32_t id);

static struct btf_type *picked_type(const struct pick *pick, uint32_t id)
{
	/* The library's own memory, which is not constant until it is written. */
	return (void *)(uintptr_t)btf__type_by_id(pick->picked, id);
}

/* Adding types may move those that are there: they are looked up after that. */
static void pick_parts(struct pick *pick, const struct btf_type *type, uint32_t id)
{
	uint32_t part, index;

	switch (btf_kind(type)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < btf_vlen(type); i++) {
			part = pick_type(pick, btf_members(type)[i].type);
			btf_members(picked_type(pick, id))[i].type = part;
		}
		break;
	case BTF_KIND_ARRAY:
		part = pick_type(pick, btf_array(type)->type);
		index = pick_type(pick, btf_array(type)->index_type);
		btf_array(picked_type(pick, id))->type = part;
		btf_array(picked_type(pick, id))->index_type = index;
		break;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		part = pick_type(pick, type->type);
		picked_type(pick, id)->type = part;
		break;
	default:			/* numbers, enumerations and the like have none */
		break;
	}
}

/* Returns the id it has in the picked ones; that of void is 0 in both. */
static uint32_t pick_type(struct pick *pick, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(pick->kernel, id);
	int added;

	if (!id || !type)
		return 0;
	if (btf_is_ptr(type))
		return pick->pointer;
	if (pick->ids[id])
		return pick->ids[id];
	added = btf__add_type(pick->picked, pick->kernel, type);
	if (added < 0) {
		pick->failed = true;
		return 0;
	}
	pick->ids[id] = (uint32_t)added;
	pick_parts(pick, type, pick->ids[id]);
	return pick->ids[id];
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

static bool has_parts_or_values(const struct btf_type *type)
{
	return btf_is_composite(type) || btf_is_any_enum(type);
}

struct btf *kernel_types_pick(const struct btf *kernel, const char *const *names, size_t n)
{
	struct pick pick = { .kernel = kernel, .picked = btf__new_empty() };
	uint32_t end = btf__type_cnt(kernel);

	if (!pick.picked)
		return NULL;
	pick.pointer = (uint32_t)btf__add_ptr(pick.picked, 0);
	pick.failed = pick.pointer != 1;
	pick.ids = xcalloc(end, sizeof(*pick.ids));
	for (uint32_t id = 1; id < end; id++) {
		const struct btf_type *type = btf__type_by_id(kernel, id);

		if (has_parts_or_values(type) && type->name_off &&
		    bsearch(btf__name_by_offset(kernel, type->name_off), names, n, sizeof(*names),
			    compare_names))
			pick_type(&pick, id);
	}
	free(pick.ids);
	if (!pick.failed)
		return pick.picked;
	btf__free(pick.picked);
	return NULL;
}

/* Of all types in the programs, made from their objects: sorted. */
static const char *const names[] = {
#include "kernel-type-names.h"
};

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t written = write(fd, data, size);

		if (written < 0)
			return -errno;
		data += written;
		size -= (size_t)written;
	}
	return 0;
}

/* A descriptor, or -errno. */
static int write_picked(const struct btf *kernel)
{
	struct btf *picked = kernel_types_pick(kernel, names, ARRAY_SIZE(names));
	int fd = memfd_create("kernel-types", MFD_CLOEXEC), error = fd < 0 ? -errno : 0;
	const void *data;
	uint32_t size;

	data = picked ? btf__raw_data(picked, &size) : NULL;
	if (!error)
		error = data ? write_all(fd, data, size) : -ENOMEM;
	btf__free(picked);
	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

void kernel_types_open(struct kernel_types *ret, const struct btf *kernel)
{
	*ret = (struct kernel_types){
		.fd = write_picked(kernel), .path = "/sys/kernel/btf/vmlinux",
	};
	if (ret->fd >= 0) {
		char path[sizeof(ret->path)];

		snprintf(path, sizeof(path), "/proc/self/fd/%d", ret->fd);
		if (!access(path, R_OK))
			strcpy(ret->path, path);
	}
	ret->open = (struct bpf_object_open_opts){
		.sz = sizeof(ret->open), .btf_custom_path = ret->path,
	};
}

void kernel_types_close(struct kernel_types *types)
{
	if (types->fd >= 0)
		close(types->fd);
	types->fd = -1;
}
