/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of users and groups, as this host's databases have them, each asked for once. */
#ifndef USER_NAMES_H
#define USER_NAMES_H

#include <stdint.h>

struct user_names;

struct user_names *user_names_new(void);
void user_names_free(struct user_names *names);

/* NULL: the id has no name, or more names than are kept were asked for. Owned by names. */
const char *user_name(struct user_names *names, uint32_t uid);
const char *group_name(struct user_names *names, uint32_t gid);

#endif
