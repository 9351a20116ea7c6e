/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words and addresses of recordings, back to the numbers they stand for. */
#ifndef REPLAY_WORD_H
#define REPLAY_WORD_H

#include <jansson.h>
#include <stdint.h>

/* Members "protocol" (IPPROTO_*), "state" (TCP_*) and "direction" (FLOW_*) of a row; 0: not known. */
uint8_t replay_protocol(const json_t *row);
uint8_t replay_state(const json_t *row);
uint8_t replay_direction(const json_t *row);

/* Writes an address in network order and returns its family, 4 or 6; 0: none. */
uint8_t replay_address(const json_t *row, const char *key, uint8_t address[16]);

/* An errno that is there by its name; 0: none. */
unsigned int replay_error(const json_t *row, const char *key);

#endif
