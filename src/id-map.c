/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table with open addresses: ids are hashes already, and none is ever taken out. */
#include <stdlib.h>

#include "id-map.h"
#include "util.h"

struct id_map {
	size_t mask;
	struct {
		uint64_t id;
		size_t number;
	} places[];
};

struct id_map *id_map_new(size_t n)
{
	struct id_map *map;
	size_t size = 16;

	while (size < 2 * n)
		size *= 2;
	map = xmalloc(sizeof(*map) + size * sizeof(map->places[0]));
	map->mask = size - 1;
	for (size_t i = 0; i < size; i++)
		map->places[i].number = ID_MAP_NONE;
	return map;
}

void id_map_free(struct id_map *map)
{
	free(map);
}

/* Where an id is, or would be. */
static size_t find(const struct id_map *map, uint64_t id)
{
	size_t i = id & map->mask;

	while (map->places[i].number != ID_MAP_NONE && map->places[i].id != id)
		i = (i + 1) & map->mask;
	return i;
}

void id_map_put(struct id_map *map, uint64_t id, size_t number)
{
	size_t i = find(map, id);

	map->places[i].id = id;
	map->places[i].number = number;
}

size_t id_map_get(const struct id_map *map, uint64_t id)
{
	return map->places[find(map, id)].number;
}
