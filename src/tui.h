/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The full screen without a terminal: what keys do to its state, and how the
 * state looks in a grid.  tui-front.c puts it on a terminal.
 *
 *	tui.c		the state, and how it follows the model
 *	tui-key.c	the key table
 *	tui-action.c	what keys do to rows and panes
 *	tui-prompt.c	the line that text is typed into: filter, search, delay
 *	tui-menu.c	the lists: sort column, columns shown
 *	tui-user.c	the users, and rows of one of them
 *	tui-deed.c	what can be done to containers and processes; tui-order.c does it
 *	tui-config.c	the configuration
 *	tui-layout.c	where everything is drawn; -header, -rows, -help draw parts
 */
#ifndef TUI_H
#define TUI_H

#include "filter.h"
#include "front.h"
#include "model.h"
#include "moment.h"
#include "options.h"
#include "order.h"
#include "render.h"
#include "screen.h"
#include "source.h"
#include "term.h"
#include "view.h"

#define HISTORY_SIZE 128		/* intervals that a graph can show */
#define PROMPT_SIZE 512
#define TUI_KEY_CODES 12

/* What keys mean depends on what is open; a set of these in the key table. */
enum tui_mode {
	IN_ROWS = 1, IN_HELP = 2, IN_MENU = 4, IN_COLUMNS = 8, IN_PROMPT = 16, IN_DEEDS = 32,
	IN_QUESTION = 64, IN_USERS = 128,
};

/* What counts mean on the screen. */
enum tui_counts { COUNTS_RATE, COUNTS_TOTAL, COUNTS_MARK };

/* Which row the cursor is on. */
struct tui_at {
	bool follows, pinned;		/* it stays on it; even in the first line */
	uint64_t followed;		/* its id */
	size_t cursor, top;		/* rows: of the cursor, and the first one shown */
};

/* What a pane keeps while another one is shown. */
struct tui_pane {
	struct view view;
	struct filter *filter;		/* owned: that of view; NULL: none of its own */
	char *filter_text;		/* owned; NULL with filter */
	union any_row *copies;		/* owned: rows of the window as counted from the mark */
	size_t copies_capacity;
	struct tui_at at;
	bool chosen;			/* its columns were: the size of the screen adds none */
	bool command_lines;		/* while not: they stand in the place of names */
	unsigned int *widths;		/* owned: cells by the pane's columns; 0: as they usually are */
	size_t scrolled;		/* columns scrolled out, after the first one */
	bool show_sort;			/* scroll so that the sort column is seen */
	uint64_t cleared;		/* of a log: rows up to this number are not shown */
};

/* Whose rows are shown, and what these are called. */
struct tui_scope {
	struct view_scope of;
	char name[64], command[32];	/* of the container, of the process */
};

/* Rows opened by Enter: where Backspace leads back to. */
struct tui_level {
	enum pane_id pane;
	struct tui_scope scope;
	struct tui_at at;		/* of that pane */
};
#define TUI_LEVELS 4

struct tui_history {
	double rates[HISTORY_SIZE];	/* a ring; negative: not known */
	size_t n;			/* ever added */
};
enum tui_meter { METER_RX, METER_TX, METER_SYSCALLS, METER_READ, METER_WRITE, METER_COUNT };

struct tui_prompt {
	enum tui_prompt_kind { PROMPT_FILTER, PROMPT_SEARCH, PROMPT_DELAY, PROMPT_JUMP } kind;
	char text[PROMPT_SIZE];
	size_t size, cursor;		/* bytes */
	char error[160];		/* empty: none */
	size_t error_at;		/* byte of the text */
	char *before;			/* owned: the filter as it was, for Esc */
	size_t start;			/* the row that a search begins at */
};

/* What can be done to a container, by Docker's word for it, or to a process, by a signal. */
struct tui_deed {
	const char *name, *help;
	const char *verb;		/* NULL: a signal */
	int signal;
};

/* Whom it is done to. */
struct tui_target {
	char id[80];			/* of Docker's container; empty: it is of none */
	uint64_t pid;			/* 0: none */
	char name[64], comm[32];	/* of the container, of the process */
};

/* Whose rows are shown, in panes that know users. */
struct tui_user {
	bool chosen;
	uint64_t uid;			/* UNKNOWN: all */
	char name[ID_NAME_SIZE];	/* empty: not known */
};

struct tui_menu {
	struct tui_item {
		const struct column *column;
		bool shown;
		const struct tui_deed *deed;
		struct tui_user user;
		size_t rows;		/* that the user has */
	} *items;			/* owned */
	size_t n, cursor, top;
};

#define TUI_SPLIT_LEAST 7		/* lines: twice a heading and two rows, and one between */

/* Where things were drawn, for the mouse. */
struct tui_drawn {
	struct tui_area { unsigned int line, lines; } halves[2];	/* headings and rows */
	struct tui_area list;		/* its items */
	unsigned int columns, tabs_line;
	struct { unsigned int from, to; } tabs[PANE_COUNT];
};

/* A key that stands for another one. */
struct tui_remap {
	int from, to;
};

