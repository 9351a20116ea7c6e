/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of the running kernel: version, BTF, cgroup version 2. */
#include "kernel.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../bpf/contop.h"

void kernel_skip_modules(struct bpf_program *program)
{
	/* It lists them once for an object, and goes on where that has failed: nobody has this name. */
	bpf_program__set_attach_target(program, 0, "contop's");
}

static unsigned int kernel_version(void)
{
	struct utsname name;
	unsigned int major = 0, minor = 0;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return KERNEL_VERSION_OF(major, minor);
}

/* What a tracepoint's programs are called with, after an argument of its own; NULL: not known. */
static const struct btf_type *tracepoint_type(const struct btf *btf, const char *name)
{
	char type_name[64];
	const struct btf_type *type;
	int id;

	snprintf(type_name, sizeof(type_name), "btf_trace_%s", name);
	id = btf__find_by_name_kind(btf, type_name, BTF_KIND_TYPEDEF);
	if (id < 0)
		return NULL;
	type = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	if (!type || !btf_is_ptr(type))
		return NULL;
	type = btf__type_by_id(btf, type->type);
	return type && btf_is_func_proto(type) ? type : NULL;
}

/*
 * How many arguments a tracepoint has: stable kernels took over the change of
 * block_rq_issue, so that the version does not tell.
 */
static unsigned int tracepoint_arguments(const struct btf *btf, const char *name)
{
	const struct btf_type *type = tracepoint_type(btf, name);

	return type ? btf_vlen(type) - 1 : 0;
}

/* Stable kernels have io_uring as it was in 5.15, whatever their version. */
static enum uring_tracing uring_tracing(const struct btf *btf)
{
	const struct btf_type *type = tracepoint_type(btf, "io_uring_complete");
	unsigned int n = type ? btf_vlen(type) - 1 : 0;

	if (n == 3 && btf_is_ptr(btf__type_by_id(btf, btf_params(type)[3].type)))
		return URING_COMPLETE_ENTRY;
	if (n >= 5)
		return URING_COMPLETE;
	return tracepoint_arguments(btf, "io_uring_submit_sqe") == 7 ? URING_SUBMIT : URING_NONE;
}

/* Value of enum cgroup_subsys_id for a controller: it depends on the kernel's configuration. */
static int controller_index(const struct btf *btf, const char *controller)
{
	char name[80];
	const struct btf_type *type;
	int id = btf__find_by_name_kind(btf, "cgroup_subsys_id", BTF_KIND_ENUM);

	if (id < 0)
		return -ENOENT;
	snprintf(name, sizeof(name), "%s_cgrp_id", controller);
	type = btf__type_by_id(btf, id);
	for (int i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_enum(type)[i].name_off), name))
			return btf_enum(type)[i].val;
	return -ENOENT;
}

static int home_controller(const struct btf *btf, const struct cgroup_layout *layout)
{
	const struct hierarchy *home = cgroup_hierarchy(layout, layout->home);
	char first[64];

	if (!layout->home || !home)
		return -1;
	/* Those mounted together ("cpu,cpuacct") are one hierarchy: any of them will do. */
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(home->controllers, ","),
		 home->controllers);
	return controller_index(btf, first);
}

/* 0: it has no such structure. */
static uint32_t structure(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id < 0 ? 0 : (uint32_t)id;
}

/* What is chosen stands in brackets: "none integrity [confidentiality]". */
static bool is_confidential(void)
{
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	char text[64] = "";
	bool chosen = file && fgets(text, sizeof(text), file) && strstr(text, "[confidentiality]");

	if (file)
		fclose(file);
	return chosen;
}

int kernel_facts_read(const struct cgroup_layout *layout, struct kernel_facts *ret_facts,
		      struct settings *ret_settings, struct kernel_types *ret_types)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int controller;

	if (!btf)
		return -ENOENT;
	controller = home_controller(btf, layout);
	if (controller >= -1) {
		ret_facts->version = kernel_version();
		ret_facts->issue_arguments = tracepoint_arguments(btf, "block_rq_issue");
		ret_facts->bio_arguments = tracepoint_arguments(btf, "block_bio_queue");
		ret_facts->victim_arguments = tracepoint_arguments(btf, "mark_victim");
		ret_facts->uring = uring_tracing(btf);
		ret_facts->confidential = is_confidential();
		ret_settings->home_controller = controller;
		ret_settings->task_type = structure(btf, "task_struct");
		ret_settings->kiocb_type = structure(btf, "kiocb");
		kernel_types_open(ret_types, btf);
	}
	btf__free(btf);
	return controller >= -1 ? 0 : -ENOTSUP;
}

static int mount_cgroup2(void)
{
	int context = fsopen("cgroup2", FSOPEN_CLOEXEC), mount;

	if (context < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
		int error = -errno;

		close(context);
		return error;
	}
	mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		mount = -errno;
	close(context);
	return mount;
}

int kernel_open_cgroup2(const struct cgroup_layout *layout)
{
	const struct hierarchy *unified = cgroup_hierarchy(layout, 0);
	int fd = -1;

	if (unified && unified->mount)
		fd = open(unified->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : mount_cgroup2();
}
