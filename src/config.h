/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file, contoprc(5): one table of settings, and their values
 * as texts.  What is wrong in a file is said in warnings; the rest counts.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Sections beside those that have the name of a pane. */
#define CONFIG_GENERAL "contop"
#define CONFIG_KEYS "keys"

enum setting_kind {
	SETTING_OPTION,			/* an option of the command line, which checks the value */
	SETTING_FLAG,			/* yes or no; of an option when there is one of that name */
	SETTING_WORD,			/* one of its words */
	SETTING_FIELDS, SETTING_WIDTHS, SETTING_SORT, SETTING_FILTER,	/* by names of the pane's columns */
};

struct setting {
	const char *name;
	enum setting_kind kind;
	bool of_pane;			/* in the sections of panes, else in CONFIG_GENERAL */
	const char *words;		/* "one two"; NULL: see kind */
	const char *help;
};
extern const struct setting settings[];
extern const size_t n_settings;

/* A key of the screen by another name. Owned by the configuration. */
struct config_key {
	char *action, *key;
	unsigned int line;		/* of the file; 0: of none */
};

struct config;

struct config *config_new(void);
void config_free(struct config *config);

/* Takes in a file. 0 or -errno of the file itself. */
int config_read(struct config *config, const char *path);

/* The same for a text; name is what warnings call it. */
void config_parse(struct config *config, const char *name, const char *text, size_t size);

/* What was wrong, one clean line each: "FILE, line 3: ...". Borrowed. */
const char *const *config_warnings(const struct config *config, size_t *ret_n);

/* Adds a warning: the file could not be read. */
void config_warn_file(struct config *config, const char *path, int err);

/* Adds a warning about a setting whose value cannot be, and forgets the value. */
void config_refuse(struct config *config, const char *section, const char *name,
		   const char *reason);

/* The same for a key. Those behind it move up. */
void config_refuse_key(struct config *config, size_t index, const char *reason);

/* The value of a setting; NULL: not set. Borrowed. */
const char *config_get(const struct config *config, const char *section, const char *name);

/* Whether a setting is "yes". */
bool config_is(const struct config *config, const char *section, const char *name);

/*
 * Sets a value, without blanks around it; NULL or "" unsets it. -ENOENT: no such
 * setting, -EINVAL: no value for it.
 */
int config_set(struct config *config, const char *section, const char *name, const char *value);

const struct config_key *config_keys(const struct config *config, size_t *ret_n);

/* Remaps an action; "" or NULL takes the remap away. -EINVAL when it cannot be written. */
int config_set_key(struct config *config, const char *action, const char *key);

/*
 * Writes all that is set, to be read anew or not at all: a new file takes the
 * place of the old one and has its mode and owner. Makes the directories. -errno.
 */
int config_save(const struct config *config, const char *path);

/* Where the file is: in $XDG_CONFIG_HOME or ~/.config. NULL: nowhere. The caller frees. */
char *config_default_path(void);

/* One line for each setting: section, name, values, meaning. The manual's check reads this. */
void config_print_help(FILE *out);

#endif