/* What contop itself costs. */
struct tui_cost {
	double cpu;			/* share of one; negative: not known */
	double kernel;			/* the same, of its programs in the kernel */
	uint64_t memory;		/* bytes; UNKNOWN */
};

struct tui {
	const struct options *options;	/* borrowed, as is source */
	struct source *source;
	const char *kernel;		/* its release; NULL: not known. Borrowed */
	bool ascii;			/* no other characters */
	enum render_units units;
	struct services *services;	/* owned; NULL: ports are numbers */
	struct resolver *resolver;	/* owned; NULL: nobody wanted names of addresses yet */
	bool host_names;		/* they are shown */
	struct tui_pane panes[PANE_COUNT];
	enum pane_id pane, lower;	/* the one shown, and the one below it when split */
	bool split, in_lower;		/* keys are for the lower half */
	struct tui_scope scope;
	struct tui_level levels[TUI_LEVELS];
	size_t n_levels;
	struct tui_user user;
	enum tui_mode mode;
	size_t help_top, help_lines;	/* first line seen; how many there are */
	size_t page;			/* lines of rows or help that the last drawing had */
	struct tui_menu menu;
	struct tui_target target;	/* of the list of deeds, and of what is asked and ordered */
	const struct tui_deed *asked;	/* the question is open */
	const struct tui_deed *ordered;	/* to be carried out; who does so takes it away */
	struct tui_prompt prompt;
	char searched[PROMPT_SIZE];	/* for last; empty: for nothing yet */
	char message[256];		/* what a key did or why not, until the next one; clean */
	size_t n_told;			/* warnings of the configuration that were shown */
	bool measured;			/* there was a first sample */
	bool paused;
	struct front_jump jump;		/* in a recording; the front hands it to the loop */
	bool jumped;			/* the next sample is shown even while paused */
	enum tui_counts counts;
	struct mark *mark;		/* owned; NULL: none was set */
	struct moment shown;		/* as measured, or held */
	struct model_focus focus;	/* that shown was measured with */
	struct container_row total;	/* of shown, as counts have it */
	uint64_t delay_ns;		/* between samples */
	uint64_t elapsed_ns;		/* measured so far */
	struct tui_cost cost;
	struct tui_history meters[METER_COUNT];
	struct tui_drawn drawn;
	struct tui_remap *remaps;	/* owned */
	size_t n_remaps;
	enum scheme scheme;		/* of colours */
};

/* What is to be redone after a key: the loop does it in one place. */
enum tui_todo { TUI_NOTHING = 0, TUI_REDRAW = 1, TUI_UPDATE = 2, TUI_REPAINT = 4, TUI_QUIT = 8 };

/* A line of the key table: dispatch, help, footer and the manual's check read it. */
struct tui_key {
	int codes[TUI_KEY_CODES];	/* Unicode or TERM_KEY_*, ended by 0 */
	const char *label;		/* how help and manual name them; NULL: a heading of the help */
	const char *actions;		/* names for remaps, of the first codes; NULL: none */
	const char *footer;		/* "KEY What" in the footer; NULL: not there */
	const char *help;
	unsigned int modes;		/* set of enum tui_mode */
	unsigned int (*action)(struct tui *tui, int key);	/* returns a set of enum tui_todo */
};
extern const struct tui_key tui_keys[];
extern const size_t n_tui_keys;

/* The code of the key that does what this name of a remap says; 0: none does. */
int tui_action_code(const char *name);

/* Sets up the panes as the options say. Both are borrowed. */
void tui_init(struct tui *tui, const struct options *options, struct source *source);
void tui_done(struct tui *tui);

/* The model has a new sample. False when nothing changes on the screen: paused. */
bool tui_measure(struct tui *tui, const struct model *model);

/*
 * While paused, copies what is shown of the model before that goes on. With many
 * rows it takes a while: to be called when the key that paused has been answered.
 */
void tui_hold(struct tui *tui);

/* The model goes: what is shown of it, counted from a mark or drawn as history goes, too. */
void tui_forget(struct tui *tui);

/* The process that is opened: its system calls are to have rows. */
struct model_focus tui_wanted_focus(const struct tui *tui);

/* What the columns of all panes need: a set of enum column_wish. */
unsigned int tui_wishes(const struct tui *tui);

/* Applies a key, or the mouse. Returns a set of enum tui_todo. */
unsigned int tui_key(struct tui *tui, int key);
unsigned int tui_mouse(struct tui *tui, const struct term_mouse *mouse);

/* Picks and orders the rows anew (TUI_UPDATE); the cursor stays on its row. */
void tui_update(struct tui *tui);

/* Draws everything; scrolls so far that the cursor is seen. */
void tui_draw(struct tui *tui, struct screen *screen);

/* ---- for the files of the full screen only */

/* The pane that keys are for, and its scope. */
struct tui_pane *tui_focus(struct tui *tui);
enum pane_id tui_focus_id(const struct tui *tui);
struct tui_scope tui_scope_of(const struct tui *tui, enum pane_id pane);

/* Picks the rows of a pane anew, to look at all of them; the window is around the cursor. */
void tui_pick(struct tui *tui, enum pane_id pane);

