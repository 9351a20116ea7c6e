/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of a recording's rows: numbers, texts, and words and addresses back to what they stand for. */
#ifndef REPLAY_WORD_H
#define REPLAY_WORD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/contop.h"

/* Members "protocol" (IPPROTO_*), "state" (TCP_*) and "direction" (FLOW_*) of a row; 0: not known. */
uint8_t replay_protocol(const json_t *row);
uint8_t replay_state(const json_t *row);
uint8_t replay_direction(const json_t *row);

/* Writes an address in network order and returns its family, 4 or 6; 0: none. */
uint8_t replay_address(const json_t *row, const char *key, uint8_t address[16]);

/* An errno that is there by its name; 0: none. */
unsigned int replay_error(const json_t *row, const char *key);

/* A text; NULL: none, or empty. Borrowed from the row. */
const char *replay_text(const json_t *row, const char *key);

/* A number; UNKNOWN where there is none. */
uint64_t replay_number(const json_t *row, const char *key);

/* A small number, 0 where there is none or it is more than most. */
unsigned int replay_small(const json_t *row, const char *key, unsigned int most);

/* A name, clean; empty: none. */
void replay_name(const json_t *row, const char *key, char *name, size_t size);

/* Numbers of an object and where each goes: into a uint64_t of out. */
struct replay_member {
	const char *key;
	size_t offset;
};
#define MEMBER(type, key, member) { key, offsetof(struct type, member) }
void replay_numbers(const json_t *row, void *out, const struct replay_member *members, size_t n);

#endif
