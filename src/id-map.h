/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers by the ids of rows (row_id): made once, asked for each of 100,000 rows at a time. */
#ifndef ID_MAP_H
#define ID_MAP_H

#include <stddef.h>
#include <stdint.h>

struct id_map;

/* With room for n ids. */
struct id_map *id_map_new(size_t n);
void id_map_free(struct id_map *map);

/* The number of an id is not ID_MAP_NONE. An id that is there already gets it. */
#define ID_MAP_NONE SIZE_MAX
void id_map_put(struct id_map *map, uint64_t id, size_t number);

/* ID_MAP_NONE: not there. */
size_t id_map_get(const struct id_map *map, uint64_t id);

#endif
