/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names from the files of containers/storage: Podman's real ones, CRI-O's, broken and hostile ones. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host-tree.h"
#include "podman.h"
#include "util.h"

/* Of the fixture, written by Podman 4.3. */
#define WEB "70c6b51f65f76b5e1bbc965c3548c84ba55d9a57f6b1716f979b8d231a2ce660"
#define INPOD "91b8d29986ecd60cfdc7e954593eb5522e4115c24df6f2ac724071419f133029"
#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

#define ROOTS "/libpod_parent/libpod-"
#define USERS "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-"
#define STORE "var/lib/containers/storage/overlay-containers/"
#define USER_STORE "home/ann/.local/share/containers/storage/overlay-containers/"
#define PASSWD "root:x:0:0:root:/root:/bin/sh\nbroken\nann:x:1000:1000::/home/ann:/bin/sh\n"

#define NAMED(id, name) "{\"id\":\"" id "\",\"names\":[\"" name "\"]}"

static const char *name_of(const struct host_tree *tree, const char *id)
{
	return host_tree_find(tree, id)->name;
}

static int parse(struct host_tree *tree, uint32_t uid, const char *text)
{
	return podman_parse(tree->containers, uid, text, strlen(text));
}

/* ---- what a file says */

static void real_file_has_names_and_images(void **state)
{
	struct host_tree *tree = *state;
	char *text = host_tree_fixture("podman/containers.json");

	host_tree_start(tree, ROOTS WEB);
	host_tree_start(tree, ROOTS INPOD);
	assert_int_equal(parse(tree, 0, text), 0);
	assert_string_equal(name_of(tree, WEB), "web");
	assert_string_equal(host_tree_find(tree, WEB)->image, "localhost/bb:latest");
	assert_string_equal(name_of(tree, INPOD), "inpod");
	free(text);
}

static void crio_has_names_of_kubernetes(void **state)
{
	struct host_tree *tree = *state;

	host_tree_start(tree, "/crio-" A ".scope");
	host_tree_start(tree, "/crio-" B ".scope");
	assert_int_equal(parse(tree, 0, "["
		"{\"id\":\"" A "\",\"names\":[\"k8s_nginx_web-0_shop_uid_0\"],\"metadata\":"
		"\"{\\\"pod-name\\\":\\\"web-0\\\",\\\"image-name\\\":\\\"nginx:1\\\","
		"\\\"metadata-name\\\":\\\"nginx\\\"}\"},"
		"{\"id\":\"" B "\",\"names\":[\"k8s_POD_web-0_shop_uid_0\"],\"metadata\":"
		"\"{\\\"pod-name\\\":\\\"web-0\\\",\\\"metadata-name\\\":\\\"web-0\\\","
		"\\\"namespace\\\":\\\"shop\\\",\\\"pod\\\":true}\"}]"), 0);
	assert_string_equal(name_of(tree, A), "nginx");
	assert_string_equal(host_tree_find(tree, A)->pod, "web-0");
	assert_string_equal(host_tree_find(tree, A)->image, "nginx:1");
	assert_string_equal(name_of(tree, B), "web-0");
	assert_string_equal(host_tree_find(tree, B)->namespace, "shop");
}

/* Whatever stands before it and behind it in the list, B gets its name. */
static void bad_elements_lose_nothing_else(void **state)
{
	static const char *const elements[] = {
		"null", "1", "\"x\"", "[]", "{}", "{\"id\":1}", "{\"id\":\"\"}", "{\"id\":\"abc\"}",
		"{\"id\":\"" A "x\"}", "{\"id\":null,\"names\":[\"x\"]}",
	};
	struct host_tree *tree = *state;

	host_tree_start(tree, ROOTS B);
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		char *name = xasprintf("b-%zu", i);
		char *text = xasprintf("[%s,{\"id\":\"" B "\",\"names\":[\"%s\"]},%s]", elements[i],
				       name, elements[i]);

		assert_int_equal(parse(tree, 0, text), -EBADMSG);
		assert_string_equal(name_of(tree, B), name);
		free(text);
		free(name);
	}
}

