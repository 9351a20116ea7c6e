/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serves pages by HTTP from a thread of its own: no client, however slow, stalls who makes them. */
#ifndef HTTP_H
#define HTTP_H

#include "metric-text.h"

struct http;

/*
 * Listens at an address ("127.0.0.1:9435", "[::1]:9435", a port of 127.0.0.1) or a
 * Unix socket (a path with a '/'). Signals that the thread must not take are blocked
 * by the caller. -errno: *ret_error is one line for people, freed by the caller;
 * -ENOTSUP: contop was built without this.
 */
int http_open(const char *address, struct http **ret_http, char **ret_error);
void http_close(struct http *http);

/* Serves this page in a format from now on. Takes over page, which is of malloc. */
void http_publish(struct http *http, enum metric_format format, char *page, size_t size);

#endif
