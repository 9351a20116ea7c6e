/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bundle of a container says of it: config.json, from which a runtime
 * as runc makes the container (OCI runtime specification).  Who had it made
 * leaves names there, as annotations.
 */
#ifndef OCI_BUNDLE_H
#define OCI_BUNDLE_H

#include "container.h"
#include "host.h"

/*
 * Reads the config.json at path, below the host's root, and describes the
 * container with this id. Returns 0 or -errno, -EBADMSG for what is no such file.
 */
int oci_bundle_describe(const struct host *host, struct containers *containers, const char *id,
			const char *path);

#endif
