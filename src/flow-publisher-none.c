/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the place of flow-publisher.c where libzmq is not there. */
#include <errno.h>

#include "flow-export.h"

int flow_publisher_open(const char *endpoint, struct flow_publisher **ret)
{
	(void)endpoint, (void)ret;
	return -ENOTSUP;
}

void flow_publisher_close(struct flow_publisher *publisher)
{
	(void)publisher;
}

int flow_publish_event(struct flow_publisher *publisher, const struct event_row *row)
{
	(void)publisher, (void)row;
	return -ENOTSUP;
}

int flow_publish_datagrams(struct flow_publisher *publisher, const struct flow_row *row,
			   uint64_t time_ns)
{
	(void)publisher, (void)row, (void)time_ns;
	return -ENOTSUP;
}
