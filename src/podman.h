/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of Podman's and CRI-O's containers, from the files that both keep them
 * in (containers/storage): no service is needed.  Root's are followed; those of
 * a user are read when a container of that user comes up, which can be no
 * sooner, and nothing in them counts for containers of others.
 */
#ifndef PODMAN_H
#define PODMAN_H

#include <stddef.h>
#include <stdint.h>

#include "container.h"
#include "host.h"

/*
 * Where a user (0: root) has the storage: *ret_graph for what stays, *ret_run for what
 * does not outlive the host; freed by the caller. 0, or -ENOENT for an unknown user.
 * (podman-place.c)
 */
int podman_find_place(const struct host *host, uint32_t uid, char **ret_graph, char **ret_run);

/* The user in whose slice a cgroup is; 0 for what is in no user's. (podman-place.c) */
uint32_t podman_user_of(const char *cgroup);

/*
 * Takes in a containers.json. Of root's (uid 0) all is believed, of others what
 * they say of their own containers. 0 or -EBADMSG, when not all could be read.
 */
int podman_parse(struct containers *containers, uint32_t uid, const char *text, size_t size);

#endif
