/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside made safe to show.  Whatever names a container, a process
 * or a file goes through here before any output: no control character, no
 * escape sequence and no broken UTF-8 gets past it.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies text (up to n bytes or a NUL, whichever comes first) to out as valid
 * UTF-8 on one line: each control character (C0, DEL, C1), line or paragraph separator,
 * bidirectional or zero-width format character becomes '?'; each byte of broken
 * UTF-8 becomes U+FFFD.  Cuts between characters, always terminates.
 * Returns the bytes written, without the NUL.
 */
size_t text_clean(char *out, size_t out_size, const char *text, size_t n);

/* text_clean of a string into new memory, which the caller frees. NULL gives NULL. */
char *text_clean_dup(const char *text);

/* Cells that clean text takes on a terminal: wide characters two, combining ones none. */
size_t text_width(const char *clean);

/* Bytes of clean text that fit into width cells; *ret_cells says how many they take. */
size_t text_fit(const char *clean, size_t width, size_t *ret_cells);

/* Whether a word is in a text, in upper or lower case as far as that is ASCII. */
bool text_has(const char *text, const char *word);

#endif
