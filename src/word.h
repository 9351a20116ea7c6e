/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for the kernel's numbers, and names of tasks, as rows have them. */
#ifndef WORD_H
#define WORD_H

#include "model.h"

/* Static; NULL: there is none. */
const char *tcp_state_name(uint8_t state);
const char *direction_name(uint8_t direction);
const char *protocol_name(uint8_t protocol);
const char *error_name(unsigned int error);	/* "ENOENT" */

/* "NXDOMAIN", of an answer's RCODE; and the other way, 0: none such. */
const char *dns_error_name(uint8_t error);
uint8_t dns_error(const char *name);

/* "http". And the other way: HINT_KINDS: none such. */
const char *hint_kind_name(enum hint_kind kind);
enum hint_kind hint_kind(const char *name);

/* "GET"; NULL: none such. And the other way: HTTP_NONE: none such. */
const char *http_method_name(uint8_t method);
uint8_t http_method(const char *name);

/* Takes a task's name over; cleaning is dear, so only when it changed. */
void task_name_set(struct task_name *name, const char **ret_clean,
		   const char raw[TASK_NAME_SIZE]);

/* The same for the name of a user or group; NULL leaves what is known. */
void name_set(char text[ID_NAME_SIZE], const char **ret_clean, const char *name);

#endif