static void odd_members_are_not_taken(void **state)
{
	static const char *const members[] = {
		"\"names\":null", "\"names\":[]", "\"names\":[1]", "\"names\":\"x\"", "\"names\":{}",
		"\"names\":[\"\"]", "\"metadata\":null", "\"metadata\":\"\"", "\"metadata\":\"[\"",
		"\"metadata\":\"null\"", "\"metadata\":\"[1]\"",
		"\"metadata\":\"{\\\"metadata-name\\\":[]}\"", "\"metadata\":{\"metadata-name\":\"x\"}",
	};
	struct host_tree *tree = *state;

	host_tree_start(tree, ROOTS A);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		char *text = xasprintf("[{\"id\":\"" A "\",%s}]", members[i]);

		assert_int_equal(parse(tree, 0, text), 0);
		assert_string_equal(name_of(tree, A), "aaaaaaaaaaaa");
		free(text);
	}
}

/* Cut at any place: what is whole before it counts. */
static void truncated_file_gives_what_is_whole(void **state)
{
	static const char whole[] = "[" NAMED(A, "a") "," NAMED(B, "b") "]";
	struct host_tree *tree = *state;

	host_tree_start(tree, ROOTS A);
	host_tree_start(tree, ROOTS B);
	for (size_t size = 0; size < sizeof(whole) - 1; size++) {
		bool has_first = size >= sizeof("[" NAMED(A, "a")) - 1;

		assert_int_equal(podman_parse(tree->containers, 0, whole, size), -EBADMSG);
		assert_string_equal(name_of(tree, A), has_first ? "a" : "aaaaaaaaaaaa");
	}
	assert_string_equal(name_of(tree, B), "b");
}

static void users_name_their_own_containers_only(void **state)
{
	static const char text[] = "[" NAMED(A, "own") "," NAMED(B, "not own") "]";
	struct host_tree *tree = *state;

	host_tree_start(tree, USERS A ".scope");
	host_tree_start(tree, ROOTS B);
	assert_int_equal(parse(tree, 1001, text), 0);
	assert_string_equal(name_of(tree, A), "aaaaaaaaaaaa");
	assert_int_equal(parse(tree, 1000, text), 0);
	assert_string_equal(name_of(tree, A), "own");
	assert_string_equal(name_of(tree, B), "bbbbbbbbbbbb");
	assert_int_equal(parse(tree, 0, text), 0);
	assert_string_equal(name_of(tree, B), "not own");
}

