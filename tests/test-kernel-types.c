/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small BTF out of a large one: what is picked, and what it consists of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/btf.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernel-types.h"
#include "util.h"

/*
 * struct other { int x; }; struct inner { const long a[3]; }; typedef struct inner inner_t;
 * struct outer { struct other *o; inner_t in; }; enum kinds { FIRST, SECOND = 7 };
 */
static struct btf *make_kernel(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int word = btf__add_int(btf, "long", 8, BTF_INT_SIGNED);
	int other = btf__add_struct(btf, "other", 4), inner, outer, pointer, array;

	btf__add_field(btf, "x", number, 0, 0);
	array = btf__add_array(btf, number, btf__add_const(btf, word), 3);
	inner = btf__add_struct(btf, "inner", 24);
	btf__add_field(btf, "a", array, 0, 0);
	pointer = btf__add_ptr(btf, other);
	outer = btf__add_typedef(btf, "inner_t", inner);
	btf__add_struct(btf, "outer", 32);
	btf__add_field(btf, "o", pointer, 0, 0);
	btf__add_field(btf, "in", outer, 64, 0);
	btf__add_enum(btf, "kinds", 4);
	btf__add_enum_value(btf, "FIRST", 0);
	btf__add_enum_value(btf, "SECOND", 7);
	return btf;
}

static bool has(const struct btf *btf, const char *name, uint32_t kind)
{
	return btf__find_by_name_kind(btf, name, kind) > 0;
}

static const struct btf_type *find(const struct btf *btf, const char *name, uint32_t kind)
{
	const struct btf_type *type;
	int id = btf__find_by_name_kind(btf, name, kind);

	assert_true(id > 0);
	type = btf__type_by_id(btf, (uint32_t)id);
	if (!type)
		abort();		/* so much the compiler believes */
	return type;
}

static void test_a_structure_with_all_that_it_consists_of(void **state)
{
	static const char *const names[] = { "absent", "outer" };
	struct btf *kernel = make_kernel();
	struct btf *picked = kernel_types_pick(kernel, names, ARRAY_SIZE(names));
	const struct btf_type *outer = find(picked, "outer", BTF_KIND_STRUCT), *type;

	(void)state;
	assert_int_equal(btf_vlen(outer), 2);
	assert_string_equal(btf__name_by_offset(picked, btf_members(outer)[1].name_off), "in");
	assert_int_equal(btf_member_bit_offset(outer, 1), 64);
	type = btf__type_by_id(picked, btf_members(outer)[1].type);
	assert_true(btf_is_typedef(type));
	type = btf__type_by_id(picked, type->type);
	assert_string_equal(btf__name_by_offset(picked, type->name_off), "inner");
	type = btf__type_by_id(picked, btf_members(type)[0].type);
	assert_true(btf_is_array(type));
	assert_int_equal(btf_array(type)->nelems, 3);
	assert_int_equal(btf__resolve_size(picked, btf_array(type)->type), 8);
	assert_int_equal(btf__resolve_size(picked, btf_members(outer)[1].type), 24);
	btf__free(picked);
	btf__free(kernel);
}

static void test_what_is_pointed_to_is_left_out(void **state)
{
	static const char *const names[] = { "outer" };
	struct btf *kernel = make_kernel();
	struct btf *picked = kernel_types_pick(kernel, names, ARRAY_SIZE(names));
	const struct btf_type *outer = find(picked, "outer", BTF_KIND_STRUCT);
	const struct btf_type *pointer = btf__type_by_id(picked, btf_members(outer)[0].type);

	(void)state;
	assert_true(btf_is_ptr(pointer));
	assert_int_equal(pointer->type, 0);
	assert_false(has(picked, "other", BTF_KIND_STRUCT));
	assert_false(has(picked, "kinds", BTF_KIND_ENUM));
	btf__free(picked);
	btf__free(kernel);
}

static void test_an_enumeration_with_its_values(void **state)
{
	static const char *const names[] = { "kinds", "other" };
	struct btf *kernel = make_kernel();
	struct btf *picked = kernel_types_pick(kernel, names, ARRAY_SIZE(names));
	const struct btf_type *kinds = find(picked, "kinds", BTF_KIND_ENUM);

	(void)state;
	assert_int_equal(btf_vlen(kinds), 2);
	assert_string_equal(btf__name_by_offset(picked, btf_enum(kinds)[1].name_off), "SECOND");
	assert_int_equal(btf_enum(kinds)[1].val, 7);
	assert_true(has(picked, "other", BTF_KIND_STRUCT));
	btf__free(picked);
	btf__free(kernel);
}

/* What the programs name is found in what objects are opened with. */
static void test_the_file_has_the_programs_types(void **state)
{
	struct btf *kernel = btf__new_empty(), *read;
	struct kernel_types types;

	(void)state;
	btf__add_struct(kernel, "task_struct", 64);
	btf__add_struct(kernel, "something_else", 8);
	kernel_types_open(&types, kernel);
	assert_true(types.fd >= 0);
	read = btf__parse(types.open.btf_custom_path, NULL);
	assert_true(has(read, "task_struct", BTF_KIND_STRUCT));
	assert_false(has(read, "something_else", BTF_KIND_STRUCT));
	kernel_types_close(&types);
	btf__free(read);
	btf__free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_structure_with_all_that_it_consists_of),
		cmocka_unit_test(test_what_is_pointed_to_is_left_out),
		cmocka_unit_test(test_an_enumeration_with_its_values),
		cmocka_unit_test(test_the_file_has_the_programs_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
