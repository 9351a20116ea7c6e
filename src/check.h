/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contop --check: what works here, and why the rest does not. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

#include "source.h"

/* Prints a line for each pane. Returns the exit status: 0 all work, 1 some, 2 none. */
int check_print(const struct source *source, FILE *out);

#endif