static void user_is_that_of_the_slice(void **state)
{
	static const struct { const char *cgroup; uint32_t uid; } cases[] = {
		{ USERS A, 1000 },
		{ "/user.slice/user-7.slice", 7 },
		{ "/user.slice/user-7.slicex/y", 0 },
		{ "/user.slice/user-.slice/y", 0 },
		{ "/user.slice/user--7.slice/y", 0 },
		{ "/user.slice/user-4294967296.slice", 0 },
		{ "/user.slice/user-99999999999999999999.slice", 0 },
		{ "/docker/x/user.slice/user-7.slice/y", 0 },
		{ "/user.slice", 0 },
		{ "", 0 },
		{ NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(podman_user_of(cases[i].cgroup), cases[i].uid);
}

/* ---- where the files are */

static void check_place(const struct host_tree *tree, uint32_t uid, const char *want_graph,
			const char *want_run)
{
	char *graph, *run;

	assert_int_equal(podman_find_place(&tree->host, uid, &graph, &run), 0);
	assert_string_equal(graph, want_graph);
	assert_string_equal(run, want_run);
	free(graph);
	free(run);
}

static void place_is_the_usual_or_that_of_storage_conf(void **state)
{
	struct host_tree *tree = *state;
	char *graph, *run;

	check_place(tree, 0, "/var/lib/containers/storage", "/run/containers/storage");
	assert_int_equal(podman_find_place(&tree->host, 1000, &graph, &run), -ENOENT);
	host_tree_write(tree, "etc/passwd", PASSWD);
	assert_int_equal(podman_find_place(&tree->host, 1001, &graph, &run), -ENOENT);
	check_place(tree, 1000, "/home/ann/.local/share/containers/storage",
		    "/run/user/1000/containers");
	host_tree_write(tree, "etc/containers/storage.conf",
			"[storage]\n# graphroot = \"/not\"\n  graphroot= \"/data\" # comment\n"
			"runroot = '/run/data'\nrunroots = \"x\"\n"
			"rootless_storage_path = \"$HOME/own/$UID\"\n");
	check_place(tree, 0, "/data", "/run/data");
	check_place(tree, 1000, "/home/ann/own/1000", "/run/user/1000/containers");
	host_tree_write(tree, "home/ann/.config/containers/storage.conf", "graphroot = \"/ann\"\n");
	check_place(tree, 1000, "/ann", "/run/user/1000/containers");
}

static void odd_storage_conf_leaves_the_usual_place(void **state)
{
	static const char *const texts[] = {
		"", "graphroot", "graphroot =", "graphroot = \"", "graphroot = \"\"", "graphroot = x",
		"xgraphroot = \"/x\"", "graphrootx = \"/x\"", "=\n=\"\n\"\n",
	};
	struct host_tree *tree = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		host_tree_write(tree, "etc/containers/storage.conf", texts[i]);
		check_place(tree, 0, "/var/lib/containers/storage", "/run/containers/storage");
	}
}

/* ---- following them */

static void files_are_followed(void **state)
{
	struct host_tree *tree = *state;

	host_tree_write(tree, STORE "containers.json", "[" NAMED(A, "first") "]");
	host_tree_start(tree, ROOTS A);
	host_tree_follow(tree, &podman_names);
	host_tree_run(tree);
	assert_string_equal(name_of(tree, A), "first");
	host_tree_write(tree, STORE "containers.json", "[" NAMED(A, "second") "]");
	host_tree_run(tree);
	assert_string_equal(name_of(tree, A), "second");
	/* Named before it starts: nothing needs to be read then. */
	host_tree_write(tree, STORE "volatile-containers.json", "[" NAMED(B, "volatile") "]");
	host_tree_run(tree);
	host_tree_start(tree, ROOTS B);
	assert_string_equal(name_of(tree, B), "volatile");
}

static void storage_that_comes_later_is_found(void **state)
{
	struct host_tree *tree = *state;

	host_tree_follow(tree, &podman_names);
	host_tree_run(tree);
	host_tree_write(tree, "run/containers/storage/vfs-containers/volatile-containers.json",
			"[" NAMED(A, "late") "]");
	host_tree_start(tree, ROOTS A);
	host_tree_run(tree);
	assert_string_equal(name_of(tree, A), "late");
	host_tree_write(tree, "run/containers/storage/vfs-containers/volatile-containers.json",
			"[" NAMED(A, "later") "]");
	host_tree_run(tree);
	assert_string_equal(name_of(tree, A), "later");
}

static void storage_of_a_user_is_found(void **state)
{
	struct host_tree *tree = *state;

	host_tree_write(tree, "etc/passwd", PASSWD);
	host_tree_write(tree, USER_STORE "containers.json",
			"[" NAMED(A, "hers") "," NAMED(B, "not hers") "]");
	host_tree_follow(tree, &podman_names);
	host_tree_start(tree, ROOTS B);
	host_tree_start(tree, USERS A ".scope");
	host_tree_run(tree);
	assert_string_equal(name_of(tree, A), "hers");
	assert_string_equal(name_of(tree, B), "bbbbbbbbbbbb");
	host_tree_write(tree, USER_STORE "containers.json", "[" NAMED(A, "renamed") "]");
	host_tree_run(tree);
	assert_string_equal(name_of(tree, A), "renamed");
}

static void bundle_gives_start_and_network(void **state)
{
	struct host_tree *tree = *state;
	char *path = host_tree_path(tree, STORE INPOD "/userdata/config.json");
	const struct timespec times[2] = { { 0, 0 }, { 1700000000, 0 } };
	const struct container *container;

	host_tree_copy(tree, STORE "containers.json", "podman/containers.json");
	host_tree_copy(tree, STORE INPOD "/userdata/config.json", "oci/podman.json");
	assert_int_equal(utimensat(-1, path, times, 0), 0);
	free(path);
	host_tree_start(tree, ROOTS INPOD);
	host_tree_follow(tree, &podman_names);
	host_tree_run(tree);
	container = host_tree_find(tree, INPOD);
	assert_string_equal(container->name, "inpod");
	assert_int_equal(container->started, 1700000000);
	assert_string_equal(container->pod, "547477d79ee2");
	assert_null(container->network_mode);
}

/* A user makes a cgroup that looks like root's container, and a bundle for it. */
static void bundle_of_a_user_does_not_speak_for_others(void **state)
{
	struct host_tree *tree = *state;

	host_tree_write(tree, "etc/passwd", PASSWD);
	host_tree_write(tree, USER_STORE A "/userdata/config.json",
			"{\"annotations\":{\"nerdctl/name\":\"false\"}}");
	host_tree_start(tree, ROOTS A);
	host_tree_start(tree, USERS A ".scope");
	host_tree_follow(tree, &podman_names);
	host_tree_run(tree);
	assert_string_equal(name_of(tree, A), "aaaaaaaaaaaa");
}

/* What is no file, leads out of the host's root or is too large is as good as not there. */
static void odd_files_are_passed_over(void **state)
{
	struct host_tree *tree = *state;
	char *pipe = host_tree_path(tree, STORE "containers.json");
	char *link = host_tree_path(tree, STORE "volatile-containers.json");
	char *large = host_tree_path(tree, "var/lib/containers/storage/vfs-containers/containers.json");
	char *outside = xasprintf("%s/outside", tree->procfs);
	FILE *file = fopen(outside, "w");

	assert_non_null(file);
	fputs("[" NAMED(A, "outside") "]", file);
	fclose(file);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(symlink("../../../../../../../../outside", link), 0);
	host_tree_write(tree, "var/lib/containers/storage/vfs-containers/containers.json",
			"[" NAMED(A, "large") "]");
	assert_int_equal(truncate(large, (16 << 20) + 1), 0);
	host_tree_start(tree, ROOTS A);
	host_tree_follow(tree, &podman_names);
	host_tree_run(tree);
	assert_string_equal(name_of(tree, A), "aaaaaaaaaaaa");
	free(outside);
	free(large);
	free(link);
	free(pipe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(real_file_has_names_and_images),
		WITH_TREE(crio_has_names_of_kubernetes),
		WITH_TREE(bad_elements_lose_nothing_else),
		WITH_TREE(odd_members_are_not_taken),
		WITH_TREE(truncated_file_gives_what_is_whole),
		WITH_TREE(users_name_their_own_containers_only),
		cmocka_unit_test(user_is_that_of_the_slice),
		WITH_TREE(place_is_the_usual_or_that_of_storage_conf),
		WITH_TREE(odd_storage_conf_leaves_the_usual_place),
		WITH_TREE(files_are_followed),
		WITH_TREE(storage_that_comes_later_is_found),
		WITH_TREE(storage_of_a_user_is_found),
		WITH_TREE(bundle_gives_start_and_network),
		WITH_TREE(bundle_of_a_user_does_not_speak_for_others),
		WITH_TREE(odd_files_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
