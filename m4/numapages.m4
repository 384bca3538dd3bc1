# SPDX-License-Identifier: GPL-2.0-or-later

# NUMAPAGES_TRY_FLAG(VARIABLE, FLAG, compile|link)
# ------------------------------------------------
# Append FLAG to VARIABLE when the compiler takes it without a warning.
AC_DEFUN([NUMAPAGES_TRY_FLAG], [
  AS_VAR_PUSHDEF([cache], [numapages_cv_$3_$2])
  AC_CACHE_CHECK([whether $CC takes $2], [cache], [
    numapages_saved_flags=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    m4_if([$3], [link], [AC_LINK_IFELSE], [AC_COMPILE_IFELSE])(
      [AC_LANG_PROGRAM([[#include <string.h>]])],
      [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$numapages_saved_flags
  ])
  AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
  AS_VAR_POPDEF([cache])
])

# NUMAPAGES_FLAGS(VARIABLE, compile|link, FLAG...)
# ------------------------------------------------
AC_DEFUN([NUMAPAGES_FLAGS], [
  m4_foreach([numapages_flag], m4_dquote(m4_shift2($@)),
    [NUMAPAGES_TRY_FLAG([$1], m4_defn([numapages_flag]), [$2])])
  AC_SUBST([$1])
])

# NUMAPAGES_WARNINGS
# ------------------
# Warnings are always on; --enable-werror makes them errors.
AC_DEFUN([NUMAPAGES_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat warnings as errors])],
    [], [enable_werror=no])
  NUMAPAGES_FLAGS([WARN_CFLAGS], [compile],
    [-Wall], [-Wextra], [-Wshadow], [-Wstrict-prototypes],
    [-Wmissing-prototypes], [-Wformat=2], [-Wwrite-strings], [-Wvla],
    [-Wundef], [-Wpointer-arith], [-Wcast-align])
  AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
])

# NUMAPAGES_SANITIZERS
# --------------------
# What one of them finds ends the program.
AC_DEFUN([NUMAPAGES_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers@<:@=LIST@:>@],
      [build with the sanitizers of the LIST (address,undefined),
       and without hardening])],
    [], [enable_sanitizers=no])
  AS_IF([test "$enable_sanitizers" = yes], [enable_sanitizers=address,undefined])
  AS_IF([test "$enable_sanitizers" != no], [
    SANITIZE_FLAGS="-fsanitize=$enable_sanitizers -fno-sanitize-recover=all"
    SANITIZE_FLAGS="$SANITIZE_FLAGS -fno-omit-frame-pointer"
  ])
  AC_SUBST([SANITIZE_FLAGS])
])

# NUMAPAGES_COVERAGE
# ------------------
# Clang's counts are kept in a file that every process maps: neither signals nor calls that
# fail lose any. They are of whole lines without optimization only: see `make coverage`.
AC_DEFUN([NUMAPAGES_COVERAGE], [
  AC_ARG_ENABLE([coverage],
    [AS_HELP_STRING([--enable-coverage],
      [build with clang to count which lines run, and without hardening])],
    [], [enable_coverage=no])
  AS_IF([test "$enable_coverage" = yes], [
    COVERAGE_FLAGS='-fprofile-instr-generate=$(abs_top_builddir)/counts/%m%c.profraw'
    COVERAGE_FLAGS="$COVERAGE_FLAGS -fcoverage-mapping -fprofile-update=atomic"
    COVERAGE_FLAGS="$COVERAGE_FLAGS -Qunused-arguments -mllvm -runtime-counter-relocation"
  ])
  AC_SUBST([COVERAGE_FLAGS])
])

