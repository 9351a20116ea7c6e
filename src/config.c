/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings: their table, their values, and what is wrong with them. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "config-file.h"
#include "filter.h"
#include "pane.h"
#include "text.h"
#include "util.h"

#define WARNINGS_MOST 100
#define KEYS_MOST 256
#define YES_NO "yes no"
#define BLANKS " \t"

const struct setting settings[] = {
	{ "delay", SETTING_OPTION, .help = "length of an interval in seconds" },
	{ "pane", SETTING_OPTION, .help = "panes, the first one is shown first" },
	{ "accumulate", SETTING_FLAG, .words = YES_NO, .help = "counts since the start" },
	{ "split", SETTING_FLAG, .words = YES_NO, .help = "two panes, one below the other" },
	{ "tree", SETTING_FLAG, .words = YES_NO, .help = "processes below their parents" },
	{ "names", SETTING_WORD, .words = "no yes all", .help = "names for ports, addresses" },
	{ "units", SETTING_WORD, .words = "binary decimal exact", .help = "how numbers are written" },
	{ "color", SETTING_OPTION, .help = "whether colors are used" },
	{ "scheme", SETTING_WORD, .words = "default dark light mono", .help = "which colors" },
	{ "ascii", SETTING_FLAG, .words = YES_NO, .help = "ASCII characters only" },
	{ "read-only", SETTING_FLAG, .words = YES_NO, .help = "no key acts on containers" },
	{ "memory", SETTING_OPTION, .help = "kernel memory for counting" },
	{ "docker-socket", SETTING_OPTION, .help = "Docker's API socket" },
	{ "fields", SETTING_FIELDS, true, .help = "columns, in their order" },
	{ "widths", SETTING_WIDTHS, true, .help = "cells of columns: NAME:CELLS,..." },
	{ "sort", SETTING_SORT, true, .help = "sort column, the other way with - ahead" },
	{ "reverse", SETTING_FLAG, true, YES_NO, .help = "sort the other way" },
	{ "filter", SETTING_FILTER, true, .help = "rows to show" },
	{ "all-rows", SETTING_FLAG, true, YES_NO, .help = "rows that do nothing, too" },
};
const size_t n_settings = ARRAY_SIZE(settings);

struct config_value {
	char *text;			/* owned; NULL: not set */
	unsigned int line;		/* of the file; 0: of none */
};

struct config {
	char *name;			/* of the file read last, clean */
	/* The section of each pane, and after them the general one. */
	struct config_value values[PANE_COUNT + 1][ARRAY_SIZE(settings)];
	struct config_key *keys;
	size_t n_keys, keys_capacity;
	char **warnings;
	size_t n_warnings, warnings_capacity;
};

struct config *config_new(void)
{
	return xcalloc(1, sizeof(struct config));
}

static void free_key(struct config_key *key)
{
	free(key->action);
	free(key->key);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i <= PANE_COUNT; i++)
		for (size_t j = 0; j < n_settings; j++)
			free(config->values[i][j].text);
	for (size_t i = 0; i < config->n_keys; i++)
		free_key(&config->keys[i]);
	for (size_t i = 0; i < config->n_warnings; i++)
		free(config->warnings[i]);
	free(config->keys);
	free(config->warnings);
	free(config->name);
	free(config);
}

/* ---- warnings */

static void warn(struct config *config, unsigned int line, const char *what)
{
	char *text, *warning;

	if (config->n_warnings == WARNINGS_MOST)
		return;
	text = line ? xasprintf("%s, line %u: %s", config->name, line, what) : xstrdup(what);
	warning = text_clean_dup(text);
	free(text);
	config->warnings = array_reserve(config->warnings, &config->warnings_capacity,
					 config->n_warnings + 1, sizeof(*config->warnings));
	config->warnings[config->n_warnings++] = warning;
}

/* "NAME = VALUE: REASON" */
static void warn_value(struct config *config, unsigned int line, const char *name,
		       const char *value, const char *reason)
{
	char *what = xasprintf("%.64s = %.64s: %s", name, value, reason);

	warn(config, line, what);
	free(what);
}

void config_warn_file(struct config *config, const char *path, int err)
{
	char *what = xasprintf("%s: %s", path, strerror(-err));

	warn(config, 0, what);
	free(what);
}

const char *const *config_warnings(const struct config *config, size_t *ret_n)
{
	*ret_n = config->n_warnings;
	return (const char *const *)config->warnings;
}

