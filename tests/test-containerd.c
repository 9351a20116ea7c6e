/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names from bundles: real ones of ctr and Podman, what CRI and CRI-O write, hostile ones. */
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
#include "oci-bundle.h"
#include "util.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TASKS "run/containerd/io.containerd.runtime.v2.task/"

static int describe(struct host_tree *tree, const char *text)
{
	host_tree_write(tree, "config.json", text);
	return oci_bundle_describe(&tree->host, tree->containers, A, "/config.json");
}

/* ---- what a bundle says */

#define SHOP "\"io.kubernetes.cri.sandbox-name\":\"shop-0\",\"io.kubernetes.cri.sandbox-namespace\":\"s\""

static void annotations_name_a_container(void **state)
{
	static const struct {
		const char *annotations, *name, *pod, *namespace, *image;
	} cases[] = {
		{ "", "aaaaaaaaaaaa", NULL, NULL, NULL },
		{ "\"nerdctl/name\":\"web\",\"nerdctl/namespace\":\"default\"", "web",
		  NULL, NULL, NULL },
		{ SHOP ",\"io.kubernetes.cri.container-type\":\"container\","
		  "\"io.kubernetes.cri.container-name\":\"web\","
		  "\"io.kubernetes.cri.image-name\":\"nginx:1\"", "web", "shop-0", "s", "nginx:1" },
		{ SHOP ",\"io.kubernetes.cri.container-type\":\"sandbox\"", "shop-0", "shop-0", "s",
		  NULL },
		{ "\"io.kubernetes.container.name\":\"web\",\"io.kubernetes.pod.name\":\"shop-0\","
		  "\"io.kubernetes.pod.namespace\":\"s\",\"io.kubernetes.cri-o.ImageName\":\"n\","
		  "\"io.kubernetes.cri-o.ContainerType\":\"container\"", "web", "shop-0", "s", "n" },
		{ "\"io.kubernetes.container.name\":\"POD\",\"io.kubernetes.pod.name\":\"shop-0\","
		  "\"io.kubernetes.cri-o.ContainerType\":\"sandbox\"", "shop-0", "shop-0", NULL,
		  NULL },
		{ "\"io.kubernetes.cri-o.SandboxID\":\"" B "\"", "aaaaaaaaaaaa", "bbbbbbbbbbbb",
		  NULL, NULL },
		{ "\"io.kubernetes.cri-o.SandboxID\":\"" B "\","
		  "\"io.kubernetes.cri-o.ContainerType\":\"sandbox\"", "aaaaaaaaaaaa",
		  "bbbbbbbbbbbb", NULL, NULL },
		{ "\"io.kubernetes.cri.container-type\":\"sandbox\"", "aaaaaaaaaaaa", NULL, NULL,
		  NULL },
		{ "\"nerdctl/name\":1,\"io.kubernetes.cri.sandbox-name\":null", "aaaaaaaaaaaa", NULL,
		  NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = xasprintf("{\"annotations\":{%s}}", cases[i].annotations);
		struct host_tree *tree;
		const struct container *container;

		(void)state;
		assert_int_equal(host_tree_set_up((void **)&tree), 0);
		host_tree_start(tree, "/k8s.io/" A);
		assert_int_equal(describe(tree, text), 0);
		container = host_tree_find(tree, A);
		assert_string_equal(container->name, cases[i].name);
		assert_true(cases[i].pod ? !strcmp(container->pod, cases[i].pod) : !container->pod);
		assert_true(cases[i].namespace ? !strcmp(container->namespace, cases[i].namespace) :
						 !container->namespace);
		assert_true(cases[i].image ? !strcmp(container->image, cases[i].image) :
					     !container->image);
		host_tree_tear_down((void **)&tree);
		free(text);
	}
}

static void annotations_tell_of_compose_and_restarts(void **state)
{
	struct host_tree *tree = *state;
	const struct container *container;

	host_tree_start(tree, "/k8s.io/" A);
	container = host_tree_find(tree, A);
	assert_int_equal(describe(tree, "{\"annotations\":{"
		"\"io.kubernetes.container.restartCount\":\"x\"}}"), 0);
	assert_true(container->restarts == UINT64_MAX);
	assert_int_equal(describe(tree, "{\"annotations\":{"
		"\"com.docker.compose.project\":\"shop\",\"com.docker.compose.service\":\"web\","
		"\"io.kubernetes.container.restartCount\":\"3\"}}"), 0);
	assert_string_equal(container->compose_project, "shop");
	assert_string_equal(container->compose_service, "web");
	assert_int_equal(container->restarts, 3);
}

static void network_is_the_hosts_where_there_is_no_own(void **state)
{
	static const struct { const char *spec; bool host; } cases[] = {
		{ "{}", false },
		{ "{\"namespaces\":[]}", true },
		{ "{\"namespaces\":[{\"type\":\"pid\"},{},null]}", true },
		{ "{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"}]}", false },
		{ "{\"namespaces\":[{\"type\":\"network\",\"path\":\"/run/netns/x\"}]}", false },
		{ "{\"namespaces\":[{\"type\":\"network\",\"path\":\"/proc/7/ns/net\"}]}", true },
		{ "{\"namespaces\":[{\"type\":\"network\",\"path\":\"/proc/7/ns/net/\"}]}", false },
		{ "{\"namespaces\":[{\"type\":\"network\",\"path\":\"/proc/8/ns/net\"}]}", false },
		{ "{\"namespaces\":[{\"type\":\"network\",\"path\":\"/proc/9/ns/net\"}]}", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = xasprintf("{\"linux\":%s}", cases[i].spec), *path;
		struct host_tree *tree;
		const struct container *container;

		assert_int_equal(host_tree_set_up((void **)&tree), 0);
		/* Process 7 is in the first one's network, 8 is not. */
		host_tree_write(tree, "../ns/net", "");
		host_tree_write(tree, "../../8/ns/net", "");
		path = host_tree_path(tree, "../../7");
		assert_int_equal(symlink("1", path), 0);
		host_tree_start(tree, "/k8s.io/" A);
		assert_int_equal(describe(tree, text), 0);
		container = host_tree_find(tree, A);
		if (cases[i].host)
			assert_string_equal(container->network_mode, "host");
		else
			assert_null(container->network_mode);
		host_tree_tear_down((void **)&tree);
		free(path);
		free(text);
	}
}