# NUMAPAGES_HARDENING
# -------------------
# On by default; _FORTIFY_SOURCE hides accesses from the sanitizers, and needs optimization.
AC_DEFUN([NUMAPAGES_HARDENING], [
  AC_ARG_ENABLE([hardening],
    [AS_HELP_STRING([--disable-hardening], [build without hardening flags])],
    [], [enable_hardening=yes])
  AS_IF([test "$enable_hardening$enable_sanitizers$enable_coverage" = yesnono], [
    NUMAPAGES_FLAGS([HARDEN_CFLAGS], [compile],
      [-fstack-protector-strong], [-fstack-clash-protection],
      [-fcf-protection], [-ftrivial-auto-var-init=zero], [-fPIE],
      [-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3])
    NUMAPAGES_FLAGS([HARDEN_LDFLAGS], [link],
      [-pie], [-Wl,-z,relro], [-Wl,-z,now], [-Wl,--as-needed])
  ])
])

# NUMAPAGES_STATIC
# ----------------
# STATIC_LDFLAGS: how the tests' victim is linked, whose pages are moved again and
# again. Its code is its own: moving libraries that every process runs makes an
# emulator translate all of them anew, which takes it seconds.
AC_DEFUN([NUMAPAGES_STATIC], [
  AC_MSG_CHECKING([how to link a program with code of its own])
  numapages_saved_flags=$CFLAGS numapages_saved_libs=$LIBS
  STATIC_LDFLAGS= LIBS=$NUMA_LIBS
  # Not every C library has the start code of -static-pie.
  for numapages_flag in -static-pie -static; do
    CFLAGS="$numapages_saved_flags -fPIE $numapages_flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <numa.h>]],
      [[return numa_available();]])], [STATIC_LDFLAGS=$numapages_flag; break])
  done
  CFLAGS=$numapages_saved_flags LIBS=$numapages_saved_libs
  AC_MSG_RESULT([${STATIC_LDFLAGS:-dynamically}])
  # This hides a message about getaddrinfo(3), but errors, too: "cannot find rcrt1.o".
  AS_IF([test "$STATIC_LDFLAGS"],
    [NUMAPAGES_TRY_FLAG([STATIC_LDFLAGS], [-Wl,--no-warnings], [link])])
  AC_SUBST([STATIC_LDFLAGS])
])

# NUMAPAGES_PROG_TAP_AWK
# ----------------------
# TAP_AWK: an awk that shows each test's result at once. mawk has to be told.
AC_DEFUN([NUMAPAGES_PROG_TAP_AWK], [
  AC_REQUIRE([AC_PROG_AWK])
  TAP_AWK=$AWK
  AS_IF([echo line | $AWK -W interactive '{ exit 0 }' >/dev/null 2>&1],
    [TAP_AWK="$AWK -W interactive"])
  AC_SUBST([TAP_AWK])
])

# NUMAPAGES_NAME(COMMAND)
# -----------------------
# COMMAND_NAME: the name that COMMAND is installed under, for what it says of itself.
AC_DEFUN([NUMAPAGES_NAME], [
  AC_REQUIRE([AC_ARG_PROGRAM])
  # AC_ARG_PROGRAM doubled the dollar signs, for make.
  numapages_transform=$(AS_ECHO(["$program_transform_name"]) | sed 's/\$\$/$/g')
  m4_toupper([$1])_NAME=$(echo $1 | sed "$numapages_transform")
  AC_SUBST(m4_toupper([$1])[_NAME])
  AC_DEFINE_UNQUOTED(m4_toupper([$1])[_NAME], ["$]m4_toupper([$1])[_NAME"],
    [The name that $1 is installed under.])
])

# NUMAPAGES_COMPLETION(SHELL, DIRECTORY)
# --------------------------------------
# --with-SHELL-completion-dir=DIR|no, by default ${datadir}/DIRECTORY.
AC_DEFUN([NUMAPAGES_COMPLETION], [
  AC_ARG_WITH([$1-completion-dir],
    [AS_HELP_STRING([--with-$1-completion-dir=DIR],
      [install $1 completions in DIR (no: nowhere)])],
    [], [with_$1_completion_dir=yes])
  AS_CASE([$with_$1_completion_dir],
    [yes], [$1completiondir='${datadir}/$2'],
    [$1completiondir=$with_$1_completion_dir])
  AC_SUBST([$1completiondir])
  AM_CONDITIONAL(m4_toupper([$1])[_COMPLETION],
    [test "$with_$1_completion_dir" != no])
])
