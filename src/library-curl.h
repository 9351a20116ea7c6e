/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is used of libcurl, which is loaded once there is a daemon to talk to. */
#ifndef LIBRARY_CURL_H
#define LIBRARY_CURL_H

#define CURL_DISABLE_TYPECHECK		/* of calls by name */
#include <curl/curl.h>

#include "library.h"

#define CURL_FUNCTIONS(X)							\
	X(curl_, global_init)							\
	X(curl_, easy_init) X(curl_, easy_cleanup) X(curl_, easy_setopt)	\
	X(curl_, easy_getinfo) X(curl_, easy_perform) X(curl_, easy_strerror)	\
	X(curl_, multi_init) X(curl_, multi_cleanup) X(curl_, multi_setopt)	\
	X(curl_, multi_add_handle) X(curl_, multi_remove_handle)		\
	X(curl_, multi_info_read) X(curl_, multi_socket_action)

struct curl {
	CURL_FUNCTIONS(LIBRARY_MEMBER)
};

/* From any thread, again and again. NULL: it cannot be loaded. */
const struct curl *library_curl(void);

#endif
