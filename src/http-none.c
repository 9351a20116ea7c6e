/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In place of http.c where libmicrohttpd is not there. */
#include "http.h"

#include <errno.h>
#include <stdlib.h>

#include "util.h"

int http_open(const char *address, struct http **ret_http, char **ret_error)
{
	(void)address, (void)ret_http;
	*ret_error = xstrdup("--listen: this contop was built without libmicrohttpd, "
			     "use --textfile");
	return -ENOTSUP;
}

void http_close(struct http *http)
{
	(void)http;
}

void http_publish(struct http *http, enum metric_format format, char *page, size_t size)
{
	(void)http, (void)format, (void)size;
	free(page);
}
