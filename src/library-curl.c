/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads libcurl, once. */
#include "library-curl.h"

#include <pthread.h>
#include <stdbool.h>

#include "util.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct curl curl;
static bool loaded;

static void load(void)
{
	static const char *const names[] = { CURL_FUNCTIONS(LIBRARY_NAME) };

	loaded = !library_load(LIBCURL_SONAME, names, ARRAY_SIZE(names), &curl) &&
		 curl.global_init(CURL_GLOBAL_NOTHING) == CURLE_OK;
}

const struct curl *library_curl(void)
{
	pthread_once(&once, load);
	return loaded ? &curl : NULL;
}