static void what_is_no_bundle_changes_nothing(void **state)
{
	static const char *const texts[] = { "", "x", "{", "{\"annotations\":{\"nerdctl/name\":\"x\"}" };
	struct host_tree *tree = *state;

	host_tree_start(tree, "/k8s.io/" A);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(describe(tree, texts[i]), -EBADMSG);
	assert_string_equal(host_tree_find(tree, A)->name, "aaaaaaaaaaaa");
	assert_true(host_tree_find(tree, A)->started == UINT64_MAX);
	/* JSON, but of another form: the time of the file is all it says. */
	assert_int_equal(describe(tree, "[{\"annotations\":{\"nerdctl/name\":\"x\"}}]"), 0);
	assert_int_equal(describe(tree, "{\"annotations\":[],\"linux\":{\"namespaces\":{}}}"), 0);
	assert_string_equal(host_tree_find(tree, A)->name, "aaaaaaaaaaaa");
}

static void bundle_that_is_too_large_is_not_read(void **state)
{
	struct host_tree *tree = *state;
	char *path = host_tree_path(tree, "config.json");

	host_tree_write(tree, "config.json", "{}");
	assert_int_equal(truncate(path, (1 << 20) + 1), 0);
	assert_int_equal(oci_bundle_describe(&tree->host, tree->containers, A, "/config.json"),
			 -EFBIG);
	free(path);
}

/* ---- where containerd has them */

static void containers_of_kubernetes_and_ctr_are_found(void **state)
{
	struct host_tree *tree = *state;
	const struct container *container;

	host_tree_copy(tree, TASKS "default/plain/config.json", "oci/ctr.json");
	host_tree_copy(tree, TASKS "k8s.io/" A "/config.json", "oci/kubernetes.json");
	host_tree_start(tree, "/default/plain");
	host_tree_start(tree, "/kubepods/burstable/pod1/" A);
	host_tree_follow(tree, &containerd_names);
	container = host_tree_find(tree, A);
	assert_string_equal(container->name, "web");
	assert_string_equal(container->pod, "shop-7d9f");
	assert_string_equal(container->namespace, "sales");
	assert_string_equal(container->image, "registry.example/shop:1");
	assert_string_equal(container->network_mode, "host");
	assert_true(container->started < UINT64_MAX);
	container = host_tree_find(tree, "plain");
	assert_string_equal(container->name, "plain");
	assert_string_equal(container->runtime, "containerd");
	assert_null(container->network_mode);
	assert_true(container->started < UINT64_MAX);
}

static void container_that_comes_later_is_found(void **state)
{
	struct host_tree *tree = *state;

	host_tree_follow(tree, &containerd_names);
	host_tree_copy(tree, "run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" B "/config.json",
		       "oci/kubernetes.json");
	host_tree_start(tree, "/kubepods.slice/cri-containerd-" B ".scope");
	host_tree_run(tree);
	assert_string_equal(host_tree_find(tree, B)->name, "web");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(annotations_name_a_container),
		WITH_TREE(annotations_tell_of_compose_and_restarts),
		cmocka_unit_test(network_is_the_hosts_where_there_is_no_own),
		WITH_TREE(what_is_no_bundle_changes_nothing),
		WITH_TREE(bundle_that_is_too_large_is_not_read),
		WITH_TREE(containers_of_kubernetes_and_ctr_are_found),
		WITH_TREE(container_that_comes_later_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
