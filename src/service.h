/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ports are called: /etc/services, read once. */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdint.h>

#include "../bpf/contop.h"

struct services;

struct services *services_new(void);
void services_free(struct services *services);

/* "https" for 443 of "tcp"; NULL when the port has no name. Borrowed. */
const char *service_name(const struct services *services, uint64_t port, const char *protocol);

/* Of the port that was connected to; where it is not known which that is, of the one with a name. */
const char *service_of_flow(const struct services *services, const struct flow_key *key,
			    uint8_t direction);

#endif
