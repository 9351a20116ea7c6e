/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many processes containers have: one look at all of the kernel's, instead of one at each cgroup. */
#ifndef CENSUS_H
#define CENSUS_H

#include "counter.h"

struct census;

/* Loads and attaches; the containers are counted by it from now on. 0 or -errno. */
int census_open(const struct counter_setup *setup, struct containers *containers,
		struct census **ret);
void census_free(struct census *census);

#endif
