/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysfs tells of block devices. */
#ifndef BLOCK_DEVICE_H
#define BLOCK_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "sample.h"

struct block_device {
	uint32_t number;		/* DISK_DEVICE(major, minor) */
	char name[32];			/* "sda"; empty: not known */
	char holders[32];		/* devices that stand upon it, "dm-0,dm-1"; empty: none */
	char volume[VOLUME_NAME_SIZE];	/* what the device mapper calls it; empty: it is none of its */
};

/* Those that were asked for of late. Begins as zeros. */
struct block_devices {
	struct block_device *array;	/* owned */
	size_t n, capacity;
};

/* Valid until the next call of either. */
const struct block_device *block_devices_get(struct block_devices *devices, uint32_t number);

/* From now on devices are looked at anew. */
void block_devices_forget(struct block_devices *devices);

void block_devices_done(struct block_devices *devices);

#endif
