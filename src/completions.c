/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints contop's completion for a shell (bash, zsh or fish), from the table of
 * options: what "make" builds and installs them with.  No part of contop itself.
 */
#include <stdio.h>
#include <string.h>

#include "column.h"
#include "options.h"

/* In single quotes, as all three shells read it; what zsh gives a meaning gets a backslash. */
static void print_quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (strchr(special, *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

/* ---- words to choose from */

static bool is_first(size_t pane, size_t column)
{
	const char *name = panes[pane].columns[column].name;

	for (size_t i = 0; i < pane; i++)
		if (pane_column(&panes[i], name, strlen(name)))
			return false;
	return true;
}

/* The columns of all panes, each once. */
static void print_columns(void)
{
	for (size_t i = 0; i < PANE_COUNT; i++)
		for (size_t j = 0; j < panes[i].n_columns; j++)
			if (is_first(i, j))
				printf("%s ", panes[i].columns[j].name);
	fputs("help", stdout);
}

/* With blanks between them; nothing when an argument is no choice of words. */
static void print_words(const struct option_entry *entry)
{
	switch (entry->values) {
	case VALUES_PANES:
		for (size_t i = 0; i < PANE_COUNT; i++)
			printf("%s%s", i ? " " : "", panes[i].name);
		break;
	case VALUES_COLUMN:
	case VALUES_COLUMNS:
		print_columns();
		break;
	case VALUES_CHOICES:
		for (size_t i = 0; entry->choices[i]; i++)
			printf("%s%s", i ? " " : "", entry->choices[i]);
		break;
	case VALUES_ANY:
	case VALUES_FILES:
	case VALUES_DIRECTORIES:
	case VALUES_USERS:
		break;
	}
}

static bool is_list(const struct option_entry *entry)
{
	return entry->values == VALUES_PANES || entry->values == VALUES_COLUMNS;
}

/* ---- bash */

static void print_bash_values(const struct option_entry *entry)
{
	fputs("\t", stdout);
	if (entry->letter)
		printf("-%c | ", entry->letter);
	printf("--%s)\n\t\t", entry->name);
	switch (entry->values) {
	case VALUES_FILES:
		fputs("_filedir", stdout);
		break;
	case VALUES_DIRECTORIES:
		fputs("_filedir -d", stdout);
		break;
	case VALUES_USERS:
		fputs("COMPREPLY=($(compgen -u -- \"$cur\"))", stdout);
		break;
	case VALUES_ANY:
		fputs(":", stdout);
		break;
	case VALUES_PANES:
	case VALUES_COLUMN:
	case VALUES_COLUMNS:
	case VALUES_CHOICES:
		fputs(is_list(entry) ? "_contop_list " : "_contop_words ", stdout);
		print_words(entry);
		break;
	}
	fputs("\n\t\treturn\n\t\t;;\n", stdout);
}

static void print_bash(void)
{
	fputs("# bash completion of contop(8)\n\n"
	      "_contop_words()\n{\n"
	      "\tCOMPREPLY=($(compgen -W \"$*\" -- \"$cur\"))\n}\n\n"
	      "# The last of several words with commas between them.\n"
	      "_contop_list()\n{\n"
	      "\tCOMPREPLY=($(compgen -P \"${cur%\"${cur##*,}\"}\" -W \"$*\" -- \"${cur##*,}\"))\n"
	      "\tcompopt -o nospace\n}\n\n"
	      "_contop()\n{\n"
	      "\tlocal cur prev words cword split\n"
	      "\t_init_completion -s -n : || return\n"
	      "\tcase $prev in\n", stdout);
	for (size_t i = 0; i < option_table_size; i++)
		if (option_table[i].argument)
			print_bash_values(&option_table[i]);
	fputs("\tesac\n"
	      "\t$split && return\n"
	      "\t_contop_words", stdout);
	for (size_t i = 0; i < option_table_size; i++) {
		if (option_table[i].letter)
			printf(" -%c", option_table[i].letter);
		printf(" --%s", option_table[i].name);
	}
	fputs("\n}\ncomplete -F _contop contop\n", stdout);
}

/* ---- zsh */

static void print_zsh_values(const struct option_entry *entry)
{
	printf(":%s:", entry->argument);
	switch (entry->values) {
	case VALUES_FILES:
		fputs("_files", stdout);
		break;
	case VALUES_DIRECTORIES:
		fputs("_directories", stdout);
		break;
	case VALUES_USERS:
		fputs("_users", stdout);
		break;
	case VALUES_ANY:
		break;
	case VALUES_PANES:
	case VALUES_COLUMN:
	case VALUES_COLUMNS:
	case VALUES_CHOICES:
		fputs(is_list(entry) ? "_values -s , word " : "(", stdout);
		print_words(entry);
		fputs(is_list(entry) ? "" : ")", stdout);
		break;
	}
}

static void print_zsh(void)
{
	fputs("#compdef contop\n"
	      "# zsh completion of contop(8)\n\n"
	      "_arguments -s -S", stdout);
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];
		const char *attached = entry->argument ? "+" : "", *equals = entry->argument ? "=" : "";

		fputs(" \\\n\t", stdout);
		if (entry->letter)
			printf("'(-%c --%s)'{-%c%s,--%s%s}'[", entry->letter, entry->name,
			       entry->letter, attached, entry->name, equals);
		else
			printf("'--%s%s[", entry->name, equals);
		print_quoted(entry->help, "[]");
		putchar(']');
		if (entry->argument)
			print_zsh_values(entry);
		putchar('\'');
	}
	putchar('\n');
}

/* ---- fish */

static void print_fish_values(const struct option_entry *entry)
{
	switch (entry->values) {
	case VALUES_FILES:
		fputs(" -r -F", stdout);
		break;
	case VALUES_DIRECTORIES:
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
		break;
	case VALUES_USERS:
		fputs(" -x -a '(__fish_complete_users)'", stdout);
		break;
	case VALUES_ANY:
		fputs(" -x", stdout);
		break;
	case VALUES_PANES:
	case VALUES_COLUMN:
	case VALUES_COLUMNS:
	case VALUES_CHOICES:
		fputs(is_list(entry) ? " -x -a '(__fish_append , " : " -x -a '", stdout);
		print_words(entry);
		fputs(is_list(entry) ? ")'" : "'", stdout);
		break;
	}
}

static void print_fish(void)
{
	fputs("# fish completion of contop(8)\n\n"
	      "complete -c contop -f\n", stdout);
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];

		fputs("complete -c contop", stdout);
		if (entry->letter)
			printf(" -s %c", entry->letter);
		printf(" -l %s", entry->name);
		if (entry->argument)
			print_fish_values(entry);
		fputs(" -d '", stdout);
		print_quoted(entry->help, "");
		fputs("'\n", stdout);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };

	for (size_t i = 0; argc == 2 && i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(argv[1], shells[i].name))
			continue;
		shells[i].print();
		return fflush(stdout) || ferror(stdout) ? 1 : 0;
	}
	fputs("Usage: completions bash | zsh | fish\n", stderr);
	return 2;
}