/* ---- values */

static int find_section(const char *name, size_t *ret)
{
	const struct pane *pane = pane_by_name(name, strlen(name));

	if (pane)
		*ret = (size_t)(pane - panes);
	else if (!strcmp(name, CONFIG_GENERAL))
		*ret = PANE_COUNT;
	else
		return -ENOENT;
	return 0;
}

static int find_setting(size_t section, const char *name, size_t *ret)
{
	for (size_t i = 0; i < n_settings; i++) {
		if (settings[i].of_pane != (section < PANE_COUNT) || strcmp(settings[i].name, name))
			continue;
		*ret = i;
		return 0;
	}
	return -ENOENT;
}

static int find_value(const char *section, const char *name, size_t *ret_section, size_t *ret)
{
	int err = find_section(section, ret_section);

	return err ? err : find_setting(*ret_section, name, ret);
}

static bool has_word(const char *words, const char *word)
{
	size_t size = strlen(word);

	for (const char *p = words; *p; p += strcspn(p, " "), p += strspn(p, " "))
		if (size && strcspn(p, " ") == size && !strncmp(p, word, size))
			return true;
	return false;
}

static bool are_columns(const struct pane *pane, const char *list)
{
	for (;;) {
		size_t size = strcspn(list, ",");

		if (!pane_column(pane, list, size))
			return false;
		if (!list[size])
			return true;
		list += size + 1;
	}
}

/* Why a value cannot be, into new memory, or NULL. */
static char *check_value(const struct setting *setting, const struct pane *pane, const char *value)
{
	struct filter_error error;
	struct filter *filter;

	switch (setting->kind) {
	case SETTING_OPTION:
		break;
	case SETTING_FLAG:
	case SETTING_WORD:
		if (!has_word(setting->words, value))
			return xasprintf("not known, use one of: %s", setting->words);
		break;
	case SETTING_FIELDS:
	case SETTING_SORT:
		if (!are_columns(pane, value + (setting->kind == SETTING_SORT && *value == '-')))
			return xstrdup("no such column");
		break;
	case SETTING_WIDTHS:
		if (pane_parse_widths(pane, value, NULL))
			return xstrdup("not columns and their cells, as name:30,pid:7");
		break;
	case SETTING_FILTER:
		if (filter_parse(pane, value, &filter, &error))
			return xstrdup(error.text);
		filter_free(filter);
		break;
	}
	return NULL;
}

/* Without the blanks around it, which a file does not keep; into new memory. */
static char *trim(const char *text)
{
	size_t size;

	text += strspn(text, BLANKS);
	for (size = strlen(text); size && strchr(BLANKS, text[size - 1]); size--)
		;
	return xstrndup(text, size);
}

