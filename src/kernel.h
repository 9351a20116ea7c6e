/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this kernel is like, before any program is loaded. */
#ifndef KERNEL_H
#define KERNEL_H

#include "cgroup.h"
#include "hook.h"

/*
 * Finds out about the kernel, by its version and BTF. *ret_controller is the
 * index of the controller of the layout's home hierarchy (-1: version 2).
 * 0; -ENOENT without BTF; -ENOTSUP when the home hierarchy has no controller.
 */
int kernel_facts_read(const struct cgroup_layout *layout, struct kernel_facts *ret_facts,
		      int32_t *ret_controller);

/*
 * Opens the root of the version 2 hierarchy. Where none is mounted, it is
 * mounted for this descriptor only: nobody else sees it, and it goes with us.
 * Returns the descriptor or -errno.
 */
int kernel_open_cgroup2(const struct cgroup_layout *layout);

/*
 * How objects are opened: types that this kernel lacks are not looked for in its
 * modules, which older libbpfs give up on where there is no CAP_SYS_ADMIN.
 */
struct bpf_object_open_opts;
extern const struct bpf_object_open_opts kernel_open_opts;

/*
 * The same for functions: before an object is loaded that has this program of type
 * tracing and calls a function that kernels before 6.2 do not have.
 */
struct bpf_program;
void kernel_skip_modules(struct bpf_program *program);

/* Name of a block device ("sda") by DISK_DEVICE number; empty when it is not known. */
void kernel_device_name(uint32_t device, char *out, size_t out_size);

#endif
