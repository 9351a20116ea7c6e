/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block-device.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bpf/contop.h"
#include "util.h"

static void read_name(struct block_device *device, const char *path)
{
	char target[256], *name;
	ssize_t size = readlink(path, target, sizeof(target) - 1);

	if (size <= 0)
		return;
	target[size] = '\0';
	name = strrchr(target, '/');
	snprintf(device->name, sizeof(device->name), "%.*s", (int)sizeof(device->name) - 1,
		 name ? name + 1 : target);
	/* The kernel writes a device named cciss/c0d0 with '!'. */
	for (char *c = device->name; *c; c++)
		if (*c == '!')
			*c = '/';
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_holders(struct block_device *device, const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_name, versionsort);
	size_t length = 0;

	for (int i = 0; i < n; i++) {
		if (length < sizeof(device->holders))
			length += (size_t)snprintf(device->holders + length,
						   sizeof(device->holders) - length, "%s%s",
						   i ? "," : "", entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

/* As in Documentation/ABI/testing/sysfs-block-dm: a line. */
static void read_volume(struct block_device *device, const char *path)
{
	char *name;

	if (read_file(AT_FDCWD, path, sizeof(device->volume), &name) < 0)
		return;
	snprintf(device->volume, sizeof(device->volume), "%.*s", (int)strcspn(name, "\n"), name);
	free(name);
}

const struct block_device *block_devices_get(struct block_devices *devices, uint32_t number)
{
	struct block_device *device;
	char path[64];
	size_t length;

	for (size_t i = 0; i < devices->n; i++)
		if (devices->array[i].number == number)
			return &devices->array[i];
	devices->array = array_reserve(devices->array, &devices->capacity, devices->n + 1,
				       sizeof(*device));
	device = &devices->array[devices->n++];
	*device = (struct block_device){ .number = number };
	length = (size_t)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u",
				  number >> DISK_MINOR_BITS, number & ((1U << DISK_MINOR_BITS) - 1));
	read_name(device, path);
	strcpy(path + length, "/holders");
	read_holders(device, path);
	strcpy(path + length, "/dm/name");
	read_volume(device, path);
	return device;
}

void block_devices_forget(struct block_devices *devices)
{
	devices->n = 0;
}

void block_devices_done(struct block_devices *devices)
{
	free(devices->array);
	*devices = (struct block_devices){ 0 };
}
