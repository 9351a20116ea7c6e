# SPDX-License-Identifier: GPL-2.0-or-later

# CONTOP_BPF: the compiler for BPF objects, bpftool for their skeletons.
AC_DEFUN([CONTOP_BPF], [
	AC_REQUIRE([AC_CANONICAL_HOST])
	AC_ARG_VAR([BPF_CLANG], [clang that compiles the BPF programs])
	AC_ARG_VAR([BPFTOOL], [bpftool that generates their skeletons])
	AC_PATH_PROGS([BPF_CLANG], [clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14])
	AS_IF([test -z "$BPF_CLANG"], [AC_MSG_ERROR([clang not found: it compiles the BPF programs])])
	# Debian keeps bpftool in /usr/sbin, which is not in everybody's PATH.
	AC_PATH_PROG([BPFTOOL], [bpftool], [], [$PATH:/usr/sbin:/sbin])
	AS_IF([test -z "$BPFTOOL"], [AC_MSG_ERROR([bpftool not found: it generates BPF skeletons])])

	AS_CASE([$host_cpu],
		[x86_64], [BPF_ARCH=x86],
		[aarch64], [BPF_ARCH=arm64],
		[AC_MSG_ERROR([contop knows the registers of x86-64 and arm64 only, not of $host_cpu])])
	AC_SUBST([BPF_ARCH])

	# With -target bpf, clang leaves out the directory where Debian keeps asm/types.h.
	AC_MSG_CHECKING([for the headers that the BPF programs need])
	BPF_CPPFLAGS=
	for contop_dir in `$BPF_CLANG -v -E - </dev/null 2>&1 | sed -n '/<...> search starts here:/,/End of search list/ { s/^ //p; }'`; do
		BPF_CPPFLAGS="$BPF_CPPFLAGS -idirafter $contop_dir"
	done
	AC_MSG_RESULT([$BPF_CPPFLAGS])
	AC_SUBST([BPF_CPPFLAGS])
])

# CONTOP_ADD_FLAGS(VARIABLE, FLAGS): those of the flags that the compiler and linker take.
AC_DEFUN([CONTOP_ADD_FLAGS], [
	contop_saved_cflags=$CFLAGS
	for contop_flag in m4_normalize([$2]); do
		AC_MSG_CHECKING([whether $CC takes $contop_flag])
		# clang only warns of a warning that it does not know.
		CFLAGS="$contop_saved_cflags -Werror $contop_flag"
		# The header is where _FORTIFY_SOURCE is looked at.
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdlib.h>]], [])],
			[AC_MSG_RESULT([yes]); $1="$$1 $contop_flag"],
			[AC_MSG_RESULT([no])])
	done
	CFLAGS=$contop_saved_cflags
	AC_SUBST([$1])
])

# CONTOP_LIBBPF(VERSION, FUNCTION): libbpf by pkg-config, or as it is found without, by a
# function that came with that version; shared, or --with-static-libbpf.
AC_DEFUN([CONTOP_LIBBPF], [
	AC_ARG_WITH([static-libbpf],
		[AS_HELP_STRING([--with-static-libbpf], [link with libbpf.a, not with the shared library])])
	PKG_CHECK_MODULES([LIBBPF], [libbpf >= $1], [], [
		AC_CHECK_HEADER([bpf/libbpf.h], [], [AC_MSG_ERROR([libbpf not found: install libbpf-dev])])
		AC_CHECK_LIB([bpf], [$2], [LIBBPF_LIBS="-lbpf -lelf -lz"],
			[AC_MSG_ERROR([libbpf is older than $1])], [-lelf -lz])
	])
	AS_IF([test "x$with_static_libbpf" = xyes], [
		contop_saved_libs=$LIBS
		contop_paths=
		for contop_word in $LIBBPF_LIBS; do
			AS_CASE([$contop_word], [-L*], [contop_paths="$contop_paths $contop_word"])
		done
		LIBBPF_LIBS="$contop_paths -Wl,-Bstatic -lbpf -Wl,-Bdynamic -lelf -lz"
		LIBS="$LIBBPF_LIBS $LIBS"
		AC_MSG_CHECKING([for libbpf.a])
		AC_LINK_IFELSE([AC_LANG_CALL([], [$2])], [AC_MSG_RESULT([yes])],
			[AC_MSG_RESULT([no])
			 AC_MSG_ERROR([libbpf.a, or libelf or zlib that it needs, not found])])
		LIBS=$contop_saved_libs
	])
])
