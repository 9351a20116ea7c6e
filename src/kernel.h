/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this kernel is like, before any program is loaded. */
#ifndef KERNEL_H
#define KERNEL_H

#include "cgroup.h"
#include "hook.h"
#include "kernel-types.h"

struct settings;

/*
 * Finds out about the kernel, by its version and BTF: *ret_facts, what *ret_settings
 * has of it (home_controller and numbers of types), and *ret_types, the types that
 * objects are to be opened with, for kernel_types_close.
 * 0; -ENOENT without BTF; -ENOTSUP when the home hierarchy has no controller.
 */
int kernel_facts_read(const struct cgroup_layout *layout, struct kernel_facts *ret_facts,
		      struct settings *ret_settings, struct kernel_types *ret_types);

/*
 * Opens the root of the version 2 hierarchy. Where none is mounted, it is
 * mounted for this descriptor only: nobody else sees it, and it goes with us.
 * Returns the descriptor or -errno.
 */
int kernel_open_cgroup2(const struct cgroup_layout *layout);

/*
 * Before an object is loaded that has this program of type tracing and calls a
 * function that kernels before 6.2 do not have: it is not looked for in modules, as
 * types are not (kernel-types.h).
 */
struct bpf_program;
void kernel_skip_modules(struct bpf_program *program);

#endif
