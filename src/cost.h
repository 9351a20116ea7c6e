/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What contop itself takes. */
#ifndef COST_H
#define COST_H

#include <stdint.h>

/* CPU time of all its threads so far, in nanoseconds. */
uint64_t cost_cpu_ns(void);

/* Memory it has now, in bytes, without that of the kernel's maps; UNKNOWN where it cannot be told. */
uint64_t cost_memory(void);

#endif