/* A line of a file can have it, trimmed. */
static bool can_be_written(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static int set_value(struct config *config, size_t section, size_t i, const char *text,
		     char **ret_reason)
{
	const struct pane *pane = section < PANE_COUNT ? &panes[section] : NULL;
	struct config_value *field = &config->values[section][i];
	char *value = trim(text ? text : "");

	if (!can_be_written(value))
		*ret_reason = xstrdup("not a line of text");
	else
		*ret_reason = *value ? check_value(&settings[i], pane, value) : NULL;
	if (!*ret_reason) {
		replace_string(&field->text, *value ? value : NULL);
		field->line = 0;
	}
	free(value);
	return *ret_reason ? -EINVAL : 0;
}

int config_set(struct config *config, const char *section, const char *name, const char *value)
{
	char *reason = NULL;
	size_t i, j;
	int err;

	if (find_value(section, name, &i, &j))
		return -ENOENT;
	err = set_value(config, i, j, value, &reason);
	free(reason);
	return err;
}

const char *config_get(const struct config *config, const char *section, const char *name)
{
	size_t i, j;

	return find_value(section, name, &i, &j) ? NULL : config->values[i][j].text;
}

bool config_is(const struct config *config, const char *section, const char *name)
{
	const char *value = config_get(config, section, name);

	return value && !strcmp(value, "yes");
}

void config_refuse(struct config *config, const char *section, const char *name,
		   const char *reason)
{
	struct config_value *value;
	size_t i, j;

	if (find_value(section, name, &i, &j) || !config->values[i][j].text)
		return;
	value = &config->values[i][j];
	warn_value(config, value->line, name, value->text, reason);
	free(value->text);
	*value = (struct config_value){ 0 };
}

/* ---- keys */

const struct config_key *config_keys(const struct config *config, size_t *ret_n)
{
	*ret_n = config->n_keys;
	return config->keys;
}

static void remove_key(struct config *config, size_t index)
{
	free_key(&config->keys[index]);
	config->n_keys--;
	memmove(&config->keys[index], &config->keys[index + 1],
		(config->n_keys - index) * sizeof(*config->keys));
}

void config_refuse_key(struct config *config, size_t index, const char *reason)
{
	const struct config_key *key = &config->keys[index];

	warn_value(config, key->line, key->action, key->key, reason);
	remove_key(config, index);
}

static bool is_action(const char *name)
{
	return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0';
}

int config_set_key(struct config *config, const char *action, const char *key)
{
	size_t i = 0;

	if (!is_action(action) || (key && !can_be_written(key)))
		return -EINVAL;
	while (i < config->n_keys && strcmp(config->keys[i].action, action))
		i++;
	if (i < config->n_keys)
		remove_key(config, i);
	if (!key || !key[strspn(key, BLANKS)])
		return 0;
	if (config->n_keys == KEYS_MOST)
		return -ENOSPC;
	config->keys = array_reserve(config->keys, &config->keys_capacity, config->n_keys + 1,
				     sizeof(*config->keys));
	config->keys[config->n_keys++] = (struct config_key){ xstrdup(action), trim(key), 0 };
	return 0;
}

/* ---- files */

static void take_key(struct config *config, const struct config_line *line)
{
	int err = config_set_key(config, line->name, line->value);

	if (err)
		warn_value(config, line->number, line->name, line->value,
			   err == -ENOSPC ? "too many keys" : "no such action");
	else if (*line->value)
		config->keys[config->n_keys - 1].line = line->number;
}

/* One line of a file. */
static void take_line(void *context, const struct config_line *line)
{
	struct config *config = context;
	size_t section, i;
	char *reason = NULL;

	if (line->wrong)
		warn(config, line->number, line->wrong);
	else if (!strcmp(line->section, CONFIG_KEYS))
		take_key(config, line);
	else if (find_section(line->section, &section))
		warn_value(config, line->number, line->name, line->value,
			   *line->section ? "in a section that is none" : "not in a section");
	else if (find_setting(section, line->name, &i))
		warn_value(config, line->number, line->name, line->value, "no such setting here");
	else if (set_value(config, section, i, line->value, &reason))
		warn_value(config, line->number, line->name, line->value, reason);
	else
		config->values[section][i].line = line->number;
	free(reason);
}

void config_parse(struct config *config, const char *name, const char *text, size_t size)
{
	replace_string(&config->name, name);
	config_file_parse(text, size, take_line, config);
}

int config_read(struct config *config, const char *path)
{
	char *text;
	long size = read_file(AT_FDCWD, path, CONFIG_FILE_MAX, &text);

	if (size < 0)
		return (int)size;
	config_parse(config, path, text, (size_t)size);
	free(text);
	return 0;
}

static void print_section(const struct config *config, size_t section, FILE *out)
{
	bool begun = false;

	for (size_t i = 0; i < n_settings; i++) {
		const char *text = config->values[section][i].text;

		if (!text)
			continue;
		if (!begun)
			fprintf(out, "\n[%s]\n",
				section < PANE_COUNT ? panes[section].name : CONFIG_GENERAL);
		begun = true;
		fprintf(out, "%s = %s\n", settings[i].name, text);
	}
}

int config_save(const struct config *config, const char *path)
{
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return -errno;
	fputs("# Written by contop; contoprc(5) says what can be here.\n", out);
	print_section(config, PANE_COUNT, out);
	for (size_t i = 0; i < PANE_COUNT; i++)
		print_section(config, i, out);
	if (config->n_keys)
		fputs("\n[" CONFIG_KEYS "]\n", out);
	for (size_t i = 0; i < config->n_keys; i++)
		fprintf(out, "%s = %s\n", config->keys[i].action, config->keys[i].key);
	err = fclose(out) ? -ENOMEM : config_file_write(path, text, size);
	free(text);
	return err;
}

void config_print_help(FILE *out)
{
	for (size_t i = 0; i < n_settings; i++)
		fprintf(out, "  %-8s %-14s %s%s%s\n", settings[i].of_pane ? "PANE" : CONFIG_GENERAL,
			settings[i].name, settings[i].help, settings[i].words ? ": " : "",
			settings[i].words ? settings[i].words : "");
}