/* The row at a place, put in order first; NULL when there is none. */
const void *tui_row(struct tui *tui, enum pane_id pane, size_t place);

/* How far addresses and ports have names. */
enum tui_names { NAMES_NONE, NAMES_PORTS, NAMES_ALL, NAMES_COUNT };
enum tui_names tui_names(const struct tui *tui);
void tui_set_names(struct tui *tui, enum tui_names names);

/* Puts the rows from one place up to another in order. */
void tui_window(struct tui *tui, enum pane_id pane, size_t from, size_t to);

/* Puts the cursor of a pane on the row at a place, or on the last one. */
void tui_set_cursor(struct tui *tui, enum pane_id pane, size_t place);

/* Takes a filter for a pane. -errno: *ret_error says why, and the one before stays. */
int tui_set_filter(struct tui *tui, enum pane_id pane, const char *text,
		   struct filter_error *ret_error);

/* Holds the order of a pane as it is now, or lets it go. */
void tui_freeze(struct tui *tui, enum pane_id pane, bool freeze);

/* Shows a line of text, made clean, until the next key. */
void tui_say(struct tui *tui, const char *text);

/* Takes what the configuration says, and says what was wrong in it, one at a time. */
void tui_take_config(struct tui *tui);
void tui_tell_warning(struct tui *tui);

/* Writes it. -errno; the caller frees *ret_path. */
int tui_save_config(struct tui *tui, char **ret_path);

/* Keys of the modes. */
unsigned int tui_open_prompt(struct tui *tui, enum tui_prompt_kind kind);
unsigned int tui_prompt_key(struct tui *tui, int key);
unsigned int tui_search_next(struct tui *tui);
unsigned int tui_open_menu(struct tui *tui, enum tui_mode mode);
void tui_close_menu(struct tui *tui);
unsigned int tui_menu_pick(struct tui *tui, int key);
unsigned int tui_menu_move_item(struct tui *tui, int key);
unsigned int tui_menu_resize(struct tui *tui, int key);

/* The process that a row is of; UNKNOWN where it is of none, or not known. */
uint64_t tui_process_of(enum pane_id id, const struct row *row);

/* Adds what can be done to the target; how many that may be. */
void tui_add_deeds(const struct tui *tui, struct tui_menu *menu);
size_t tui_deeds_most(void);

/* What it is, to whom. Returns buffer. */
const char *tui_deed_text(const struct tui *tui, const struct tui_deed *deed, char *buffer,
			  size_t size);

/* Makes the list of users; a user as text, in buffer; shows rows of this one only. */
void tui_add_users(struct tui *tui, struct tui_menu *menu);
const char *tui_user_text(const struct tui_user *user, char *buffer, size_t size);
unsigned int tui_choose_user(struct tui *tui, const struct tui_user *user);

/* Goes to the time of a recording that the prompt has. Returns a set of enum tui_todo. */
unsigned int tui_jump_to(struct tui *tui, struct tui_prompt *prompt);

/* Asks whether it is meant; takes the answer. */
unsigned int tui_ask(struct tui *tui, const struct tui_deed *deed);
unsigned int tui_answer(struct tui *tui, int key);
void tui_draw_question(const struct tui *tui, struct screen *screen, unsigned int line);

/* Sorts the pane that has the focus; by the column it is sorted by already: the other way. */
unsigned int tui_sort_by(struct tui *tui, const struct column *column);

/* Parts of the screen. */
unsigned int tui_header_lines(unsigned int columns, unsigned int lines);
void tui_draw_header(const struct tui *tui, struct screen *screen, unsigned int lines);
void tui_draw_tabs(struct tui *tui, struct screen *screen, unsigned int line);
bool tui_has_path(const struct tui *tui);
void tui_draw_path(const struct tui *tui, struct screen *screen, unsigned int line);
void tui_draw_rows(struct tui *tui, enum pane_id id, const struct tui_area *area,
		   struct screen *screen);

/* The column at a cell of the rows' lines; the one that is shown as so manieth. NULL: none. */
const struct column *tui_column_at(struct tui *tui, enum pane_id id, unsigned int x);
const struct column *tui_column_shown(struct tui *tui, enum pane_id id, size_t i);
unsigned int tui_column_width(struct tui *tui, enum pane_id id, const struct column *column);
void tui_draw_help(struct tui *tui, const struct tui_area *area, struct screen *screen);
void tui_draw_menu(struct tui *tui, const struct tui_area *area, struct screen *screen);
void tui_draw_prompt(const struct tui *tui, struct screen *screen, unsigned int line);
void tui_draw_footer(const struct tui *tui, struct screen *screen, unsigned int line);

/*
 * Pieces of lines: bytes of text for one, text that is cut and marked, there whole or
 * not at all, at the right end, in the middle.
 */
size_t draw_break(const char *text, size_t width);
void draw_cut(struct screen *screen, const char *text, enum style style);
bool draw_whole(struct screen *screen, unsigned int limit, const char *text, enum style style);
unsigned int draw_right(struct screen *screen, const char *text, enum style style);
void draw_middle(struct screen *screen, unsigned int line, unsigned int lines, const char *text,
		 enum style style);

#endif
